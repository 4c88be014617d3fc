import { execFileSync } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/changes.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { MachineId } from '../../src/domain/ids.ts';
import type { Person, PersonKey, PersonRole } from '../../src/domain/people.ts';
import { Policy } from '../../src/policy/decide.ts';
import { Authority } from '../../src/services/authority.ts';
import { ChangeService } from '../../src/services/changes.ts';
import type { Asker } from '../../src/services/principals.ts';
import { keyIdOf, publicPem } from '../../src/signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { signChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { policyFolder } from '../policy/cases.ts';

const keys = makeTestKeys();
const [one, two] = keys.administrators.map(({ key }) => key) as [SigningKey, SigningKey];
const nowMs = 1_800_000_000_000;
const time = new Date(nowMs).toISOString();
const week = new Date(nowMs + 7 * 24 * 60 * 60 * 1000).toISOString();
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const policy = Policy.load(policyFolder);

let place: ReturnType<typeof temporaryFolder>;
let opened: ReturnType<typeof openTestLedger>;
let changes: ChangeService;
const noRecord = { refused: () => {} };
let clockMs = nowMs;
beforeEach(() => {
  clockMs = nowMs;
  place = temporaryFolder();
  const clock = () => clockMs;
  opened = openTestLedger({ keys, folder: place.folder, clock });
  const { ledger, standing } = opened;
  changes = new ChangeService({
    ledger,
    standing,
    authority: new Authority(policy, standing, clock, noRecord),
    trust: keys.trust,
    clock,
  });
});
afterEach(() => {
  opened.close();
  place.remove();
});

const sign = (change: Change, signers = [one, two], about: object = {}) =>
  signChange(change, signers, { time, validUntil: week, ...about });
const make = async (change: Change, signers = [one, two]) => changes.submit(local, await sign(change, signers));
const enrol = (person: Person): Change => ({ kind: 'person.enrol', person });
const someone = (id: string, roles: PersonRole[], over: Partial<Person> = {}): Person => ({
  ...makePerson(id, roles).person,
  ...over,
});
const refused = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('a change that is handed in', () => {
  it('with two signatures is made at once', async () => {
    expect(await make(enrol(someone('ME-2', ['quality'])))).toMatchObject({ state: 'made', index: 0 });
    expect(opened.standing.person('ME-2')?.person.roles).toEqual(['quality']);
  });

  it('with one signature waits, and the second one makes it', async () => {
    const change = enrol(someone('ME-2', ['quality']));
    const about = { changeId: 'CHG-AAAAAAAAAA' };
    expect(await changes.submit(local, await sign(change, [one], about))).toMatchObject({
      state: 'waiting',
      signers: ['ADMIN-1'],
      needed: 2,
    });
    expect(opened.standing.person('ME-2')).toBeUndefined();
    expect(changes.waiting(local)).toMatchObject([
      { said: { change: { kind: 'person.enrol' } }, signers: ['ADMIN-1'] },
    ]);
    await expect(changes.submit(local, await sign(change, [one], about))).rejects.toThrow(refused('already-counted'));
    expect(await changes.submit(local, await sign(change, [two], about))).toMatchObject({ state: 'made' });
    expect(changes.waiting(local)).toEqual([]);
  });

  it('a second time is refused, also when its first making was undone since', async () => {
    const person = someone('ME-2', ['quality']);
    const envelope = await sign(enrol(person));
    await changes.submit(local, envelope);
    await make({ kind: 'person.off-board', person: person.id }, [one]);
    await expect(changes.submit(local, envelope)).rejects.toThrow(refused('change-used'));
  });

  it('under the id of another one that waits is refused', async () => {
    const about = { changeId: 'CHG-BBBBBBBBBB' };
    await changes.submit(local, await sign(enrol(someone('ME-2', ['quality'])), [one], about));
    await expect(changes.submit(local, await sign(enrol(someone('ME-3', ['quality'])), [two], about))).rejects.toThrow(
      refused('change-used'),
    );
  });

  it('waits for a week and no longer', async () => {
    const envelope = await sign(enrol(someone('ME-2', ['quality'])), [one]);
    await changes.submit(local, envelope);
    clockMs = nowMs + 7 * 24 * 60 * 60 * 1000 + 1;
    expect(changes.waiting(local)).toEqual([]);
  });

  it('no longer waits once whoever signed it left', async () => {
    await make(enrol(makePerson('ADM-3', ['administrator']).person));
    const boss = makePerson('ADM-4', ['administrator']);
    await make(enrol(boss.person));
    await changes.submit(local, await sign(enrol(someone('ME-2', ['quality'])), [pemSigningKey(boss.key)]));
    expect(changes.waiting(local)).toHaveLength(1);
    await make({ kind: 'person.off-board', person: boss.person.id }, [one]);
    expect(changes.waiting(local)).toEqual([]);
  });

  it('and was refused by an administrator is not made any more', async () => {
    const envelope = await sign(enrol(someone('ME-2', ['quality'])), [one], { changeId: 'CHG-CCCCCCCCCC' });
    await changes.submit(local, envelope);
    await make({ kind: 'change.refuse', refused: 'CHG-CCCCCCCCCC' as never }, [two]);
    await expect(changes.submit(local, envelope)).rejects.toThrow(refused('change-used'));
  });

  it('is listed to administrators only', async () => {
    const machine: Asker = { ...local, principal: { kind: 'machine', id: 'MILL-1' as MachineId } };
    expect(() => changes.waiting(machine)).toThrow(refused('unauthenticated'));
  });
});

