import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AskWhatIf, WhatIfView } from '../../../src/edges/http/contract/administration.ts';
import { Policy } from '../../../src/policy/decide.ts';
import { policyFile } from '../../../src/policy/policy-files.ts';
import { WhatIfService } from '../../../src/services/what-if.ts';
import { runWhatIf, type WhatIfAnswer } from '../../../src/services/what-if-task.ts';
import {
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';
import { silentLog } from '../../helpers/test-ledger.ts';
import { policyFolder } from '../../policy/cases.ts';

const { files: inForce } = Policy.load(policyFolder);
let floor: ScreensFloor;
beforeAll(async () => {
  floor = await openScreensFloor();
  const id = await floor.admitted(sidecarOf('WHAT-1'), { 'WHAT-1.NC': millProgram(1) });
  await floor.release(id);
});
afterAll(() => floor.close());

const rule = (about: string, id = 'house-rule') =>
  `@id("${id}") @clause("house rule") @sentence("The house says so.") ${about}`;
const noApprovals = rule('forbid (principal, action == Action::"approve-as", resource);');

const asked = { name: '90-house.cedar', text: noApprovals, since: '2020-01-01' };
const inTheHouse = { channel: 'local-socket', encrypted: true } as const;
const ask = (over: Partial<AskWhatIf> = {}, who: Known | undefined = floor.people.administrator) =>
  floor.ask(who, 'POST', '/policy/what-if', { ...asked, ...over });

describe('a rule that nobody signed yet', () => {
  test('is asked what it would have decided, also about the cases, and nothing comes of it', async () => {
    const size = floor.core.ledger.size;
    const found = WhatIfView.parse((await ask()).json());
    expect(found).toMatchObject({ differing: 2, notAsked: 0 });
    expect(found.asked).toBeGreaterThan(2);
    expect(found.differences.map(({ who, was, now }) => [who, was.verdict, now.verdict, now.policies])).toEqual([
      ['ME-2', 'permit', 'deny', ['house-rule']],
      ['QA-1', 'permit', 'deny', ['house-rule']],
    ]);
    expect(found.cases?.wrong.length).toBeGreaterThan(0);
    expect(found.cases?.wrong.every(({ verdict }) => verdict === 'deny')).toBe(true);
    expect(floor.core.ledger.size).toBe(size);
    expect(WhatIfView.parse((await ask({ since: '2099-01-01' })).json())).toMatchObject({ asked: 0, differing: 0 });
  });

  test('takes the place of the file of its name', async () => {
    const rules = (await floor.ask(floor.people.administrator, 'GET', '/policy')).json<{
      files: { name: string; text: string }[];
    }>();
    const duties = rules.files.find(({ name }) => name === '10-duties.cedar');
    const same = WhatIfView.parse((await ask({ name: '10-duties.cedar', text: duties?.text ?? '' })).json());
    expect(same).toMatchObject({ differing: 0, cases: { wrong: [] } });
  });

  test('says nothing to whoever does not administer', async () => {
    for (const who of [floor.people.quality, floor.people.export])
      expect((await ask({}, who)).json()).toMatchObject({ status: 403, code: 'policy-denied' });
  });

  test.each<[string, Partial<AskWhatIf>, RegExp]>([
    ['text that is no rule', { text: 'forbid (' }, /90-house\.cedar/],
    ['nothing at all in place of all', { name: 'schema.cedar', text: '\u0000' }, /schema\.cedar/],
    ['a rule without its sentence', { text: 'permit (principal, action, resource);' }, /needs a good @/],
    ['the id of another rule', { text: rule('permit (principal, action, resource);', 'administer-on-host') }, /twice/],
    [
      'a template',
      { text: rule('permit (principal == ?principal, action, resource);') },
      /template|parse|expected|slot/i,
    ],
    [
      'one package by its name',
      { text: rule('forbid (principal, action, resource == Package::"PKG-1");') },
      /single package/,
    ],
    [
      'an attribute that there is not',
      { text: rule('permit (principal, action, resource) when { principal.x };') },
      /./,
    ],
  ])('is refused with the reason where it is %s', async (_, over, why) => {
    const { name = '90-house.cedar', text = '' } = over;
    const file = policyFile(name, Buffer.from(text));
    const answer = runWhatIf({ inForce, file, since: '2020-01-01', ledger: 'never read', cases: undefined });
    expect(answer).toEqual({ refused: expect.stringMatching(why) });
  });

  test('that is refused is so with its reason, at the field that is wrong', async () => {
    const answer = (await ask({ text: 'forbid (' })).json();
    expect(answer).toMatchObject({ status: 400, code: 'request-invalid', field: 'text' });
    expect(answer.detail).toMatch(/90-house\.cedar: line 1/);
  });

  test.each<[string, object]>([
    ['a path', { name: '../../etc/x.cedar' }],
    ['the schema', { name: 'schema.cedarschema' }],
    ['a day that is none', { since: '2026-02-30' }],
    ['too much', { text: 'a'.repeat(65_537) }],
    ['one thing more', { place: '/etc' }],
  ])('is not read where its form names %s', async (_, over) => {
    expect((await ask(over)).json()).toMatchObject({ status: 400, code: 'request-invalid' });
  });

  test('made to exhaust its reader is given up, and the next one is asked as before', async () => {
    const deep = rule(`forbid (principal, action, resource) when { ${'('.repeat(30_000)}true${')'.repeat(30_000)} };`);
    const answer = (await ask({ text: deep })).json<{ code: string }>();
    expect(['request-invalid', 'too-large']).toContain(answer.code);
    expect((await ask()).statusCode).toBe(200);
  });

  test('waits for nobody: who asks meanwhile is told so', async () => {
    const answered = Promise.withResolvers<WhatIfAnswer>();
    const thread = { run: () => answered.promise, stop: async () => {} };
    const { authority } = floor.core;
    const place = { ledger: 'never read', cases: 'never read' };
    const service = new WhatIfService({ authority, policy: { files: inForce }, ...place, thread, log: silentLog });
    const asker = { principal: { kind: 'local', account: 'keyway' }, context: inTheHouse } as const;
    const first = service.ask(asker, asked);
    await expect(service.ask(asker, asked)).rejects.toMatchObject({ code: 'busy' });
    answered.reject(new Error('no answer within 30000 ms'));
    await expect(first).rejects.toMatchObject({ code: 'too-large' });
  });
});
