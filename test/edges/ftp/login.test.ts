import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FtpHand, type FtpTestDoor, machinePassword, openFtpDoor } from '../../helpers/ftp-test-door.ts';
import { until } from '../../helpers/sftp-test-door.ts';

let door: FtpTestDoor;
afterEach(() => door.server.close());

describe('a machine logs in', () => {
  it('with its own name and password, and a wrong name and a wrong password are one answer', async () => {
    door = await openFtpDoor();
    const hand = await FtpHand.arrive(door.port);
    expect(await hand.say('RETR a.nc')).toBe('530 unauthenticated: Log in first.');
    await hand.say('USER MILL-1');
    const wrong = await hand.say('PASS other');
    await hand.say('USER MILL-9');
    expect(await hand.say(`PASS ${machinePassword}`)).toBe(wrong);
    await hand.say('USER MILL-1');
    expect(await hand.say(`PASS ${machinePassword}`)).toBe('230 Logged in.');
    hand.leave();
  });

  it('at most so often on one connection', async () => {
    door = await openFtpDoor({ bounds: { loginAttempts: 2 } });
    const hand = await FtpHand.arrive(door.port);
    await hand.say('USER MILL-1');
    expect(await hand.say('PASS guess')).toMatch(/^530 /);
    await hand.say('USER MILL-1');
    expect(await hand.say('PASS guess')).toMatch(/^421 /);
    await until(() => hand.closed, 'the end of the connection');
  });

  it('over TLS only, where the door is set so, before any name is taken', async () => {
    door = await openFtpDoor({ plaintext: false });
    const hand = await FtpHand.arrive(door.port);
    expect(await hand.say('USER MILL-1')).toMatch(/^530 .*AUTH TLS/);
    expect(await hand.say(`PASS ${machinePassword}`)).toMatch(/^503 /);
    await hand.startTls();
    await hand.say('USER MILL-1');
    expect(await hand.say(`PASS ${machinePassword}`)).toBe('230 Logged in.');
    hand.leave();
  });

  it('and what was sent in clear text behind AUTH TLS is never obeyed', async () => {
    door = await openFtpDoor({ bounds: { loginGraceMs: 200 } });
    const hand = await FtpHand.arrive(door.port);
    hand.write(`AUTH TLS\r\nUSER MILL-1\r\nPASS ${machinePassword}\r\n`);
    expect(await hand.reply()).toMatch(/^234 /);
    await until(() => hand.closed, 'the end of the connection');
    expect(door.shelf.identified).toEqual([]);
  });
});

describe('a machine whose password was changed while it is inside', () => {
  it('is out at once, and what was under way both ways failed for that reason', async () => {
    door = await openFtpDoor();
    door.shelf.put(door.machine, 'big.nc', Buffer.alloc(16 * 1024 * 1024, 'G'));
    const [pulling, sending, idle] = [1, 2, 3].map(() => FtpHand.loggedIn(door));
    const hands = await Promise.all([pulling, sending, idle]);
    const ports = await Promise.all(hands.map((hand) => hand?.passive()));
    const data = ports.map((port) => connect({ port: port ?? 0, host: '127.0.0.1' }).on('error', () => {}));
    await Promise.all(data.map((socket) => once(socket, 'connect')));
    expect(await hands[0]?.say('RETR big.nc')).toMatch(/^150 /);
    expect(await hands[1]?.say('STOR /from-machine/a.nc')).toMatch(/^150 /);
    data[1]?.write('G1 X1.');
    await until(() => door.shelf.reads > 0 && door.returns.content().length === 6, 'both transfers');
    door.shelf.strike('MILL-1');
    door.server.review(new Set([door.machine]));
    await until(() => hands.every((hand) => hand?.closed), 'the end of the three connections');
    await until(() => door.shelf.ends.length + door.returns.ends.length === 2, 'both ends');
    const reason = expect.stringContaining('lets nobody in any more');
    expect(door.shelf.ends).toMatchObject([{ complete: false, reason }]);
    expect(door.returns.ends).toMatchObject([{ complete: false, reason }]);
    for (const socket of data) socket.destroy();
  });

  it('stays where it changed in another way', async () => {
    door = await openFtpDoor();
    const hand = await FtpHand.loggedIn(door);
    door.server.review(new Set([door.machine]));
    await until(() => door.shelf.identified.length === 2, 'the question');
    expect(await hand.say('PWD')).toMatch(/^257 /);
    hand.leave();
  });
});

