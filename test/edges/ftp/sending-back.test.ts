import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FtpHand, type FtpTestDoor, openFtpDoor } from '../../helpers/ftp-test-door.ts';
import { until } from '../../helpers/sftp-test-door.ts';

const program = '%\r\nO4471\nG1 X1. F20.\nM30\n%\n';
let door: FtpTestDoor;
let hand: FtpHand;
beforeEach(async () => {
  door = await openFtpDoor();
  hand = await FtpHand.loggedIn(door);
});
afterEach(async () => {
  hand.leave();
  await door.server.close();
});

/** Begins a transfer to the door. */
async function sending(command: string) {
  const data = connect({ port: await hand.passive(), host: '127.0.0.1' });
  data.on('error', () => {});
  await once(data, 'connect');
  return { data, reply: await hand.say(command) };
}

describe('a control that speaks FTP sends a program back', () => {
  it.each([
    ['identical', '226 Kept. It is byte for byte what was delivered.'],
    ['different', '226 Kept. It DIFFERS from what was delivered: quality must look at it.'],
  ] as const)('byte for byte in both types, and is told that it is %s', async (verdict, last) => {
    door.returns.verdict = verdict;
    for (const [at, type] of ['TYPE A', 'TYPE I'].entries()) {
      await hand.say(type);
      const { data, reply } = await sending('STOR /from-machine/O4471.NC');
      expect(reply).toBe('150 Send it.');
      data.end(program);
      expect(await hand.reply()).toBe(last);
      expect(door.returns.content(at).toString()).toBe(program);
    }
    expect(door.returns.accepted.at(0)).toEqual({ channel: 'ftp', machine: 'MILL-1', name: 'O4471.NC' });
    expect(door.returns.ends).toMatchObject([
      { bytes: program.length, complete: true },
      { bytes: program.length, complete: true },
    ]);
  });

  it('from within the folder for it', async () => {
    door.shelf.put(door.machine, 'from-machine/x.nc', 'G1');
    expect(await hand.say('CWD from-machine')).toMatch(/^250 /);
    const { data } = await sending('STOR O4471.NC');
    data.end(program);
    expect(await hand.reply()).toMatch(/^226 /);
  });

  it.each([
    ['STOR /current/O4471.NC', /^550 forbidden: /],
    ['STOR /from-machine', /^550 forbidden: /],
    ['APPE /from-machine/O4471.NC', /^550 forbidden: /],
    ['STOU', /^550 forbidden: /],
    ['DELE /from-machine/O4471.NC', /^550 forbidden: /],
  ])('and in no other way: %s', async (command, refusal) => {
    expect(await hand.say(command)).toMatch(refusal);
    await hand.say('REST 5');
    expect(await hand.say('STOR /from-machine/O4471.NC')).toMatch(/^502 not-supported: /);
    expect(door.returns.accepted).toEqual([]);
  });
});

describe('a program that does not come back whole over FTP', () => {
  it.each([
    ['the data connection breaks', (data: { resetAndDestroy(): void }) => data.resetAndDestroy()],
    ['the machine says ABOR', () => hand.write('ABOR\r\n')],
    [
      'the control is switched off',
      (data: { end(): void }) => {
        data.end();
        hand.leave();
      },
    ],
  ])('because %s has failed', async (_why, breakIt) => {
    const { data } = await sending('STOR /from-machine/O4471.NC');
    data.write(program);
    await until(() => door.returns.content().length === program.length, 'the bytes');
    breakIt(data as never);
    await until(() => door.returns.ends.length === 1, 'the end of the retrieval');
    expect(door.returns.ends).toMatchObject([{ bytes: program.length, complete: false }]);
    expect(door.returns.openFiles).toBe(0);
    data.destroy();
  });

  it('because the disk is full says so by the code that FTP has for it', async () => {
    door.returns.writeError = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const { data } = await sending('STOR /from-machine/O4471.NC');
    data.end(program);
    expect(await hand.reply()).toMatch(/^452 storage-full: /);
    expect(door.returns.ends).toMatchObject([{ complete: false, reason: expect.stringMatching(/^storage-full/) }]);
  });
});
