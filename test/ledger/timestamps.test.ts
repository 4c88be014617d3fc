import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import type { SignedCheckpoint } from '../../src/ledger/publisher.ts';
import { checkStoredTimestamps, firstStampOver } from '../../src/ledger/stored-timestamps.ts';
import { requireTimestampAuthority, timestampClient } from '../../src/ledger/timestamp-client.ts';
import { Timestamps, type TimestampsParts } from '../../src/ledger/timestamps.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { timestampRequest } from '../../src/signing/timestamp-token.ts';
import { onPath } from '../debian-packages.ts';
import { until } from '../helpers/floor.ts';
import { type Issued, OpensslPki } from '../helpers/openssl-pki.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { countingRandom, openTestLedger, someEvent } from '../helpers/test-ledger.ts';
import { TestTsa } from '../helpers/tsa.ts';

const keys = makeTestKeys();
const hour = 3_600_000;
let pki: OpensslPki;
let root: Issued;
let tsa: TestTsa;
let url: string;
beforeAll(async () => {
  pki = new OpensslPki();
  root = pki.issue('TSA root', { usage: 'authority' });
  tsa = new TestTsa(pki, pki.issue('TSA', { usage: 'stamper', issuer: root }));
  url = await tsa.start();
});
afterAll(async () => {
  await tsa.stop();
  pki.remove();
});

let place: ReturnType<typeof temporaryFolder>;
let said: { level: number; msg: string; why?: string }[];
let closing: (() => void)[];
/** Our clock stands still where a test began, moved by this. */
let ahead: number;
let begun: number;
const clock = () => begun + ahead;
const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });
const alarms = () => said.filter(({ level }) => level >= 50);
beforeEach(() => {
  place = temporaryFolder();
  [said, closing, ahead, begun] = [[], [], 0, Date.now()];
  tsa.asked = 0;
  tsa.instead = undefined;
});
afterEach(() => {
  for (const close of closing.reverse()) close();
  place.remove();
});

const otherRequest = timestampRequest({ digest: digestOf('other'), nonce: Buffer.from('41', 'hex') });
const authoritiesAt = () => [root.x509];
const judge = () => ({ authoritiesAt, latestMs: clock() + limits.timestampClockMs });

function open(more: Partial<TimestampsParts> = {}, policy?: string) {
  let offer: (checkpoint: SignedCheckpoint) => void = () => {};
  const { folder } = place;
  const at = openTestLedger({ keys, folder, clock, published: { onPublished: (checkpoint) => offer(checkpoint) } });
  const { store, reader } = at;
  const timestamps = new Timestamps({
    ask: timestampClient({ url, policy, authoritiesAt }, { clock, random: countingRandom() }),
    ...{ intervalMs: hour, authoritiesAt, store, reader, clock, log },
    onFatal: (error) => said.push({ level: 60, msg: String(error) }),
    ...more,
  });
  offer = (checkpoint) => timestamps.offer(checkpoint);
  const commit = async (number: number) => {
    await at.ledger.commit(() => ({ events: [someEvent(number)], result: number }));
    await at.publisher.covering(at.ledger.size, 5_000);
  };
  let isOpen = true;
  const close = () => {
    if (isOpen) timestamps.close();
    if (isOpen) at.close();
    isOpen = false;
  };
  closing.push(close);
  const stamped = (size: number) =>
    until(`a timestamp over ${size}`, async () => (timestamps.status().size >= size ? true : undefined));
  const failed = () => until('a failure', async () => timestamps.status().failing);
  return { ...at, timestamps, commit, close, stamped, failed };
}

