import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import { answer, MachineAtDoor, refusal, until } from '../../helpers/sftp-test-door.ts';

const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
  at.put('from-machine/before.nc', 'G1');
});
afterEach(() => at.leave());
const returns = () => at.door.returns;

it('a long listing is given whole, in few packets, each as small as every client takes it', async () => {
  const names = Array.from(
    { length: 700 },
    (_, n) => `${String(n).padStart(4, '0')}${n % 2 ? '' : 'é'.repeat(200)}.NC`,
  );
  for (const name of names) at.put(`many/${name}`, 'G1');
  const raw = await RawSftp.open(at.client);
  const handle = (await raw.request(11, bytes('/many'))).body.subarray(4);
  const listed: string[] = [];
  const sizes: number[] = [];
  for (
    let reply = await raw.request(12, bytes(handle));
    reply.type === 104;
    reply = await raw.request(12, bytes(handle))
  ) {
    sizes.push(reply.body.length);
    listed.push(...namesIn(reply.body));
  }
  expect(listed).toEqual(names);
  expect(Math.max(...sizes)).toBeLessThan(34_000);
  expect(sizes.length).toBeLessThan(Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 30_000) + 2);
});

/** Of a NAME reply: each name, its long name, and the attributes of a file. */
function namesIn(body: Buffer): string[] {
  let at = 4;
  const text = () => {
    const from = at + 4;
    at = from + body.readUInt32BE(at);
    return body.toString('utf8', from, at);
  };
  return Array.from({ length: body.readUInt32BE(0) }, () => {
    const name = text();
    expect(text().endsWith(` ${name}`)).toBe(true);
    expect([body.readUInt32BE(at), Number(body.readBigUInt64BE(at + 4))]).toEqual([0xf, 2]);
    at += 32;
    return name;
  });
}

/** Sends a whole file under this name, and closes it. */
async function send(name: string): Promise<void> {
  const handle = await at.open(`/from-machine/${name}`, 'w');
  await at.write(handle, program, 0);
  await at.close(handle);
}
const rename = (from: string, to: string) =>
  answer<void>((done) => at.sftp.rename(`/from-machine/${from}`, `/from-machine/${to}`, done));
const kept = [{ bytes: program.length, complete: true }];

describe('a client that sends a file under another name until it is all there', () => {
  it.each(['O4471.NC.filepart', 'O4471.NC.1a2b3c4d.partial', 'O4471.NC.bicuzoj6.partial'])(
    'such as %s sends the file of its final name, which is at its end when it is renamed',
    async (part) => {
      await send(part);
      expect(returns().accepted).toMatchObject([{ name: 'O4471.NC' }]);
      expect((await at.stat(`/from-machine/${part}`)).size).toBe(program.length);
      expect(returns().ends).toEqual([]);
      await rename(part, 'O4471.NC');
      expect(returns().ends).toMatchObject(kept);
      expect(String(returns().content())).toBe(program);
    },
  );

  it('and says so in the other way clients have for it', async () => {
    const raw = await RawSftp.open(at.client);
    const handle = (await raw.request(3, bytes('/from-machine/a.nc.filepart'), uint32(0x1a), uint32(0))).body.subarray(
      4,
    );
    await raw.request(6, bytes(handle), uint64(0n), bytes(program));
    const paths = [bytes('/from-machine/a.nc.filepart'), bytes('/from-machine/a.nc')];
    // In one go: the renaming finds what was closed just before.
    const [closed, renamed] = await Promise.all([
      raw.request(4, bytes(handle)),
      raw.request(200, bytes('posix-rename@openssh.com'), ...paths),
    ]);
    expect([statusOf(closed).status, statusOf(renamed)]).toEqual([0, { status: 0, message: 'kept' }]);
    expect(returns().ends).toMatchObject(kept);
  });

  it('may not rename it to anything else, nor twice, nor send it twice at once', async () => {
    await send('O4471.NC.filepart');
    expect((await refusal(rename('O4471.NC.filepart', 'O4472.NC'))).code).toBe(3);
    expect((await refusal(at.open('/from-machine/O4471.NC.filepart', 'w'))).message).toMatch(/^conflict: /);
    await rename('O4471.NC.filepart', 'O4471.NC');
    expect((await refusal(rename('O4471.NC.filepart', 'O4471.NC'))).code).toBe(3);
    expect(returns().ends).toMatchObject(kept);
  });

  it('may take it back, or leave: then it has failed, and is told once', async () => {
    await send('O4471.NC.filepart');
    await answer<void>((done) => at.sftp.unlink('/from-machine/O4471.NC.filepart', done));
    expect(returns().ends).toMatchObject([{ complete: false }]);
    await send('O4472.NC.filepart');
    at.client.destroy();
    await until(() => returns().ends.length === 2, 'the end of the second');
    expect(returns().ends[1]).toMatchObject({ complete: false, bytes: program.length });
  });

  it('hears at the renaming that it did not come whole', async () => {
    const handle = await at.open('/from-machine/O4471.NC.filepart', 'w');
    await at.write(handle, program, 10);
    await at.close(handle);
    expect((await refusal(rename('O4471.NC.filepart', 'O4471.NC'))).message).toMatch(
      /^request-invalid: Not kept: only/,
    );
  });

  it('keeps a gateway that stops waiting until it is renamed', async () => {
    await send('O4471.NC.filepart');
    const stopping = at.door.server.close();
    await refusal(at.open('/from-machine/O4472.NC', 'w'));
    await rename('O4471.NC.filepart', 'O4471.NC');
    await stopping;
    expect(returns().ends).toMatchObject(kept);
  });
});

describe('a client that asks for', () => {
  it('a sync of what it sends is told that it is written; only its end makes it count', async () => {
    const handle = await at.open('/from-machine/O4471.NC', 'w');
    await at.write(handle, program, 0);
    await answer<void>((done) => at.sftp.ext_openssh_fsync(handle, done));
    expect(returns().ends).toEqual([]);
    await at.close(handle);
    expect(returns().ends).toMatchObject(kept);
  });

  it('a sync of what it reads is refused', async () => {
    at.put('a.nc', 'abc');
    const handle = await at.open('/a.nc');
    expect((await refusal(answer((done) => at.sftp.ext_openssh_fsync(handle, done)))).code).toBe(4);
  });

  it('room is shown none where it only reads, and that of a file where it may send', async () => {
    at.put('current/a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const room = async (path: string) => {
      const { type, body } = await raw.request(200, bytes('statvfs@openssh.com'), bytes(path));
      const numbers = Array.from({ length: 11 }, (_, number) => Number(body.readBigUInt64BE(8 * number)));
      return { type, length: body.length, numbers };
    };
    const blocks = 1024 ** 3 / 4096;
    const full = [4096, 4096, blocks, 0, 0, 1, 0, 0, 0, 1, 120];
    for (const path of ['/', '/current', '/current/a.nc'])
      expect(await room(path)).toEqual({ type: 201, length: 88, numbers: full });
    const free = [4096, 4096, blocks, blocks, blocks, 1, 1, 1, 0, 0, 120];
    expect((await room('/from-machine')).numbers).toEqual(free);
    expect(statusOf(await raw.request(200, bytes('statvfs@openssh.com'), bytes('/nowhere'))).status).toBe(2);
  });
});
