import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { MachineAtDoor, openSftp, refusal, until } from '../../helpers/sftp-test-door.ts';

let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
});
afterEach(() => at.leave());

describe('a delivery has exactly one end', () => {
  it('that is not complete when the machine closes early', async () => {
    at.put('a.nc', 'x'.repeat(200));
    const handle = await at.open('/a.nc');
    await at.read(handle, 50, 10);
    await at.read(handle, 50, 10);
    await at.close(handle);
    expect(at.ends()).toEqual([
      {
        deliveryId: at.delivery(),
        bytes: 10,
        complete: false,
        reason: 'the machine closed the file after 10 of 200 bytes',
      },
    ]);
  });

  it('that says how far it got when the connection breaks', async () => {
    at.put('a.nc', 'x'.repeat(200));
    const handle = await at.open('/a.nc');
    await at.read(handle, 0, 10);
    at.client.destroy();
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toEqual([
      { deliveryId: at.delivery(), bytes: 10, complete: false, reason: 'the connection closed after 10 of 200 bytes' },
    ]);
    expect(at.door.shelf.openBlobs).toBe(0);
  });

  it('when it is stopped, at once and with the reason, and not a byte more is sent', async () => {
    at.put('a.nc', 'x'.repeat(200));
    const handle = await at.open('/a.nc');
    await at.read(handle, 0, 10);
    at.door.shelf.stop(at.delivery() ?? '', 'The machine is suspended.');
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toEqual([
      { deliveryId: at.delivery(), bytes: 10, complete: false, reason: 'policy-denied: The machine is suspended.' },
    ]);
    expect(await refusal(at.read(handle, 10, 10))).toBeInstanceOf(Error);
    await at.close(handle);
    expect(at.ends()).toHaveLength(1);
    expect(at.door.shelf.openBlobs).toBe(0);
  });

  it('when the connection breaks while reads are under way', async () => {
    at.put('a.nc', 'x'.repeat(200));
    const gate = Promise.withResolvers<void>();
    at.door.shelf.readGate = gate.promise;
    const handle = await at.open('/a.nc');
    at.read(handle, 0, 200).catch(() => {});
    at.read(handle, 0, 200).catch(() => {});
    await until(() => at.door.shelf.reads === 2, 'the reads');
    at.client.destroy();
    await until(() => at.door.lines.some((line) => line.msg === 'connection closed'), 'the end of the connection');
    expect(at.ends()).toEqual([]);
    gate.resolve();
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toMatchObject([{ bytes: 0, complete: false }]);
  });

  it('when the connection breaks while it is being decided', async () => {
    at.put('a.nc', 'x'.repeat(200));
    const gate = Promise.withResolvers<void>();
    at.door.shelf.openGate = gate.promise;
    at.open('/a.nc').catch(() => {});
    await until(() => at.door.shelf.asked === 1, 'the open');
    at.client.destroy();
    await until(() => at.door.lines.some((line) => line.msg === 'connection closed'), 'the end of the connection');
    gate.resolve();
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toMatchObject([
      { bytes: 0, complete: false, reason: 'the connection closed after 0 of 200 bytes' },
    ]);
  });

  it('when only the channel is closed, and the connection stays', async () => {
    at.put('a.nc', 'x'.repeat(200));
    await at.open('/a.nc');
    at.sftp.end();
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toMatchObject([{ complete: false }]);
    await openSftp(at.client);
  });

  it('when the machine closes twice', async () => {
    at.put('a.nc', 'abc');
    const handle = await at.open('/a.nc');
    await at.close(handle);
    expect((await refusal(at.close(handle))).code).toBe(4);
    expect(at.ends()).toHaveLength(1);
  });

  it('that failed when the stored bytes are not the released ones', async () => {
    at.put('a.nc', 'x'.repeat(100_000));
    at.door.shelf.tamperedFrom = 60_000;
    const handle = await at.open('/a.nc');
    expect((await at.read(handle, 0, 50_000)).length).toBe(50_000);
    const refused = await refusal(at.read(handle, 50_000, 50_000));
    expect([refused.code, refused.message]).toEqual([4, 'bytes-differ: The stored bytes are not the released ones.']);
    // Not even a part that was good before.
    expect((await refusal(at.read(handle, 0, 10))).message).toContain('bytes-differ');
    await at.close(handle);
    expect(at.ends()).toEqual([
      {
        deliveryId: at.delivery(),
        bytes: 50_000,
        complete: false,
        reason: 'bytes-differ: The stored bytes are not the released ones.',
      },
    ]);
  });

  it('that failed even when every byte had been sent before the change was seen', async () => {
    at.put('a.nc', 'abc');
    const handle = await at.open('/a.nc');
    await at.read(handle, 0, 3);
    at.door.shelf.tamperedFrom = 0;
    await refusal(at.read(handle, 0, 3));
    await at.close(handle);
    expect(at.ends()).toMatchObject([{ bytes: 3, complete: false }]);
  });

  it('that failed when the blob cannot be opened; the detail stays in the log', async () => {
    at.put('a.nc', 'abc');
    at.door.shelf.blobMissing = true;
    const refused = await refusal(at.open('/a.nc'));
    expect([refused.code, refused.message.includes('ENOENT')]).toEqual([4, false]);
    expect(at.ends()).toMatchObject([{ bytes: 0, complete: false }]);
    expect(JSON.stringify(at.door.lines)).toContain('ENOENT');
  });

  it('that the machine is told about only when it is recorded', async () => {
    at.put('a.nc', 'abc');
    at.door.shelf.finishRefusal = new DomainError('ledger-unavailable', 'The ledger cannot be written.');
    const handle = await at.open('/a.nc');
    await at.read(handle, 0, 3);
    expect((await refusal(at.close(handle))).message).toBe('ledger-unavailable: The ledger cannot be written.');
    expect(at.ends()).toHaveLength(1);
  });
});
