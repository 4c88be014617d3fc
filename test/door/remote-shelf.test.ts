import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { askCore, serveDoor } from '../../src/door/remote-shelf.ts';
import { channelPair } from '../../src/platform/child-process.ts';
import { FakeReturns } from '../helpers/fake-returns.ts';
import { FakeShelf } from '../helpers/sftp-fake-shelf.ts';
import { makeKey, refusal, until } from '../helpers/sftp-test-door.ts';

function pair() {
  const near = new FakeShelf();
  const returns = new FakeReturns();
  const channels = channelPair();
  const errors: unknown[] = [];
  const remote = askCore(channels.right);
  serveDoor(channels.left, { shelves: near, returns }, (error) => errors.push(error), remote.stop);
  const key = makeKey().public;
  const machine = near.register('MILL-1', key);
  return { near, returns, far: remote.shelves.through('sftp'), remote, machine, key, errors, close: channels.close };
}

describe('the shelf across processes', () => {
  it('answers as the shelf itself does', async () => {
    const { near, far, machine, key } = pair();
    near.put(machine, '4711/a.nc', 'abc');
    expect(await far.identify('MILL-1', { kind: 'ssh-key', key })).toBe('MILL-1');
    expect(await far.identify('MILL-2', { kind: 'ssh-key', key })).toBeUndefined();
    expect(await far.list(machine, ['4711'])).toEqual(await near.list(machine, ['4711']));
    expect(await far.list(machine, ['4712'])).toBeUndefined();
    expect(await far.stat(machine, ['4711', 'a.nc'])).toMatchObject({ kind: 'file', size: 3 });
    expect(await far.stat(machine, ['nothing'])).toBeUndefined();
    const opened = await far.open(machine, ['4711', 'a.nc']);
    expect(opened.size).toBe(3);
    await far.finish({ deliveryId: opened.deliveryId, bytes: 3, complete: true });
    expect(near.ends).toEqual([{ deliveryId: opened.deliveryId, bytes: 3, complete: true }]);
  });

  it('passes refusals on with code and sentence', async () => {
    const { near, far, machine } = pair();
    near.openRefusal = new DomainError('signer-unavailable', 'The signer is not answering.');
    expect(await refusal(far.open(machine, ['a']))).toMatchObject({
      code: 'signer-unavailable',
      message: 'The signer is not answering.',
    });
  });

  it('takes the end of a delivery once', async () => {
    const { near, far, machine } = pair();
    near.put(machine, 'a.nc', 'abc');
    const { deliveryId } = await far.open(machine, ['a.nc']);
    await far.finish({ deliveryId, bytes: 3, complete: true });
    expect(await refusal(far.finish({ deliveryId, bytes: 3, complete: true }))).toMatchObject({ code: 'conflict' });
    expect(near.ends).toHaveLength(1);
  });

  it('tells the door which delivery may not go on, and no other', async () => {
    const { near, far, machine } = pair();
    near.put(machine, 'a.nc', 'abc');
    const [first, second] = [await far.open(machine, ['a.nc']), await far.open(machine, ['a.nc'])];
    const stopped: string[] = [];
    void far.stopped(first.deliveryId).then((reason) => stopped.push(`first: ${reason}`));
    void far.stopped(second.deliveryId).then((reason) => stopped.push(`second: ${reason}`));
    near.stop(second.deliveryId, 'It was withdrawn.');
    await until(() => stopped.length > 0, 'the stop');
    expect(stopped).toEqual(['second: It was withdrawn.']);
  });

  it('ends what was under way when the door process dies', async () => {
    const { near, far, machine, close } = pair();
    near.put(machine, 'a.nc', 'abc');
    const { deliveryId } = await far.open(machine, ['a.nc']);
    close();
    expect(near.ends).toEqual([
      { deliveryId, bytes: 0, complete: false, reason: 'the door process ended; what the machine got is not known' },
    ]);
    expect(await refusal(far.open(machine, ['a.nc']))).toMatchObject({ code: 'ledger-unavailable' });
  });

  it('ends what was being decided when the door process died', async () => {
    const { near, far, machine, close } = pair();
    near.put(machine, 'a.nc', 'abc');
    const gate = Promise.withResolvers<void>();
    near.openGate = gate.promise;
    far.open(machine, ['a.nc']).catch(() => {});
    await until(() => near.asked === 1, 'the open');
    close();
    gate.resolve();
    await until(() => near.ends.length === 1, 'the end of the delivery');
    expect(near.ends).toMatchObject([{ bytes: 0, complete: false }]);
  });
});

describe('the way back across processes', () => {
  it('answers as the core does, and takes the end of each file once', async () => {
    const { remote, returns, machine } = pair();
    returns.verdict = 'different';
    const arrival = await remote.returns.accept('ftps', machine, 'O4471.NC');
    expect(returns.accepted).toEqual([{ channel: 'ftps', machine, name: 'O4471.NC' }]);
    const end = { retrievalId: arrival.retrievalId, bytes: 3, complete: true };
    expect(await remote.returns.arrived(end)).toBe('different');
    expect(await refusal(remote.returns.arrived(end))).toMatchObject({ code: 'conflict' });
    expect(returns.ends).toEqual([end]);
  });

  it('passes refusals on with code and sentence', async () => {
    const { remote, returns, machine } = pair();
    returns.acceptRefusal = new DomainError('storage-full', 'There is no room left.');
    expect(await refusal(remote.returns.accept('sftp', machine, 'a.nc'))).toMatchObject({ code: 'storage-full' });
  });

  it('ends as failed what was being sent when the door process died', async () => {
    const { remote, returns, machine, close } = pair();
    const { retrievalId } = await remote.returns.accept('sftp', machine, 'a.nc');
    close();
    expect(returns.ends).toEqual([{ retrievalId, bytes: 0, complete: false, reason: 'the door process ended' }]);
  });
});
