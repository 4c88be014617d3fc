import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import type { Target } from '../../src/edges/push/target.ts';
import { around, program } from '../helpers/push-places.ts';
import { type Around, copyRoom, PushRoom } from '../helpers/push-room.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const start = Date.parse('2027-01-15T12:00:00Z');

/** Power that goes off before or after the so-manieth act, and stays off: nothing more is written anywhere. */
class Power {
  readonly acts: string[] = [];
  readonly #offAt: number;
  #isOff = false;
  constructor(offAt: number) {
    this.#offAt = offAt;
  }
  get isOff(): boolean {
    return this.#isOff;
  }
  /** Every act is met twice: before it and after it. */
  readonly around: Around = async (what, act) => {
    this.#meet(`before ${what}`);
    const done = await act();
    this.#meet(`after ${what}`);
    return done;
  };
  #meet(what: string): void {
    if (!this.#isOff && this.acts.push(what) === this.#offAt) this.#isOff = true;
    if (this.#isOff) throw new Error('the power is off');
  }
}

/** How often a program got the name in all lives of the gateway. */
type Named = { times: number };
const watched =
  (power: Power, named: Named) =>
  (target: Target): Target =>
    around(target, {
      list: () => power.around('list', () => target.list()),
      write: (name, bytes) => power.around('write', () => target.write(name, halves(bytes, power))),
      remove: (name) => power.around('remove', () => target.remove(name)),
      rename: (from, to, replace) =>
        power.around('rename', async () => {
          await target.rename(from, to, replace);
          named.times++;
        }),
    });

/** The power may also go off when half of the program is written. */
async function* halves(bytes: AsyncIterable<Buffer>, power: Power): AsyncIterable<Buffer> {
  for await (const part of bytes) {
    const middle = Math.ceil(part.length / 2);
    yield part.subarray(0, middle);
    await power.around('half of the program', async () => {});
    yield part.subarray(middle);
  }
}

const place = temporaryFolder();
const template = join(place.folder, 'template');
beforeAll(async () => {
  mkdirSync(template);
  const room = new PushRoom({ folder: template, clock: () => start });
  await room.release(program);
  await room.close();
});
afterAll(() => place.remove());

type Story = {
  acts: string[];
  /** What was under the name when the power went off, and at the end; beside it at the end. */
  atKill: string | undefined;
  final: string | undefined;
  beside: string[];
  timesNamed: number;
  ended: string[];
  completed: number;
};

/** One life until the power goes off, what the machine does meanwhile, and another life to the end of the queue. */
async function story(offAt: number, { machineTakesIt = false } = {}): Promise<Story> {
  const folder = join(place.folder, `room-${++stories}`);
  copyRoom(template, folder);
  const share = join(folder, 'share');
  const file = join(share, 'O4471.NC');
  const content = () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  const named = { times: 0 };
  const power = new Power(offAt);
  let now = start;
  const clock = () => now;
  const open = (seed: number, of: Power) =>
    new PushRoom({ folder, clock, seed, around: of.around, wrapTarget: watched(of, named) });
  const first = open(2, power);
  await first.register({ folder: share });
  await first.start();
  await first.send().catch(() => {});
  await first.queue.idle();
  const atKill = content();
  await first.close();
  if (machineTakesIt) rmSync(file, { force: true });

  const second = open(3, new Power(0));
  await second.start();
  await second.queue.idle();
  for (let round = 0; round < 3 && [...second.at.standing.sendings.open()].length > 0; round++) {
    now += limits.pushRetryMaxMs;
    second.queue.look();
    await second.queue.idle();
  }
  expect(await second.underWay()).toBe(0);
  expect([...second.at.standing.sendings.open()]).toEqual([]);
  const told: Story = {
    ...{ acts: power.acts, atKill, final: content(), timesNamed: named.times },
    beside: readdirSync(share).filter((name) => name !== 'O4471.NC'),
    ended: second.events('sending.ended').map(({ data }) => data.outcome),
    completed: second.events('delivery.completed').length,
  };
  await second.close();
  rmSync(folder, { recursive: true, force: true });
  return told;
}
let stories = 0;

describe('a gateway that loses its power at any step of a push', () => {
  let acts: string[];
  beforeAll(async () => {
    ({ acts } = await story(0));
  });

  test('leaves the name untouched or whole, and goes on until it is delivered, once', async () => {
    expect(acts).toContain('before half of the program');
    for (const [at, act] of acts.entries()) {
      const told = await story(at + 1);
      expect([undefined, program], `${at} ${act}`).toContain(told.atKill);
      // Asked for on record, or never asked for.
      const wasAsked = at > 0;
      expect(told, `${at} ${act}`).toMatchObject({
        ...{ beside: [], final: wasAsked ? program : undefined, ended: wasAsked ? ['delivered'] : [] },
        ...{ timesNamed: wasAsked ? 1 : 0, completed: wasAsked ? 1 : 0 },
      });
    }
  }, 60_000);

  test('puts it there once also where the machine takes it meanwhile, and says where it does not know', async () => {
    const ends: string[] = [];
    for (let at = acts.indexOf('before rename') - 1; at < acts.length; at++) {
      const told = await story(at + 1, { machineTakesIt: true });
      expect(told.timesNamed, acts[at]).toBeLessThanOrEqual(1);
      expect(told.beside, acts[at]).toEqual([]);
      expect(told.ended, acts[at]).toHaveLength(1);
      ends.push(`${acts[at]}: ${told.ended[0]}`);
    }
    expect(ends.filter((end) => end.endsWith('not-delivered'))).toEqual(
      expect.arrayContaining(['after rename: not-delivered']),
    );
  }, 60_000);
});