describe('a hostile client', () => {
  it.each([
    ['a line without end', Buffer.alloc(10_000, 0x41), /^500 /],
    ['a command outside the set', Buffer.from('SITE EXEC id\r\n'), /^502 /],
    ['an upload', Buffer.from('STOR x\r\n'), /^530 /],
    ['a burst of commands', Buffer.from('NOOP\r\n'.repeat(200)), /^421 /],
  ])('that sends %s is refused', async (_what, bytes, answer) => {
    door = await openFtpDoor();
    const hand = await FtpHand.arrive(door.port);
    hand.write(bytes);
    expect(await hand.reply()).toMatch(answer);
    hand.leave();
  });

  it('that changes something is refused after the login too', async () => {
    door = await openFtpDoor();
    const hand = await FtpHand.loggedIn(door);
    for (const command of ['STOR a', 'DELE a', 'MKD a', 'RNFR a', 'APPE a'])
      expect(await hand.say(command)).toMatch(/^550 forbidden: /);
    hand.leave();
  });

  it('that sends nothing loses its place', async () => {
    door = await openFtpDoor({ bounds: { loginGraceMs: 50 } });
    const hand = await FtpHand.arrive(door.port);
    await until(() => hand.closed, 'the end of the connection');
  });

  it.each(['../../etc/passwd', '/current/../../x', 'a\\b', 'a\u0301', 'x'.repeat(300)])(
    'that asks for %s finds nothing',
    async (path) => {
      door = await openFtpDoor();
      door.shelf.put(door.machine, 'current/a.nc', 'x');
      const hand = await FtpHand.loggedIn(door);
      for (const command of ['SIZE', 'MDTM', 'CWD', 'MLST'])
        expect(await hand.say(`${command} ${path}`)).toBe(
          "550 not-found: There is no such file or folder on this machine's shelf.",
        );
      hand.leave();
    },
  );
});

describe('a shelf seen over FTP', () => {
  it('is listed in each of the four ways', async () => {
    door = await openFtpDoor();
    door.shelf.put(door.machine, 'current/O4471.NC', 'G1 X1.');
    const hand = await FtpHand.loggedIn(door);
    const text = async (command: string) => (await hand.get(command)).bytes.toString();
    expect(await text('MLSD /current')).toBe('type=file;size=6;modify=20260301063000;perm=r; O4471.NC\r\n');
    expect(await text('LIST -la /current')).toBe(
      '-r--r--r--   1 keyway   keyway            6 Mar  1 06:30 O4471.NC\r\n',
    );
    expect(await text('NLST /current')).toBe('O4471.NC\r\n');
    expect(await text('NLST')).toBe('current\r\n');
    expect(await hand.say('MLST /current/O4471.NC')).toBe(
      '250-Facts\r\n type=file;size=6;modify=20260301063000;perm=r; /current/O4471.NC\r\n250 End',
    );
    expect(await hand.say('CWD current')).toBe('250 "/current" is the folder.');
    expect(await hand.say('SIZE O4471.NC')).toBe('213 6');
    expect(await hand.say('MDTM O4471.NC')).toBe('213 20260301063000');
    expect(await hand.say('CDUP')).toBe('250 "/" is the folder.');
    expect(await hand.say('PWD')).toBe('257 "/" is the folder.');
    hand.leave();
  });

  it('says what the door can', async () => {
    door = await openFtpDoor();
    const hand = await FtpHand.arrive(door.port);
    expect(await hand.say('FEAT')).toMatch(/^211-Features\r\n AUTH TLS\r\n[\s\S]*REST STREAM[\s\S]*211 End$/);
    hand.leave();
  });

  it('is announced by PASV under the address that a router shows', async () => {
    door = await openFtpDoor({ data: { natAddress: '192.0.2.7' } });
    const hand = await FtpHand.loggedIn(door);
    expect(await hand.say('PASV')).toMatch(/^227 .*\(192,0,2,7,\d+,\d+\)\.$/);
    hand.leave();
  });
});
