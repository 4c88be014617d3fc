import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DepositId, PersonId } from '../../../src/domain/ids.ts';
import { KeptBack, KeptBackList, WaiverAnswer } from '../../../src/edges/http/contract/deposits.ts';
import { ApprovalAsked, PasskeyMade } from '../../../src/edges/http/contract/passkeys.ts';
import {
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';
import { SoftwareAuthenticator } from '../../helpers/software-authenticator.ts';

const origin = 'https://localhost:8443';
const rpId = 'localhost';
/** Calls programs that are neither in the package nor resident, in lines 4 and 5. */
const calls = (part: number) => `%\nO000${part}\nN10 G20 G90 G17\nN20 M98 P8100\nN25 M98 P8200\nN40 M30\n%\n`;
const rule = 'call-outside-package';

let floor: ScreensFloor;
let engineer: Awaited<ReturnType<typeof withPasskey>>;
let depositId: DepositId;
let stays: DepositId;

beforeAll(async () => {
  floor = await openScreensFloor();
  engineer = await withPasskey(floor.people.engineer);
  ({ depositId } = await floor.deposit(sidecarOf('WAIVE-1'), { 'WAIVE-1.NC': calls(1) }));
  ({ depositId: stays } = await floor.deposit(sidecarOf('STAYS-1'), { 'STAYS-1.NC': calls(5) }));
});
afterAll(() => floor.close());

async function withPasskey(known: Known) {
  const { id } = known.person;
  const passkey = new SoftwareAuthenticator(id);
  const { publicKey } = (await floor.ask(known, 'POST', '/passkeys/options', { person: id })).json();
  const credential = passkey.register({ challenge: publicKey.challenge, rpId, origin });
  const { key } = PasskeyMade.parse((await floor.ask(known, 'POST', '/passkeys', { person: id, credential })).json());
  await floor.change({ kind: 'person.key-add', person: id as PersonId, key });
  const finish = (payload: string, challenge: string, deposit: string) =>
    floor.ask(known, 'POST', `/deposits/${deposit}/waivers/passkey`, {
      ...{ payload, credential: passkey.assert({ challenge, rpId, origin }) },
    });
  return { known, finish };
}

const ask = (over: object = {}, who: Known = floor.people.engineer, deposit: string = depositId) =>
  floor.ask(who, 'POST', `/deposits/${deposit}/waivers/options`, {
    ...{ file: 'WAIVE-1.NC', rule, line: 4, reason: 'The control holds it.' },
    ...over,
  });
const asked = async (over: object) => ApprovalAsked.parse((await ask(over)).json());

describe('a finding that may stand, signed by passkey', () => {
  test('is waived by the very statement that was shown, and the deposit admitted once none is left', async () => {
    const first = await asked({});
    const said = JSON.parse(Buffer.from(first.payload, 'base64').toString()) as { predicate: object };
    expect(said.predicate).toMatchObject({ depositId, person: 'ME-2', role: 'manufacturing-engineer', rule, line: 4 });
    const answer = await engineer.finish(first.payload, first.publicKey.challenge, depositId);
    expect(WaiverAnswer.parse(answer.json())).toMatchObject({
      state: 'rejected',
      reasons: [{ field: 'WAIVE-1.NC:5' }],
    });
    const second = await asked({ line: 5 });
    const done = await engineer.finish(second.payload, second.publicKey.challenge, depositId);
    expect(WaiverAnswer.parse(done.json())).toMatchObject({ state: 'admitted', packageId: expect.any(String) });
  });

  test('is not waived by a signature over something else, nor for another deposit', async () => {
    const { depositId: other } = await floor.deposit(sidecarOf('WAIVE-2'), { 'WAIVE-2.NC': calls(2) });
    const { depositId: third } = await floor.deposit(sidecarOf('WAIVE-3'), { 'WAIVE-3.NC': calls(3) });
    const { payload, publicKey } = ApprovalAsked.parse((await ask({ file: 'WAIVE-2.NC' }, undefined, other)).json());
    const { challenge } = publicKey;
    const code = async (...sent: Parameters<typeof engineer.finish>) =>
      (await engineer.finish(...sent)).json<{ code: string }>().code;
    expect(await code(payload, 'AAAA', other)).toBe('signature-invalid');
    expect(await code(payload, challenge, third)).toBe('statement-mismatch');
    expect(await code(Buffer.from('{}').toString('base64'), challenge, other)).toBe('signature-invalid');
  });

  test('is not even named to whoever may not see what it would become', async () => {
    const label = { classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } };
    const { depositId: secret } = await floor.deposit(sidecarOf('HIDDEN-1', label), { 'HIDDEN-1.NC': calls(4) });
    const about = { file: 'HIDDEN-1.NC' };
    const look = (who: Known, deposit: string) => floor.ask(who, 'GET', `/deposits/${deposit}/waivers`);
    expect(KeptBack.parse((await look(floor.people.engineer, secret)).json())).toMatchObject({
      banner: 'ITAR VIII(h)',
      waivable: [4, 5].map((line) => ({ ...about, rule, line, role: 'manufacturing-engineer' })),
    });
    expect((await ask(about, undefined, secret)).statusCode).toBe(200);
    const { foreign } = floor.people;
    const nowhere = 'DEP-ZZZZZZZZZZ';
    for (const [hidden, unknown] of [
      [await ask(about, foreign, secret), await ask(about, foreign, nowhere)],
      [await look(foreign, secret), await look(foreign, nowhere)],
    ] as const)
      expect([hidden.statusCode, hidden.body]).toEqual([404, unknown.body]);
  });

  test('stands in a list, one of each revision of a job, for whoever may see what it would become', async () => {
    const listed = async (who: Known) =>
      KeptBackList.parse((await floor.ask(who, 'GET', '/deposits/kept-back')).json()).deposits.map(({ part }) => part);
    const before = await listed(floor.people.engineer);
    expect(before).toContain('STAYS-1');
    expect(before).toContain('HIDDEN-1');
    expect(before).not.toContain('WAIVE-1');
    const foreign = await listed(floor.people.foreign);
    expect(foreign).toContain('STAYS-1');
    expect(foreign).not.toContain('HIDDEN-1');
    // What nobody may waive is mended, and waits for no signature.
    await floor.deposit(sidecarOf('FIXED-1'), { 'FIXED-1.NC': '%\nO0007 (A (B)\nM30\n%\n' });
    await floor.deposit(sidecarOf('AGAIN-1'), { 'AGAIN-1.NC': calls(8) });
    await floor.deposit(sidecarOf('AGAIN-1'), { 'AGAIN-1.NC': calls(9) });
    expect(await listed(floor.people.engineer)).toEqual(['AGAIN-1', ...before]);
    await floor.admitted(sidecarOf('AGAIN-1'), { 'AGAIN-1.NC': millProgram(9) });
    expect(await listed(floor.people.engineer)).toEqual(before);
  });

  test.each<[string, object, string]>([
    ['in another line', { line: 6 }, 'not-waivable'],
    ['in another file', { file: 'OTHER.NC' }, 'not-waivable'],
    ['of a rule that there is not', { rule: 'no-such-rule' }, 'not-waivable'],
    ['of a rule that is no name', { rule: '"><img src=x onerror=alert(1)>' }, 'request-invalid'],
    ['for no reason', { reason: '' }, 'request-invalid'],
    ['for an invisible reason', { reason: 'a\u202eb' }, 'request-invalid'],
    ['with more beside it', { role: 'quality' }, 'request-invalid'],
  ])('is none %s', async (_, over, code) => {
    const about = { file: 'STAYS-1.NC', ...over };
    expect((await ask(about, undefined, stays)).json()).toMatchObject({ code });
  });
});
