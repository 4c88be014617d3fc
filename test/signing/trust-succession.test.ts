import { createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { PersonId } from '../../src/domain/ids.ts';
import { PeopleRegister } from '../../src/domain/people-register.ts';
import { formatVerifierKey } from '../../src/merkle/note.ts';
import { trustToRecord } from '../../src/services/trust-record.ts';
import { keyIdOf, newEd25519Key, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { nextRoot, type RootChange } from '../../src/signing/next-root.ts';
import { parseTrust, type TrustFile } from '../../src/signing/trust.ts';
import type { TrustRoot } from '../../src/signing/trust-root.ts';
import { requireSuccessor } from '../../src/signing/trust-succession.ts';

import { makePerson, makeTestKeys, signedTrust, testOrigin } from '../helpers/test-keys.ts';
import { unsigned } from '../helpers/unsigned.ts';

const keys = makeTestKeys();
const before = keys.trustFile;
const [first, second] = keys.administratorKeys as [KeyObject, KeyObject];
const third = newP256Key();
const hour = 60 * 60 * 1000;
const made = Date.parse(before.root.created) + hour;
const times = { nowMs: made, handoverMs: 24 * hour, expiresMs: made + 300 * 24 * hour };
const taking = { timeMs: made + hour, lastEntryMs: made + hour };
const admin3 = { person: PersonId.parse('ADMIN-3'), keyId: keyIdOf(third), publicKey: publicPem(third) };
const newPair = () => [newEd25519Key(), newP256Key()].map((key) => formatVerifierKey(testOrigin, createPublicKey(key)));

/** Version 2 with this change, and with whatever a forger then writes into it. */
function next(
  change: RootChange,
  edit: (root: TrustRoot) => void = () => {},
  signers: KeyObject[] = [first, second],
): TrustFile {
  const root = structuredClone(nextRoot(before.root, change, times));
  edit(root);
  return signedTrust(root, ...signers);
}
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const following =
  (file: TrustFile, at = taking) =>
  () =>
    requireSuccessor(before, file, at);

describe('the next version of a trust root', () => {
  it('ends keys and begins others, and keeps them all', () => {
    const vkeys = newPair();
    const file = next({ vkeys, addAdministrators: [admin3], removeAdministrators: [PersonId.parse('ADMIN-1')] });
    expect(following(file)).not.toThrow();
    expect(file.root.ledgerKeys.map(({ until }) => until)).toEqual([
      new Date(made + 24 * hour).toISOString(),
      undefined,
    ]);
    expect(file.root.administrators.map(({ person }) => person)).toEqual(['ADMIN-1', 'ADMIN-2', 'ADMIN-3']);
  });

  it('needs a threshold of the administrators before it and of its own', () => {
    const change = { addAdministrators: [admin3] };
    expect(following(next(change, undefined, [first, third]))).toThrow(
      refused('signatures-missing', /1 of the 2 administrators of version 1/),
    );
    expect(following(next(change, undefined, [first]))).toThrow(refused('signatures-missing', /1 of the 2/));
    expect(following(next({ ...change, threshold: 3 }))).toThrow(refused('signatures-missing', /2 of the 3/));
    expect(following(next({ ...change, threshold: 3 }, undefined, [first, second, third]))).not.toThrow();
  });

  it('is not signed by somebody put out of office, however it is dated', () => {
    const out = next({ removeAdministrators: [PersonId.parse('ADMIN-2')], addAdministrators: [admin3] });
    const dated = structuredClone(nextRoot(out.root, {}, { ...times, nowMs: made + 2 * hour }));
    const late = { timeMs: made + 48 * hour, lastEntryMs: made };
    const forged = signedTrust(dated, second, third);
    expect(() => requireSuccessor(out, forged, { ...late, timeMs: made + 3 * hour })).not.toThrow();
    expect(() => requireSuccessor(out, forged, late)).toThrow(refused('signatures-missing', /1 of the 2/));
  });

  const until = new Date(made + 24 * hour).toISOString();
  const revoked = { at: before.root.created, reason: 'Stolen' };
  it.each([
    [
      'leaves a version out',
      (root: TrustRoot) => void Object.assign(root, { version: 3 }),
      /it is version 3 and follows 1/,
    ],
    ['is the same version again', (root: TrustRoot) => void Object.assign(root, { version: 1 }), /it is version 1/],
    [
      'is dated before the one it follows',
      (root: TrustRoot) => void Object.assign(root, { created: '2021-01-01T00:00:00.000Z' }),
      /before/,
    ],
    [
      'is dated ahead',
      (root: TrustRoot) => void Object.assign(root, { created: new Date(made + 5 * hour).toISOString() }),
      /time to come/,
    ],
    [
      'forgets the authority',
      (root: TrustRoot) =>
        void Object.assign(root, { authorities: [{ ...root.authorities[0], name: 'Other' } as never] }),
      /forgets an authority/,
    ],
    [
      'calls a key by another name',
      (root: TrustRoot) => void Object.assign(root.administrators[0] ?? {}, { person: 'ADMIN-9' }),
      /forgets an administrator/,
    ],
    [
      'moves the beginning of a key',
      (root: TrustRoot) => void Object.assign(root.ledgerKeys[0] ?? {}, { from: '2021-01-01T00:00:00.000Z' }),
      /forgets a pair of ledger keys/,
    ],
    [
      'lets a key begin in the past',
      (root: TrustRoot) => void root.administrators.push({ ...admin3, from: before.root.created }),
      /begin before it was made/,
    ],
  ])('is refused where it %s', (_what, edit, message) => {
    expect(following(next({}, edit as (root: TrustRoot) => void))).toThrow(
      refused(expect.anything() as never, message),
    );
  });

  it('never lengthens what ended and never takes a revocation back', () => {
    const ended = next({ vkeys: newPair(), revokeReleaseKey: { keyId: keys.trust.release.keyId, ...revoked } });
    const followed = (edit: (root: TrustRoot) => void) => {
      const root = structuredClone(nextRoot(ended.root, {}, { ...times, nowMs: made + hour }));
      edit(root);
      return () =>
        requireSuccessor(ended, signedTrust(root, first, second), { timeMs: made + 2 * hour, lastEntryMs: made });
    };
    expect(followed(() => {})).not.toThrow();
    const later = new Date(made + 48 * hour).toISOString();
    expect(followed((root) => void Object.assign(root.ledgerKeys[0] ?? {}, { until: later }))).toThrow(
      /lengthens the time/,
    );
    expect(
      followed(
        (root) => void Object.assign(root, { releaseKeys: root.releaseKeys.map(({ revoked: _, ...key }) => key) }),
      ),
    ).toThrow(/takes back/);
    expect(followed((root) => void Object.assign(root.releaseKeys[0]?.revoked ?? {}, { at: until }))).toThrow(
      /takes back/,
    );
  });

  it('ends nothing that the ledger went on with since', () => {
    const file = next({ vkeys: newPair() });
    expect(following(file, { timeMs: made + 25 * hour, lastEntryMs: made + 24 * hour - 1 })).not.toThrow();
    expect(following(file, { timeMs: made + 25 * hour, lastEntryMs: made + 24 * hour })).toThrow(
      refused('conflict', /ends a pair of ledger keys .* make it again with a later end/),
    );
  });
});

describe('a start', () => {
  const register = new PeopleRegister();
  const record = (file: TrustFile, known?: TrustFile, people = register) =>
    trustToRecord(
      parseTrust(file),
      { rules: { trust: known && { ...recorded(known), index: 7 } }, register: people },
      taking,
    );
  const recorded = (file: TrustFile) => {
    const [event] = trustToRecord(parseTrust(file), { rules: { trust: undefined }, register }, taking);
    if (event?.type !== 'trust.changed') throw new Error('nothing was recorded');
    return event.data;
  };
  const second2 = next({ addAdministrators: [admin3] });

  it('records the whole text of the first version, nothing of one that is known, and the next', () => {
    const { version, root, file } = recorded(before);
    expect({ version, root }).toEqual({ version: 1, root: keys.trust.digest });
    expect(parseTrust(JSON.parse(file)).digest).toBe(keys.trust.digest);
    expect(record(before, before)).toEqual([]);
    expect(record(second2, before)).toEqual([makeEvent('trust.changed', { kind: 'gateway' }, recorded(second2))]);
  });

  it.each([
    [
      'an older version',
      before,
      second2,
      /is version 1; in force is version 2, which ledger entry 7 holds whole. Put that one back/,
    ],
    [
      'another text of the same version',
      keys.trustFileWith({
        threshold: 2,
        expires: before.root.created.replace(/^\d{4}/, (y) => String(Number(y) + 1)),
      }),
      before,
      /another version 1 .* sign what is to change as version 2/,
    ],
    [
      'a version too far ahead',
      signedTrust(nextRoot(second2.root, {}, { ...times, nowMs: made + 1 }), first, second),
      before,
      /one after the other: start with version 2 first/,
    ],
  ])('is refused with %s, and how to go on is said', (_what, file, known, message) => {
    expect(() => record(file, known)).toThrow(refused('config-invalid', message));
  });

  it('is refused with a next version that breaks a rule of succession, and which to go on with is said', () => {
    expect(() => record(next({ addAdministrators: [admin3] }, undefined, [first, third]), before)).toThrow(
      refused('signatures-missing', /Version 1 is in force, which ledger entry 7 holds whole: put that one back/),
    );
  });

  it('is refused with an administrator who writes programs', () => {
    const { person } = makePerson('ADMIN-3', ['programmer']);
    const enrolled = new PeopleRegister();
    enrolled.apply({
      index: 3,
      time: before.root.created,
      event: makeEvent('person.enrolled', { kind: 'gateway' }, { person, ...unsigned }),
    });
    expect(() => record(second2, before, enrolled)).toThrow(refused('duties-conflict', /names ADMIN-3/));
    expect(record(second2, before)).toHaveLength(1);
  });
});
