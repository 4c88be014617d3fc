import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonId } from '../../../src/domain/ids.ts';
import { ChangeAsked, RulesView, StorageView } from '../../../src/edges/http/contract/administration.ts';
import { KeptAnswers } from '../../../src/platform/kept-answers.ts';
import {
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';
import { SoftwareAuthenticator } from '../../helpers/software-authenticator.ts';
import { makePerson } from '../../helpers/test-keys.ts';

let floor: ScreensFloor;
beforeAll(async () => {
  floor = await openScreensFloor();
});
afterAll(() => floor.close());

test('the password of a machine is hashed for an administrator, and for nobody if no door could take it', async () => {
  const hash = (who: Known, chars: number) =>
    floor.ask(who, 'POST', '/machines/password', { password: 'p'.repeat(chars) });
  const { administrator, quality } = floor.people;
  expect((await hash(administrator, 128)).json()).toEqual({ hash: expect.stringMatching(/^\$argon2id\$/) });
  for (const chars of [0, 11, 129])
    expect((await hash(administrator, chars)).json()).toMatchObject({ code: 'request-invalid' });
  expect((await hash(quality, 20)).json()).toMatchObject({ code: 'policy-denied' });
});

describe('an act with an Idempotency-Key', () => {
  const withdraw = (who: Known, id: string, key: string, reason = 'A slip.') =>
    floor.ask(who, 'POST', `/packages/${id}/withdraw`, { reason }, { 'idempotency-key': key });

  test('is done once, and its answer given again to whoever lost it', async () => {
    const { quality, engineer } = floor.people;
    const id = await floor.admitted(sidecarOf('ONCE-1'), { 'ONCE-1.NC': millProgram(1) });
    const first = await withdraw(quality, id, 'key-00000001');
    const size = floor.core.ledger.size;
    const again = await withdraw(quality, id, 'key-00000001');
    expect([first.statusCode, again.statusCode, again.body]).toEqual([200, 200, first.body]);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect(floor.core.ledger.size).toBe(size);
    const other = await withdraw(quality, id, 'key-00000001', 'Another reason.');
    expect(other.json()).toMatchObject({ status: 409, code: 'conflict' });
    const elsewhere = await withdraw(quality, 'PKG-0000000000', 'key-00000001');
    expect(elsewhere.json()).toMatchObject({ status: 409, code: 'conflict' });
    // A key is its asker's own: somebody else's is no answer for them.
    expect((await withdraw(engineer, id, 'key-00000001')).json()).toMatchObject({ code: 'state-forbids' });
  });

  test('that was refused did nothing, and may be asked for again', async () => {
    const { author, quality } = floor.people;
    const id = await floor.admitted(sidecarOf('ONCE-2'), { 'ONCE-2.NC': millProgram(2) });
    expect((await withdraw(author, id, 'key-00000002')).json()).toMatchObject({ code: 'policy-denied' });
    expect((await withdraw(author, id, 'key-00000002')).json()).toMatchObject({ code: 'policy-denied' });
    expect((await withdraw(quality, id, 'short')).json()).toMatchObject({ code: 'request-invalid' });
    expect((await withdraw(quality, id, 'key-00000002')).statusCode).toBe(200);
  });

  test('whose answer shows a secret this once leaves it in no file, and is done anew', async () => {
    const invite = () =>
      floor.ask(floor.people.administrator, 'POST', '/accounts/ADM-9/invite', undefined, {
        'idempotency-key': 'key-00000003',
      });
    const [one, other] = [await invite(), await invite()];
    const tokens = [one, other].map((answer) => (answer.json() as { link: string }).link.split('#')[1] ?? '');
    expect(new Set(tokens.filter(({ length }) => length > 20)).size).toBe(2);
    const kept = readdirSync(floor.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.startsWith('answers.db'))
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
      .join('');
    expect(kept).toContain('key-00000001');
    for (const token of tokens) expect(kept).not.toContain(token);
  });

  test('is not done again where the gateway stopped before it could answer, nor kept longer than a day', () => {
    let now = 1_800_000_000_000;
    const path = join(floor.folder, 'answers-of-this-test.db');
    const before = new KeptAnswers(path, () => now);
    expect(before.begin('person QA-1', 'key-1', 'sha256:a')).toBeUndefined();
    before.close();
    const after = new KeptAnswers(path, () => now);
    expect(() => after.begin('person QA-1', 'key-1', 'sha256:a')).toThrow('look whether it was done');
    now += 24 * 60 * 60 * 1000;
    expect(after.begin('person QA-1', 'key-1', 'sha256:a')).toBeUndefined();
    after.close();
  });
});

describe('a change that two administrators sign by passkey', () => {
  const origin = 'https://localhost:8443';
  const rpId = 'localhost';

  async function administrator(id: string) {
    const known = await floor.enrol(id, ['administrator']);
    const passkey = new SoftwareAuthenticator(id);
    const { publicKey } = (await floor.ask(known, 'POST', '/passkeys/options', { person: id })).json();
    const credential = passkey.register({ challenge: publicKey.challenge, rpId, origin });
    const made = (await floor.ask(known, 'POST', '/passkeys', { person: id, credential })).json();
    await floor.change({ kind: 'person.key-add', person: id as PersonId, key: made.key });
    const sign = async (asked: object) => {
      const answer = await floor.ask(known, 'POST', '/changes/options', asked);
      const { said, payload, publicKey: options } = ChangeAsked.parse(answer.json());
      const signed = passkey.assert({ challenge: options.challenge, rpId, origin });
      const done = await floor.ask(known, 'POST', '/changes/passkey', { payload, credential: signed });
      return { said, answer: done.json<{ state: string; changeId: string }>() };
    };
    return { known, sign };
  }

  test('is made by the second signature over the very statement that the first one signed', async () => {
    const [one, two] = [await administrator('ADM-1'), await administrator('ADM-2')];
    const { person } = makePerson('ME-77', ['manufacturing-engineer'], true);
    const first = await one.sign({ change: { kind: 'person.enrol', person }, reason: 'New engineer.' });
    expect(first.answer).toMatchObject({ state: 'waiting', signers: ['ADM-1'], needed: 2 });
    const { changeId } = first.answer;
    // Whoever administers nothing is not told what waits: it says who is who.
    const peek = await floor.ask(floor.people.quality, 'POST', '/changes/options', { changeId });
    expect(peek.json()).toMatchObject({ code: 'not-found' });
    expect((await one.sign({ changeId })).answer).toMatchObject({ code: 'already-counted' });
    const second = await two.sign({ changeId });
    expect(second.said).toEqual(first.said);
    expect(second.answer).toMatchObject({ state: 'made', changeId });
    expect(floor.standing.person('ME-77')?.person.roles).toEqual(['manufacturing-engineer']);
  });
});

test('an administrator sees what the gateway takes, its witnesses and its rules, and nobody else does', async () => {
  const { administrator, quality } = floor.people;
  const get = (who: Known, url: string) => floor.ask(who, 'GET', url);
  const storage = StorageView.parse((await get(administrator, '/storage')).json());
  expect(storage).toMatchObject({ entries: floor.core.ledger.size, writable: true });
  expect([storage.ledgerBytes > 0, storage.vaultFiles > 0, storage.vaultBytes > 0]).toEqual([true, true, true]);
  const rules = RulesView.parse((await get(administrator, '/policy')).json());
  expect(rules.files.map(({ name }) => name)).toContain('40-export.cedar');
  expect(rules.cases?.filter(({ good }) => !good)).toEqual([]);
  expect((await get(administrator, '/witnesses')).json()).toEqual({ quorum: 0, witnesses: [] });
  for (const url of ['/storage', '/policy'])
    expect([url, (await get(quality, url)).json()]).toMatchObject([url, { code: 'policy-denied' }]);
});
