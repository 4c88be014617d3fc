import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import {
  FtpHand,
  type FtpTestDoor,
  ftpAuthority,
  machinePassword,
  openFtpDoor,
  readAll,
  waitForCall,
} from '../../helpers/ftp-test-door.ts';
import { until } from '../../helpers/sftp-test-door.ts';

let door: FtpTestDoor;
beforeEach(async () => {
  door = await openFtpDoor();
});
afterEach(() => door.server.close());

describe('a control that speaks FTP pulls a released program', () => {
  it('byte for byte in both types, and the delivery is complete', async () => {
    const program = door.shelf.put(door.machine, 'current/O4471.NC', '%\nO4471\r\nG1 X1.\n\r\nM30\n%');
    const hand = await FtpHand.loggedIn(door);
    for (const type of ['TYPE A', 'TYPE I']) {
      expect(await hand.say(type)).toMatch(/^200 /);
      const { bytes, reply } = await hand.get('RETR /current/O4471.NC');
      expect(reply).toBe('226 Done.');
      expect(bytes.equals(program)).toBe(true);
    }
    expect(door.shelf.ends).toMatchObject([
      { bytes: program.length, complete: true },
      { bytes: program.length, complete: true },
    ]);
    expect([...door.shelf.channels]).toEqual(['ftp']);
    hand.leave();
  });

  it('from a place within it after a break, which is no complete delivery', async () => {
    door.shelf.put(door.machine, 'a.nc', '0123456789');
    const hand = await FtpHand.loggedIn(door);
    expect(await hand.say('REST -1')).toMatch(/^501 /);
    expect(await hand.say('REST 7')).toBe('350 The next transfer starts at 7.');
    expect((await hand.get('RETR a.nc', 'REST 7')).bytes.toString()).toBe('789');
    expect((await hand.get('RETR a.nc')).bytes.toString()).toBe('0123456789');
    expect((await hand.get('RETR a.nc', 'REST 11')).reply).toMatch(/^501 request-invalid: /);
    expect(door.shelf.ends).toMatchObject([
      { bytes: 3, complete: false },
      { bytes: 10, complete: true },
      { bytes: 0, complete: false },
    ]);
    hand.leave();
  });

  it('until it is stopped, whether the machine reads on or not', async () => {
    door.shelf.put(door.machine, 'big.nc', Buffer.alloc(64 * 1024 * 1024, 'G'));
    const hand = await FtpHand.loggedIn(door);
    const call = await waitForCall();
    expect(await hand.say(`EPRT |1|127.0.0.1|${call.port}|`)).toBe('200 OK');
    expect(await hand.say('RETR big.nc')).toMatch(/^150 /);
    await until(() => door.shelf.reads > 0, 'the transfer');
    door.shelf.stop(door.shelf.opened[0]?.deliveryId ?? '', 'The machine is suspended.');
    await until(() => door.shelf.ends.length === 1, 'the end of the delivery');
    expect(door.shelf.ends).toMatchObject([{ complete: false, reason: 'policy-denied: The machine is suspended.' }]);
    expect(await hand.reply()).toMatch(/^4\d\d .*The machine is suspended\./);
    expect((await call.bytes.catch(() => Buffer.alloc(0))).length).toBeLessThan(64 * 1024 * 1024);
    call.close();
    hand.leave();
  });

  it('over a connection that the door makes, to the machine itself only', async () => {
    const program = door.shelf.put(door.machine, 'a.nc', 'G1 X1.');
    const hand = await FtpHand.loggedIn(door);
    const call = await waitForCall();
    const port = (at: number) => `${at >> 8},${at & 255}`;
    expect(await hand.say(`PORT 127,0,0,2,${port(call.port)}`)).toMatch(/^550 forbidden: /);
    expect(await hand.say('PORT 127,0,0,1,0,22')).toMatch(/^550 forbidden: /);
    expect(await hand.say(`EPRT |1|192.0.2.1|${call.port}|`)).toMatch(/^550 forbidden: /);
    expect(await hand.say('PORT 1,2,3')).toMatch(/^501 request-invalid: /);
    expect(await hand.say(`EPRT |1|127.0.0.1|${call.port}|`)).toBe('200 OK');
    expect(await hand.say('RETR a.nc')).toMatch(/^150 /);
    expect((await call.bytes).equals(program)).toBe(true);
    expect(await hand.reply()).toBe('226 Done.');
    call.close();
    hand.leave();
  });

  it('over TLS, on a data connection that resumes the session of its control connection', async () => {
    const program = door.shelf.put(door.machine, 'a.nc', 'G1 X1.'.repeat(100_000));
    const hand = await FtpHand.arrive(door.port);
    const control = await hand.startTls();
    await hand.say('USER MILL-1');
    expect(await hand.say(`PASS ${machinePassword}`)).toBe('230 Logged in.');
    expect(await hand.say('PBSZ 0')).toMatch(/^200 /);
    expect(await hand.say('PROT C')).toMatch(/^536 /);
    expect(await hand.say('PROT P')).toMatch(/^200 /);
    const port = await hand.passive();
    hand.write('RETR a.nc\r\n');
    const data = connectTls({
      port,
      host: '127.0.0.1',
      ca: ftpAuthority,
      servername: 'localhost',
      session: control.getSession(),
    });
    expect(await hand.reply()).toMatch(/^150 /);
    expect((await readAll(data)).equals(program)).toBe(true);
    expect(await hand.reply()).toBe('226 Done.');
    expect([...door.shelf.channels]).toEqual(['ftps']);
    hand.leave();
  });

  it('never in clear text beside a control connection in TLS', async () => {
    door.shelf.put(door.machine, 'a.nc', 'G1 X1.');
    const hand = await FtpHand.arrive(door.port);
    // Prepared before there was any TLS.
    await hand.say('USER MILL-1');
    await hand.say(`PASS ${machinePassword}`);
    const port = await hand.passive();
    await hand.startTls();
    const data = connect({ port, host: '127.0.0.1' });
    const coming = readAll(data);
    for (const command of ['RETR a.nc', 'LIST'])
      expect([command, await hand.say(command).then((said) => (said.startsWith('150') ? hand.reply() : said))]).toEqual(
        [command, expect.stringMatching(/^550 forbidden: .*PROT P/)],
      );
    for (const command of ['PASV', 'EPSV', 'PORT 127,0,0,1,200,10', 'EPRT |1|127.0.0.1|51210|'])
      expect([command, await hand.say(command)]).toEqual([command, expect.stringMatching(/^550 forbidden: .*PROT P/)]);
    hand.leave();
    expect((await coming).length).toBe(0);
    expect(door.shelf.ends).toMatchObject([{ bytes: 0, complete: false }]);
  });

  it('by EPSV alone once EPSV ALL was said, and by the network protocol that there is', async () => {
    const hand = await FtpHand.loggedIn(door);
    expect(await hand.say('EPSV 2')).toBe('522 Another network protocol is not served, use (1)');
    expect(await hand.say('EPSV 1')).toMatch(/^229 /);
    expect(await hand.say('EPSV ALL')).toMatch(/^200 /);
    for (const command of ['PASV', 'PORT 127,0,0,1,200,10', 'EPRT |1|127.0.0.1|51210|'])
      expect([command, await hand.say(command)]).toEqual([command, expect.stringMatching(/^503 /)]);
    expect(await hand.say('EPSV')).toMatch(/^229 /);
    hand.leave();
  });

  it('over TLS from the first byte on the implicit port', async () => {
    const socket = connectTls({
      port: door.implicitPort,
      host: '127.0.0.1',
      ca: ftpAuthority,
      servername: 'localhost',
    });
    const [greeting] = await once(socket, 'data');
    expect(String(greeting)).toMatch(/^220 /);
    socket.destroy();
  });
});

