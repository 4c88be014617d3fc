import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import type { PersonId } from '../../src/domain/ids.ts';
import { type PeopleEntry, PeopleRegister } from '../../src/domain/people-register.ts';
import { officeAt, verifiedRegister, verifyChange } from '../../src/signing/change.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { madeChange, signChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, testOrigin } from '../helpers/test-keys.ts';

const keys = makeTestKeys();
const [one, two] = keys.administrators.map(({ key }) => key) as [SigningKey, SigningKey];
const time = '2026-11-25T12:00:00.000Z';
const nowMs = Date.parse(time);
const day = 24 * 60 * 60 * 1000;

const engineer = makePerson('ME-2', ['manufacturing-engineer']);
const boss = makePerson('ADM-3', ['administrator']);
const bossAgain = { ...makePerson('ADM-3B', ['administrator']) };
bossAgain.person.samePersonAs = boss.person.id;
const enrol = (person: typeof engineer.person): Change => ({ kind: 'person.enrol', person });
const id = (text: string) => text as PersonId;

/** Two administrators of the trust root enrolled an engineer, and an administrator with two ids. */
const entries = (await Promise.all(
  [engineer, boss, bossAgain].map(({ person }, at) => madeChange(enrol(person), { keys, index: at + 1, time })),
)) as PeopleEntry[];
const register = verifiedRegister(entries, keys.trust);
const office = officeAt(keys.trust, register, nowMs);
const bossKey = pemSigningKey(boss.key);
const someone = makePerson('NEW-1', ['quality']).person;

const verify = async (
  change: Change,
  signers: SigningKey[],
  about: Partial<Parameters<typeof signChange>[2]> = {},
  at = nowMs,
) => verifyChange(await signChange(change, signers, { time, ...about }), office, at);
const refused = (code: string) => expect.objectContaining({ name: 'DomainError', code });

describe('a change of people', () => {
  it('is complete with two administrators of the trust root, or one of them and one whom they enrolled', async () => {
    expect(await verify(enrol(someone), [one, two])).toMatchObject({ complete: true, signers: ['ADMIN-1', 'ADMIN-2'] });
    expect(await verify(enrol(someone), [one, bossKey])).toMatchObject({
      complete: true,
      signers: ['ADMIN-1', 'ADM-3'],
    });
  });

  it('waits with one signature, where two are needed', async () => {
    expect(await verify(enrol(someone), [two])).toMatchObject({ complete: false, signers: ['ADMIN-2'] });
  });

  it.each<[string, SigningKey[], string]>([
    ['twice by one key', [one, one], 'signature-invalid'],
    ["by one person's two ids", [bossKey, pemSigningKey(bossAgain.key)], 'already-counted'],
    ['by somebody who is no administrator', [one, pemSigningKey(engineer.key)], 'not-administrator'],
    ['by a key of nobody', [one, pemSigningKey(makePerson('X', ['quality']).key)], 'not-administrator'],
  ])('signed %s is refused', async (_what, signers, code) => {
    await expect(verify(enrol(someone), signers)).rejects.toThrow(refused(code));
  });

  it.each<[string, Change]>([
    [
      'changes their own roles',
      { kind: 'person.change', person: boss.person.id, facts: { name: 'B', roles: ['administrator'] } },
    ],
    ['gives themself a key', { kind: 'person.key-add', person: bossAgain.person.id, key: someone.keys[0] as never }],
    ['enrols themself under another id', enrol({ ...someone, samePersonAs: boss.person.id })],
    [
      'makes an id of others theirs',
      {
        kind: 'person.change',
        person: engineer.person.id,
        facts: { name: 'E', roles: ['quality'], samePersonAs: boss.person.id },
      },
    ],
  ])('by which a signer %s is refused', async (_what, change) => {
    await expect(verify(change, [one, bossKey])).rejects.toThrow(refused('own-rights'));
    expect(await verify(change, [one, two])).toMatchObject({ complete: true });
  });

  it.each<[string, Partial<Parameters<typeof signChange>[2]>, number, string]>([
    ['for another ledger', { origin: 'other.example/ledger' }, nowMs, 'statement-mismatch'],
    ['for longer than a week', { validUntil: new Date(nowMs + 7 * day + 1).toISOString() }, nowMs, 'change-expired'],
    ['after its time', { validUntil: new Date(nowMs + day).toISOString() }, nowMs + day + 1, 'change-expired'],
    ['before its time', {}, nowMs - 6 * 60_000, 'change-expired'],
  ])('signed %s is refused', async (_what, about, at, code) => {
    await expect(verify(enrol(someone), [one, two], about, at)).rejects.toThrow(refused(code));
  });

  it('is refused when its bytes, or the digest in it, are of another change', async () => {
    const signed = await signChange(enrol(someone), [one, two], { time });
    const other = await signChange(enrol({ ...someone, roles: ['export-compliance'] }), [one], { time });
    expect(() => verifyChange({ ...signed, payload: other.payload }, office, nowMs)).toThrow(
      refused('signature-invalid'),
    );
  });

  it('that only stops something needs one administrator, or for a key its own person', async () => {
    const keyId = engineer.person.keys[0]?.keyId ?? '';
    const revoke: Change = { kind: 'person.key-revoke', person: engineer.person.id, keyId };
    expect(await verify(revoke, [two])).toMatchObject({ complete: true });
    expect(await verify(revoke, [pemSigningKey(engineer.key)])).toMatchObject({ complete: true, signers: ['ME-2'] });
    expect(await verify({ kind: 'person.off-board', person: engineer.person.id }, [two])).toMatchObject({
      complete: true,
    });
    await expect(verify({ ...revoke, person: boss.person.id }, [pemSigningKey(engineer.key)])).rejects.toThrow(
      refused('not-administrator'),
    );
    await expect(
      verify({ kind: 'person.off-board', person: engineer.person.id }, [pemSigningKey(engineer.key)]),
    ).rejects.toThrow(refused('not-administrator'));
  });
});

