import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { SealedRecords } from '../../../src/platform/sealed-records.ts';
import { LockOut, waitAfter } from '../../../src/services/accounts/lock-out.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';

const seconds = 1_000;
const minutes = 60 * seconds;

test.each([
  [1, 0],
  [4, 0],
  [5, 30 * seconds],
  [6, 60 * seconds],
  [7, 2 * minutes],
  [8, 4 * minutes],
  [9, 8 * minutes],
  [10, 15 * minutes],
  [99, 15 * minutes],
])('after %i failures in a row the next try waits %i ms', (failures, wait) => {
  expect(waitAfter(failures, limits.signInFailuresPerAccount)).toBe(wait);
});

describe('guessing', () => {
  let place: ReturnType<typeof temporaryFolder>;
  let records: SealedRecords;
  let now = 1_800_000_000_000;
  let lockOut: LockOut;
  beforeEach(() => {
    now = 1_800_000_000_000;
    place = temporaryFolder();
    records = new SealedRecords(join(place.folder, 'accounts.db'), createSecretKey(Buffer.alloc(32, 1)));
    lockOut = new LockOut(records, () => now);
  });
  afterEach(() => {
    records.close();
    place.remove();
  });
  const lockedOut = (wait: number) => expect.objectContaining({ code: 'locked-out', seconds: wait });
  /** From an address of its own each time, so that only the name counts. */
  const guess = (name: string, from = '10.0.0.1') => lockOut.begin(name, from);
  let address = 0;
  const elsewhere = () => `10.1.${Math.floor(address++ / 250)}.${address % 250}`;

  it('at one name waits longer each time, over a restart too, and a right one makes it forget', () => {
    for (let at = 1; at < 5; at++) expect(guess('ME-2').account).toBeUndefined();
    expect(guess('ME-2').account).toEqual({ failures: 5, untilMs: now + 30 * seconds });
    expect(() => guess('ME-2')).toThrow(lockedOut(30));
    lockOut = new LockOut(records, () => now);
    expect(() => guess('ME-2')).toThrow(lockedOut(30));
    expect(lockOut.lockedUntil('ME-2')).toBe(now + 30 * seconds);
    now += 30 * seconds;
    // Said once for a burst; the wait goes on growing.
    expect(guess('ME-2').account).toBeUndefined();
    expect(() => guess('ME-2')).toThrow(lockedOut(60));
    now += 60 * seconds;
    guess('ME-2').succeeded();
    for (let at = 1; at < 5; at++) guess('ME-2');
    expect(lockOut.lockedUntil('ME-2')).toBeUndefined();
  });

  it('many times at once counts each time', () => {
    const tries = Array.from({ length: 5 }, () => guess('ME-2'));
    expect(tries.at(-1)?.account?.failures).toBe(5);
    expect(() => guess('ME-2')).toThrow(lockedOut(30));
  });

  it('treats a name that nobody has as any other', () => {
    for (let at = 0; at < 5; at++) guess('NOBODY');
    expect(() => guess('NOBODY')).toThrow(lockedOut(30));
    expect(() => guess('ME-2')).not.toThrow();
  });

  it('ends after a hundred failures until somebody invites the person again', () => {
    for (let at = 0; at < limits.signInFailuresInAll - 1; at++) {
      lockOut.begin('ME-2', elsewhere());
      now += limits.signInWaitMaxMs;
    }
    expect(lockOut.begin('ME-2', elsewhere()).account).toEqual({ failures: 100, untilMs: undefined });
    now += 365 * 24 * 60 * minutes;
    expect(() => lockOut.begin('ME-2', elsewhere())).toThrow(/invite you again/);
    expect(lockOut.lockedUntil('ME-2')).toBe(Number.POSITIVE_INFINITY);
    lockOut.clear('ME-2');
    expect(() => lockOut.begin('ME-2', elsewhere())).not.toThrow();
  });

  it('at many names from one address waits too, and a right one among them clears nothing but itself', () => {
    for (let at = 1; at < limits.signInFailuresPerAddress; at++) guess(`P-${at}`);
    guess('OWN').succeeded();
    expect(guess('P-20').address).toBe('10.0.0.1');
    expect(() => guess('P-21')).toThrow(lockedOut(30));
    expect(() => guess('P-21', '10.0.0.2')).not.toThrow();
    now += limits.signInFailuresRememberedMs;
    expect(() => guess('P-22')).not.toThrow();
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ])('%s and %s are one network: %s', (first, second, same) => {
    for (let at = 0; at < limits.signInFailuresPerAddress; at++) guess(`P-${at}`, first);
    const next = () => guess('P-X', second);
    if (same) expect(next).toThrow(lockedOut(30));
    else expect(next).not.toThrow();
  });

  it('at names without end keeps a bounded number of them, and none that is locked for good goes', () => {
    for (let at = 0; at < limits.signInFailuresInAll; at++) {
      lockOut.begin('ME-2', elsewhere());
      now += limits.signInWaitMaxMs;
    }
    for (let at = 0; at < 50; at++)
      records.put('failures', `old-${at}`, { person: '', expires: now + 1 + at }, { count: 1, untilMs: 0 });
    records.makeRoom('failures', 51);
    expect(records.count('failures')).toBe(50);
    expect(() => lockOut.begin('ME-2', elsewhere())).toThrow(/invite you again/);
    now += 100;
    lockOut.begin('ANOTHER', elsewhere());
    expect(records.count('failures')).toBe(2);
  });
});