describe('an enrolment is refused', () => {
  beforeEach(async () => {
    await make(enrol(someone('QA-1', ['quality'])));
  });
  const apart: [PersonRole, PersonRole][] = [
    ['administrator', 'programmer'],
    ['administrator', 'manufacturing-engineer'],
    ['administrator', 'quality'],
    ['administrator', 'export-compliance'],
    ['auditor', 'administrator'],
    ['auditor', 'programmer'],
    ['auditor', 'quality'],
  ];
  it.each(apart)('with the duties %s and %s in one hand, and says why', async (a, b) => {
    await expect(make(enrol(someone('BAD-1', [a, b])))).rejects.toThrow(
      refused('duties-conflict', /may not be held by one person: /),
    );
  });

  it.each<[string, () => Person, string]>([
    [
      'of a second id that adds an excluded duty',
      () => someone('BAD-2', ['administrator'], { samePersonAs: 'QA-1' as never }),
      'duties-conflict',
    ],
    ['of an administrator of the trust root as an approver', () => someone('ADMIN-1', ['quality']), 'own-rights'],
    ['of an id that is taken', () => someone('QA-1', ['quality']), 'conflict'],
    ['without a key', () => someone('BAD-3', ['quality'], { keys: [] }), 'request-invalid'],
    [
      'of the same person as a stranger',
      () => someone('BAD-4', ['quality'], { samePersonAs: 'NOBODY' as never }),
      'request-invalid',
    ],
    [
      "with somebody else's key",
      () => someone('BAD-5', ['quality'], { keys: opened.standing.person('QA-1')?.person.keys ?? [] }),
      'conflict',
    ],
    [
      "with an administrator's key",
      () =>
        someone('BAD-6', ['quality'], { keys: [{ assurance: 'file', keyId: one.keyId, publicKey: one.publicKey }] }),
      'conflict',
    ],
    [
      'with a key under another name',
      () =>
        someone('BAD-7', ['quality'], {
          keys: [
            {
              assurance: 'file',
              keyId: `sha256:${'0'.repeat(64)}`,
              publicKey: makePerson('X', ['quality']).person.keys[0]?.publicKey ?? '',
            },
          ],
        }),
      'request-invalid',
    ],
  ])('%s', async (_what, person, code) => {
    await expect(make(enrol(person()))).rejects.toThrow(refused(code));
  });

  it('of somebody who left, under the same id or with the same key', async () => {
    const gone = opened.standing.person('QA-1')?.person as Person;
    await make({ kind: 'person.off-board', person: gone.id }, [two]);
    await expect(make(enrol(someone('QA-1', ['quality'])))).rejects.toThrow(refused('conflict'));
    await expect(make(enrol({ ...gone, id: 'QA-2' as never }))).rejects.toThrow(refused('conflict'));
  });
});

describe('a change of roles', () => {
  it('may not bring together, over two ids of one person, what must be apart', async () => {
    await make(enrol(someone('QA-1', ['quality'])));
    await make(enrol(someone('QA-1B', ['programmer'], { samePersonAs: 'QA-1' as never })));
    const change: Change = {
      kind: 'person.change',
      person: 'QA-1B' as never,
      facts: { name: 'Q', roles: ['auditor'], samePersonAs: 'QA-1' as never },
    };
    await expect(make(change)).rejects.toThrow(refused('duties-conflict'));
  });

  it('may not hide that two ids are one person by pointing in a row or a circle', async () => {
    await make(enrol(someone('A', ['quality'])));
    await make(enrol(someone('B', ['quality'], { samePersonAs: 'A' as never })));
    await make(enrol(someone('C', ['quality'])));
    const same = (person: string, samePersonAs: string): Change => ({
      kind: 'person.change',
      person: person as never,
      facts: { name: 'N', roles: ['quality'], samePersonAs: samePersonAs as never },
    });
    for (const change of [same('A', 'C'), same('C', 'B'), same('C', 'C')])
      await expect(make(change)).rejects.toThrow(refused('request-invalid', /first id/));
  });
});