describe('the register of people, from entries that others hand over', () => {
  const at = async (change: Change, index: number, signers = [one, two]): Promise<PeopleEntry> => {
    const entry = (await madeChange(change, { keys, index, time })) as PeopleEntry;
    const { changeId, reason } = entry.event.data;
    const authorisation = await signChange(change, signers, { time, changeId, reason });
    return { ...entry, event: { ...entry.event, data: { ...entry.event.data, authorisation } } } as PeopleEntry;
  };
  const lied = (entry: PeopleEntry, data: object): PeopleEntry =>
    ({ ...entry, event: { ...entry.event, data: { ...entry.event.data, ...data } } }) as PeopleEntry;

  it('knows what was in force when somebody signed', async () => {
    const facts = { name: 'ME-2', roles: ['quality' as const] };
    const all = [...entries, await at({ kind: 'person.change', person: engineer.person.id, facts }, 9)];
    const known = verifiedRegister(all, keys.trust);
    expect(known.personAt('ME-2', 1)).toBeUndefined();
    expect(known.personAt('ME-2', 9)?.roles).toEqual(['manufacturing-engineer']);
    expect(known.person('ME-2')?.roles).toEqual(['quality']);
    expect(known.human(id('ADM-3B'))).toBe('ADM-3');
  });

  it.each<[string, () => Promise<PeopleEntry>, string]>([
    ['one signature', () => at(enrol(someone), 9, [one]), 'signatures-missing'],
    [
      'other roles than were signed',
      async () => lied(await at(enrol(someone), 9), { person: { ...someone, roles: ['administrator'] } }),
      'statement-mismatch',
    ],
    [
      'another reason than was signed',
      async () => lied(await at(enrol(someone), 9), { reason: 'Another.' }),
      'statement-mismatch',
    ],
    [
      'another id of the change',
      async () => lied(await at(enrol(someone), 9), { changeId: 'CHG-9999999999' }),
      'statement-mismatch',
    ],
    [
      'the signatures of an administrator who was enrolled later',
      () => at(enrol(someone), 0, [one, bossKey]),
      'not-administrator',
    ],
    ['the signature of somebody who left', async () => at(enrol(someone), 11, [one, bossKey]), 'not-administrator'],
  ])('refuses an enrolment with %s', async (_what, make, code) => {
    const left = await at({ kind: 'person.off-board', person: boss.person.id }, 10, [two]);
    const entry = await make();
    expect(() => verifiedRegister([...entries, left, entry], keys.trust)).toThrow(refused(code));
  });

  it('refuses everybody under a trust root that names other administrators', () => {
    const other = { origin: testOrigin, administratorsAt: makeTestKeys().trust.administratorsAt };
    expect(() => verifiedRegister(entries, other)).toThrow(refused('not-administrator'));
  });

  it('names what lies behind a person: their entries and those of whoever signed for them', async () => {
    const later = await at(enrol(someone), 9, [one, bossKey]);
    const known = new PeopleRegister();
    for (const entry of [...entries, later]) known.apply(entry);
    expect(known.entriesBehind([someone.id])).toEqual([2, 9]);
    expect(known.entriesBehind([engineer.person.id])).toEqual([1]);
  });

  it('ends a key at once, and never gives it to anybody again', async () => {
    const keyId = engineer.person.keys[0]?.keyId ?? '';
    const lost = await at({ kind: 'person.key-revoke', person: engineer.person.id, keyId }, 9, [two]);
    const known = verifiedRegister([...entries, lost], keys.trust);
    expect(known.person('ME-2')?.keys).toEqual([]);
    expect(known.personAt('ME-2', 9)?.keys).toHaveLength(1);
    expect(known.holder(keyId)).toMatchObject({ person: 'ME-2', end: { index: 9 } });
  });
});
