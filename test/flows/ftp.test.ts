import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { Floor, simpleProgram } from '../helpers/floor.ts';
import { run } from '../helpers/sftp-openssh.ts';

const password = 'a password of 24 letters';
let floor: Floor;

describe.skipIf(!onPath('curl'))('controls that know nothing but FTP', () => {
  beforeAll(async () => {
    floor = await Floor.open('ftp: { port: 0, implicitPort: 0, plaintext: true }\n');
    await floor.crew();
    await floor.ftpMachine('HURCO-02', 'ftps', password);
    await floor.ftpMachine('FANUC-99', 'ftp', password);
    floor.drop('FREE.keyway.json', floor.sidecar('FREE', 'O1001.NC'), { 'O1001.NC': simpleProgram(1001) });
    const controlled = { classification: { jurisdiction: 'EAR', eccn: '9E991' } };
    floor.drop('HELD.keyway.json', floor.sidecar('HELD', 'O1002.NC', controlled), {
      'O1002.NC': simpleProgram(1002),
    });
    for (const name of ['FREE', 'HELD']) await floor.release(await floor.admitted(name));
  });
  afterAll(() => floor.close());

  const curl = (machine: string, path: string, ...args: string[]) =>
    run('curl', [
      '-sS4',
      '-u',
      `${machine}:${password}`,
      ...args,
      `ftp://localhost:${floor.served.ftp?.ports[0]}${path}`,
    ]);
  const overTls = () => ['--ssl-reqd', '--cacert', floor.data('keys', 'ca.crt.pem')];

  it('pull over TLS what is released for them, controlled data too', async () => {
    for (const number of [1001, 1002]) {
      const { code, out } = await curl('HURCO-02', `/current/O${number}.NC`, ...overTls());
      expect({ code, out }).toEqual({ code: 0, out: simpleProgram(number) });
    }
  });

  it('see over clear text only what may pass in clear text: the rest does not exist', async () => {
    expect((await curl('FANUC-99', '/current/')).out).toMatch(/ O1001\.NC\r?\n$/);
    expect((await curl('FANUC-99', '/current/')).out).not.toContain('O1002');
    expect((await curl('FANUC-99', '/current/O1001.NC')).out).toBe(simpleProgram(1001));
    const hidden = await curl('FANUC-99', '/current/O1002.NC');
    const unknown = await curl('FANUC-99', '/current/O9999.NC');
    expect({ code: hidden.code, err: hidden.err }).toEqual({ code: unknown.code, err: unknown.err });
    expect((await curl('FANUC-99', '/current/O1002.NC', ...overTls())).out).toBe(simpleProgram(1002));
  });

  it('that are registered for TLS are not let in without it', async () => {
    expect((await curl('HURCO-02', '/current/')).code).toBe(67);
  });

  it('leave in the ledger by which channel each byte went', async () => {
    await floor.covered();
    const tail = await floor.done('ledger', 'tail', '--count', '200');
    const { entries } = tail.out as { entries: { index: number; type: string }[] };
    const channels = new Set<string>();
    for (const { index, type } of entries) {
      if (type !== 'delivery.started') continue;
      const shown = await floor.done('ledger', 'show', String(index));
      channels.add(/"channel":"(\w+)"/.exec(shown.text)?.[1] ?? shown.text);
    }
    expect([...channels].sort()).toEqual(['ftp', 'ftps']);
  });

  it('leave nowhere in the data folder the password that they log in with', async () => {
    const { out } = await run('grep', ['-rlF', password, floor.data()]);
    expect(out).toBe('');
  });
});