describe('a transfer that does not go through', () => {
  const openTransfer = async (hand: FtpHand) => {
    const data = connect({ port: await hand.passive(), host: '127.0.0.1' });
    expect(await hand.say('RETR big.nc')).toMatch(/^150 /);
    return data;
  };

  it.each([
    ['the machine closes the data connection', (data: { destroy(): void }) => data.destroy()],
    [
      'the machine says ABOR',
      (_data: unknown, hand: FtpHand) => hand.write(Buffer.from('\xff\xf4\xff\xf2ABOR\r\n', 'latin1')),
    ],
    ['the control connection breaks', (_data: unknown, hand: FtpHand) => hand.leave()],
  ])('because %s, fails and says how far it got', async (_why, breakIt) => {
    door.shelf.put(door.machine, 'big.nc', Buffer.alloc(64 * 1024 * 1024, 0x41));
    const hand = await FtpHand.loggedIn(door);
    const data = await openTransfer(hand);
    data.once('error', () => {});
    breakIt(data, hand);
    await until(() => door.shelf.ends.length === 1, 'the end of the delivery');
    expect(door.shelf.ends).toMatchObject([{ complete: false }]);
    expect(door.shelf.openBlobs).toBe(0);
    data.destroy();
    hand.leave();
  });

  it.each([0, 400_000])(
    'because the stored bytes are not the released ones from byte %i on, sends no byte of what differs',
    async (from) => {
      door.shelf.put(door.machine, 'a.nc', Buffer.alloc(600_000, 'G1 X1.\n'));
      door.shelf.tamperedFrom = from;
      const hand = await FtpHand.loggedIn(door);
      const { bytes, reply } = await hand.get('RETR a.nc');
      expect(bytes.length).toBeLessThanOrEqual(from);
      expect(reply).toMatch(/^451 bytes-differ: /);
      const reason = expect.stringMatching(/^bytes-differ: /);
      expect(door.shelf.ends).toMatchObject([{ bytes: bytes.length, complete: false, reason }]);
      hand.leave();
    },
  );

  it('because it was refused, says the code and the sentence', async () => {
    door.shelf.openRefusal = new DomainError('signer-unavailable', 'The signer is not answering.');
    const hand = await FtpHand.loggedIn(door);
    const { reply } = await hand.get('RETR a.nc');
    expect(reply).toBe('450 signer-unavailable: The signer is not answering.');
    hand.leave();
  });

  it('because a stranger came to the data port: he gets nothing, and the machine still does', async () => {
    door.shelf.put(door.machine, 'a.nc', 'G1 X1.');
    const hand = await FtpHand.loggedIn(door);
    const port = await hand.passive();
    const stranger = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    expect((await readAll(stranger)).length).toBe(0);
    const data = connect({ port, host: '127.0.0.1' });
    const coming = readAll(data);
    await hand.say('RETR a.nc');
    expect((await coming).toString()).toBe('G1 X1.');
    expect(door.lines.some((line) => line.from === '127.0.0.2')).toBe(true);
    hand.leave();
  });

  it('because the data connection did not resume the TLS session of its own control connection', async () => {
    door.shelf.put(door.machine, 'a.nc', 'G1 X1.');
    const other = await FtpHand.arrive(door.port);
    const stolen = (await other.startTls()).getSession();
    const hand = await FtpHand.arrive(door.port);
    await hand.startTls();
    await hand.say('USER MILL-1');
    await hand.say(`PASS ${machinePassword}`);
    await hand.say('PROT P');
    for (const session of [undefined, stolen]) {
      const port = await hand.passive();
      hand.write('RETR a.nc\r\n');
      const data = connectTls({ port, host: '127.0.0.1', ca: ftpAuthority, servername: 'localhost', session });
      expect(await hand.reply()).toMatch(/^150 /);
      expect((await readAll(data)).length).toBe(0);
      expect(await hand.reply()).toMatch(/^550 forbidden: .*resume the TLS session/);
    }
    expect(door.shelf.ends).toMatchObject([{ complete: false }, { complete: false }]);
    other.leave();
    hand.leave();
  });
});

it('a door that is told to stop lets the running transfer end', async () => {
  const program = door.shelf.put(door.machine, 'a.nc', Buffer.alloc(8 * 1024 * 1024, 0x41));
  const hand = await FtpHand.loggedIn(door);
  const data = connect({ port: await hand.passive(), host: '127.0.0.1' });
  data.pause();
  await hand.say('RETR a.nc');
  const stopping = door.server.close();
  const coming = readAll(data);
  data.resume();
  expect((await coming).equals(program)).toBe(true);
  expect(await hand.reply()).toBe('226 Done.');
  expect(await hand.reply()).toMatch(/^421 /);
  await stopping;
  expect(door.shelf.ends).toMatchObject([{ complete: true }]);
});