describe.skipIf(!onPath('openssl'))('a gateway with a timestamping authority', () => {
  it('has its newest checkpoint stamped, asks again an hour later and not before, and remembers over a restart', async () => {
    const before = open();
    await before.commit(1);
    await before.stamped(1);
    await before.commit(2);
    await before.commit(3);
    expect(before.timestamps.status()).toMatchObject({ size: 1, ageSeconds: 0 });
    expect(tsa.asked).toBe(1);
    before.close();

    ahead = hour - 60_000;
    const at = open({ ask: () => Promise.reject(new Error('it was asked too soon')) });
    at.timestamps.offer(at.publisher.latest ?? expect.fail('no checkpoint'));
    await at.commit(4);
    expect(at.timestamps.status()).toMatchObject({ size: 1 });
    expect(at.timestamps.status().ageSeconds).toBeGreaterThan(3_000);
    expect(at.timestamps.status().failing).toBeUndefined();
    ahead = hour + 60_000;
    await at.commit(5);
    expect(await at.failed()).toContain('too soon');
    at.close();

    ahead = 120_000;
    const later = open({ intervalMs: 1 });
    await later.commit(6);
    await later.stamped(6);
    expect(firstStampOver(later.reader, 0, judge())?.size).toBe(1);
    // One more entry says that our clock went back.
    expect(firstStampOver(later.reader, 1, judge())?.size).toBe(7);
    expect(firstStampOver(later.reader, 7, judge())).toBeUndefined();
    expect(checkStoredTimestamps(later.reader, judge())).toMatchObject({
      good: [{ size: 7 }, { size: 1 }],
      problems: [],
    });
    expect(alarms().map(({ why }) => why)).toEqual(['it was asked too soon']);
  });

  it('goes on without one that is away, with one alarm, and says when it is back', async () => {
    let answers = false;
    const ask = timestampClient({ url, authoritiesAt }, { clock, random: countingRandom() });
    const at = open({ ask: (...about) => (answers ? ask(...about) : Promise.reject(new Error('it does not answer'))) });
    for (let n = 1; n < 4; n += 1) await at.commit(n);
    expect(await at.failed()).toBe('it does not answer');
    expect(at.publisher.latest?.size).toBe(3);
    expect(at.timestamps.status()).toEqual({ size: 0, failing: 'it does not answer' });
    answers = true;
    ahead = 120_000;
    await at.commit(4);
    await at.stamped(4);
    expect(at.timestamps.status().failing).toBeUndefined();
    expect(alarms()).toHaveLength(1);
    expect(said.filter(({ msg }) => msg.includes('timestamped again'))).toHaveLength(1);
  });

  it('is not asked at a stop', async () => {
    const at = open();
    at.timestamps.close();
    await at.commit(1);
    expect(tsa.asked).toBe(0);
  });

  it('is stopped by its own storage, not by the authority', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const store = {
      addTimestamp() {
        throw new Error('EIO');
      },
    };
    const at = open({ store, onFatal: resolve });
    await at.commit(1);
    expect(await promise).toMatchObject({ message: 'EIO' });
    expect(at.timestamps.status().size).toBe(0);
  });

  it.each([
    ['it is over another message', async () => ({ body: await tsa.reply(otherRequest) }), 'over another checkpoint'],
    ['it refuses', async () => ({ status: 503, body: Buffer.from('later') }), 'it refused with 503'],
    ['it sends us elsewhere', async () => ({ status: 307, body: Buffer.alloc(0) }), 'it does not answer'],
    ['it answers something else', async () => ({ type: 'text/html', body: Buffer.from('<html>') }), 'something else'],
    ['it answers without end', async () => ({ body: Buffer.alloc(100_000) }), 'larger than 32768 bytes'],
    ['it answers rubbish', async () => ({ body: Buffer.alloc(100, 48) }), 'does not hold'],
  ])('counts for nothing when %s', async (_what, instead, why) => {
    tsa.instead = instead;
    const at = open();
    await at.commit(1);
    expect(await at.failed()).toContain(why);
    expect(checkStoredTimestamps(at.reader, judge())).toEqual({ good: [], problems: [] });
    await at.commit(2);
    expect(at.publisher.latest?.size).toBe(2);
  });

  it('counts for nothing when its clock is another than ours, or the policy is not the one that was asked for', async () => {
    ahead = -hour;
    const at = open();
    await at.commit(1);
    expect(await at.failed()).toContain('when it cannot have been made');
    at.close();
    ahead = 0;
    const other = open({}, '1.2.3.4.9');
    await other.commit(2);
    expect(await other.failed()).toContain('did not grant');
  });

  it('is found out where a stored answer is changed, moved to another checkpoint or of a stranger', async () => {
    const before = open({ intervalMs: 1 });
    await before.commit(1);
    await before.stamped(1);
    ahead = 60_000;
    await before.commit(2);
    await before.stamped(2);
    before.close();
    const db = new Database(join(place.folder, 'ledger.db'));
    db.exec(
      'DROP TRIGGER timestamps_no_update; UPDATE timestamps SET response = (SELECT response FROM timestamps WHERE size = 2)',
    );
    db.close();
    const at = open({ ask: () => new Promise(() => {}) });
    const { good, problems } = checkStoredTimestamps(at.reader, judge());
    expect(good.map(({ size }) => size)).toEqual([2]);
    expect(problems).toEqual([
      { kind: 'bad-signature', index: 1, message: expect.stringContaining('another checkpoint') },
    ]);
    const stranger = pki.issue('Stranger of time', { usage: 'authority' });
    const strange = checkStoredTimestamps(at.reader, { ...judge(), authoritiesAt: () => [stranger.x509] });
    expect(strange.problems.map(({ message }) => message).join()).toContain('not issued by an authority');
  });

  it('is found out where it says a time before the entries that it is over', async () => {
    ahead = hour;
    const at = open({
      ask: async (message) => {
        const response = await tsa.reply(
          timestampRequest({ digest: digestOf(message), nonce: Buffer.from('41', 'hex') }),
        );
        return { response, stamp: { genTimeMs: begun, policy: '1.2.3.4.1', serial: '01', path: [] } };
      },
    });
    await at.commit(1);
    await at.stamped(1);
    const { good, problems } = checkStoredTimestamps(at.reader, judge());
    expect(good).toEqual([]);
    expect(problems[0]?.message).toContain('when it cannot have been made');
  });

  it('is refused at the start where the trust file names nobody for time', () => {
    expect(() => requireTimestampAuthority({ authoritiesAt: () => [] }, 0)).toThrow(/names no timestamping authority/);
    expect(() => requireTimestampAuthority({ authoritiesAt }, 0)).not.toThrow();
  });
});
