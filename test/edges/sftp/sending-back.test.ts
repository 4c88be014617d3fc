import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { bytes, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import { answer, MachineAtDoor, refusal, until } from '../../helpers/sftp-test-door.ts';

const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
const name = '/from-machine/O4471.NC';

let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
});
afterEach(() => at.leave());
const { returns } = { returns: () => at.door.returns };

describe('a machine sends a program back', () => {
  it('which the core decides on before the first byte, and hears of when the last is there', async () => {
    const handle = await at.open(name, 'w');
    await at.write(handle, program, 0);
    expect(returns().accepted).toEqual([{ channel: 'sftp', machine: 'MILL-1', name: 'O4471.NC' }]);
    expect(returns().ends).toEqual([]);
    await at.close(handle);
    expect(returns().content().toString()).toBe(program);
    expect(returns().ends).toMatchObject([{ bytes: program.length, complete: true }]);
    expect(returns().openFiles).toBe(0);
  });

  it('in pieces that come in any order', async () => {
    const handle = await at.open(name, 'wx');
    const half = program.length >> 1;
    await Promise.all([at.write(handle, program.slice(half), half), at.write(handle, program.slice(0, half), 0)]);
    await at.close(handle);
    expect(returns().content().toString()).toBe(program);
    expect(returns().ends).toMatchObject([{ bytes: program.length, complete: true }]);
  });

  it('twice under one name, which makes two files', async () => {
    for (const content of ['G1 X1.', 'G1 X2.']) {
      const handle = await at.open(name, 'w');
      await at.write(handle, content, 0);
      await at.close(handle);
    }
    expect([0, 1].map((number) => returns().content(number).toString())).toEqual(['G1 X1.', 'G1 X2.']);
    expect(new Set(returns().ends.map(({ retrievalId }) => retrievalId)).size).toBe(2);
  });

  it('whose times and rights are taken and mean nothing', async () => {
    const handle = await at.open(name, 'w');
    await at.write(handle, program, 0);
    await answer((done) => at.sftp.fsetstat(handle, { mtime: 1, atime: 1, mode: 0o644 }, done));
    await at.close(handle);
    await answer((done) => at.sftp.setstat(name, { mtime: 1, atime: 1 }, done));
    const cut = await at.open(name, 'w');
    await at.write(cut, program, 0);
    expect((await refusal(answer((done) => at.sftp.fsetstat(cut, { size: 3 }, done)))).code).toBe(3);
    expect((await refusal(answer((done) => at.sftp.setstat(name, { size: 3 }, done)))).code).toBe(3);
    await answer((done) => at.sftp.fsetstat(cut, { size: program.length }, done));
  });

  it.each([
    ['in another folder', '/current/O4471.NC'],
    ['in a folder of it', '/from-machine/different/O4471.NC'],
    ['as the folder', '/from-machine'],
  ])('only into the folder for it, not %s', async (_what, path) => {
    expect((await refusal(at.open(path, 'w'))).code).toBe(3);
    expect(returns().accepted).toEqual([]);
  });

  it.each(['a', 'r+', 'w+'] as const)('whole, and not by opening with %s', async (flags) => {
    expect((await refusal(at.open(name, flags))).code).toBe(3);
    expect(returns().accepted).toEqual([]);
  });
});

describe('a program that does not come back whole', () => {
  it('because a part of it is missing is refused at its end, and is no readback', async () => {
    const handle = await at.open(name, 'w');
    await at.write(handle, 'G1 X1.', 0);
    await at.write(handle, 'M30', 10);
    expect((await refusal(at.close(handle))).message).toBe('request-invalid: Not kept: only 9 of 13 bytes were sent.');
    expect(returns().ends).toMatchObject([{ bytes: 9, complete: false, reason: 'only 9 of 13 bytes were sent' }]);
  });

  it('because it is empty is refused at its end', async () => {
    const handle = await at.open(name, 'w');
    expect((await refusal(at.close(handle))).message).toBe('request-invalid: Not kept: the file was empty.');
    expect(returns().ends).toMatchObject([{ bytes: 0, complete: false }]);
  });

  it('because the connection broke has failed, and says how far it got', async () => {
    const handle = await at.open(name, 'w');
    await at.write(handle, program, 0);
    at.client.destroy();
    await until(() => returns().ends.length === 1, 'the end of the retrieval');
    expect(returns().ends).toMatchObject([
      { bytes: program.length, complete: false, reason: `the connection closed after ${program.length} bytes` },
    ]);
  });

  it('because the disk is full says so at once, and again at its end', async () => {
    const handle = await at.open(name, 'w');
    returns().writeError = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const full = 'storage-full: The gateway has no room left for this file; nothing of it was kept.';
    expect((await refusal(at.write(handle, program, 0))).message).toBe(full);
    expect((await refusal(at.close(handle))).message).toBe(full);
    expect(returns().ends).toMatchObject([{ complete: false, reason: full }]);
  });

  it('because the core cannot keep it is told so where clients look: when it is closed', async () => {
    returns().arrivedRefusal = new DomainError('ledger-unavailable', 'Nothing can be recorded.');
    const handle = await at.open(name, 'w');
    await at.write(handle, program, 0);
    expect((await refusal(at.close(handle))).message).toBe('ledger-unavailable: Nothing can be recorded.');
  });

  it('because it may not come is refused before its first byte', async () => {
    returns().acceptRefusal = new DomainError('policy-denied', 'The machine is suspended.');
    expect((await refusal(at.open(name, 'w'))).message).toBe('policy-denied: The machine is suspended.');
  });

  it('because it is larger than any program is refused where it grows too large', async () => {
    const raw = await RawSftp.open(at.client);
    const handle = (await raw.request(3, bytes(name), uint32(0x1a), uint32(0))).body.subarray(4);
    const { status, message } = statusOf(await raw.request(6, bytes(handle), uint64(1024n ** 3n), bytes('G')));
    expect([status, message]).toEqual([4, expect.stringMatching(/^too-large: /)]);
    expect(statusOf(await raw.request(4, bytes(handle))).message).toMatch(/^too-large: /);
  });
});