it('the highest count that a passkey has shown is remembered from the ledger', async () => {
  const { standing, ledger } = opened;
  const person = someone('QA-1', ['quality']);
  await make(enrol(person));
  const webauthn = { authenticatorData: Buffer.alloc(37, 1).toString('base64'), clientDataJSON: '' };
  const keyid = person.keys[0]?.keyId ?? '';
  const envelope = { ...(await sign(enrol(person))), signatures: [{ keyid, sig: '', webauthn }] };
  const data = { changeId: 'CHG-DDDDDDDDDD' as never, reason: 'Counted.', authorisation: envelope };
  await ledger.commit(() => ({ events: [makeEvent('change.proposed', local.principal, data)], result: undefined }));
  expect(standing.counter(keyid)).toBe(0x01010101);
});

describe('the certificate of a card', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const file = (name: string) => join(folder.folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const pem = (name: string) => readFileSync(file(name), 'utf8').replace(/^[^-]*/, '');
  const caExtensions = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  const authority = (name: string) =>
    openssl(
      'req',
      '-x509',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      file(`${name}.key`),
      '-subj',
      `/CN=${name}`,
      '-days',
      '3650',
      ...caExtensions,
      '-out',
      file(`${name}.crt`),
    );
  const issue = (name: string, by: string, days: string, ...extensions: string[]) =>
    openssl(
      'req',
      '-x509',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      file(`${name}.key`),
      '-subj',
      `/CN=${name}`,
      '-CA',
      file(`${by}.crt`),
      '-CAkey',
      file(`${by}.key`),
      '-days',
      days,
      ...extensions,
      '-out',
      file(`${name}.crt`),
    );
  const card = (name: string, ...more: string[]): PersonKey => {
    const key = createPublicKey(pem(`${name}.crt`));
    return {
      assurance: 'token',
      keyId: keyIdOf(key),
      publicKey: publicPem(key),
      certificates: [name, ...more].map((n) => pem(`${n}.crt`)),
    };
  };
  beforeAll(() => {
    clockMs = Date.now();
    for (const name of ['people-ca', 'other-ca']) authority(name);
    issue('between', 'people-ca', '100', ...caExtensions);
    issue('card', 'people-ca', '100', '-addext', 'basicConstraints=critical,CA:FALSE');
    issue('far-card', 'between', '100');
    issue('foreign', 'other-ca', '100');
    issue('by-a-card', 'card', '100');
    issue('short', 'people-ca', '1');
  });
  const enrolCard = async (key: PersonKey, atMs = Date.now()) => {
    clockMs = atMs;
    const { ledger, standing } = opened;
    const clock = () => clockMs;
    const trust = { ...keys.trust, authoritiesFor: () => [new X509Certificate(pem('people-ca.crt'))] };
    const service = new ChangeService({
      ledger,
      standing,
      authority: new Authority(policy, standing, clock, noRecord),
      trust,
      clock,
    });
    const at = new Date(atMs).toISOString();
    const envelope = await signChange(enrol(someone('CARD-1', ['quality'], { keys: [key] })), [one, two], {
      time: at,
      validUntil: at,
    });
    return service.submit(local, envelope);
  };

  it.each<[string, () => PersonKey]>([
    ['the authority itself', () => card('card')],
    ['one between', () => card('far-card', 'between')],
  ])('under an authority for people is taken, issued by %s', async (_what, key) => {
    expect(await enrolCard(key())).toMatchObject({ state: 'made' });
  });

  it.each<[string, () => PersonKey, RegExp]>([
    ['under another authority', () => card('foreign'), /not issued under an authority/],
    ['without the one between', () => card('far-card'), /not issued under an authority/],
    ['that a card issued', () => card('by-a-card', 'card'), /does not hold together/],
    ['of another key', () => ({ ...card('card'), certificates: [pem('short.crt')] }) as PersonKey, /for another key/],
  ])('%s is refused', async (_what, key, message) => {
    await expect(enrolCard(key())).rejects.toThrow(refused('request-invalid', message));
  });

  it('that has expired is refused', async () => {
    await expect(enrolCard(card('short'), Date.now() + 3 * 24 * 60 * 60 * 1000)).rejects.toThrow(
      refused('request-invalid', /not valid now/),
    );
  });
});
