import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/decisions.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { PackageId } from '../../src/domain/ids.ts';
import { loadCases, runCases } from '../../src/policy/cases.ts';
import { Policy } from '../../src/policy/decide.ts';
import { readPolicyFiles } from '../../src/policy/policy-files.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { type ExportPlace, openExportPlace } from '../helpers/export-place.ts';
import { keywayHere } from '../helpers/keyway-here.ts';
import { makeTestKeys } from '../helpers/test-keys.ts';
import { ask, https, itar, packageOf, person, personId, policyFolder } from '../policy/cases.ts';

const casesFile = join(policyFolder, 'cases.yaml');
const reason = 'A slip.';
const actor = { kind: 'person', id: personId('QA-1') } as const;
const packageId = 'PKG-0123456789' as PackageId;

let place: ExportPlace;
let rules: string;
const indexOf: Record<string, number> = {};

beforeAll(async () => {
  place = await openExportPlace(3, 0, makeTestKeys());
  rules = mkdtempSync(join(tmpdir(), 'keyway-rules-'));
  const { files, digest } = readPolicyFiles(policyFolder);
  const vault = new BlobStore(join(place.data, 'vault'));
  const policyFiles = [];
  for (const { name, text } of files) {
    const stored = await vault.putBytes(Buffer.from(text));
    vault.admit(stored.digest);
    policyFiles.push({ name, ...stored });
  }
  const policy = Policy.load(policyFolder);
  const routes = { version: digest, text: 'routes: []' };
  const withdraw = ask(policy, 'withdraw', person('QA-1', ['quality']), packageOf(itar), https);
  const view = ask(policy, 'view', person('QA-1', ['quality'], 'unknown'), packageOf(itar), https);
  const withdrawn = (decision: Decision) => makeEvent('package.withdrawn', actor, { packageId, reason, decision });
  const { asked: _, ...withoutFacts } = withdraw;
  const otherFacts = { ...withdraw, asked: withdraw.asked?.replace('QA-1', 'QA-2') ?? '' };
  const events: Record<string, Event> = {
    configured: makeEvent('gateway.configured', { kind: 'gateway' }, { policySet: digest, policyFiles, routes }),
    withdrawn: withdrawn(withdraw),
    refused: makeEvent('access.refused', actor, {
      ...{ action: 'view', channel: 'https', asked: [packageId], repeats: 0, decision: view },
    }),
    doctored: withdrawn({ ...withdraw, verdict: 'deny', policies: [], reasons: ['No rule allows this.'] }),
    withoutFacts: withdrawn(withoutFacts as Decision),
    otherFacts: withdrawn(otherFacts),
  };
  for (const [name, event] of Object.entries(events)) {
    const { receipt } = await place.at.ledger.commit(() => ({ events: [event], result: undefined }));
    indexOf[name] = receipt.index;
  }
  await place.at.publisher.covering(3 + Object.keys(events).length, 10_000);
}, 60_000);
afterAll(() => {
  place.close();
  rmSync(rules, { recursive: true });
});

async function keyway(...args: string[]): Promise<{ code: number; out: Record<string, unknown>; text: string }> {
  const { code, out, err } = await keywayHere('--data', place.data, ...args);
  return { code, out: args[0] === '--json' ? JSON.parse(out || '{}') : {}, text: out + err };
}
const explain = (name: string) => keyway('policy', 'explain', String(indexOf[name]));

describe('policy explain', () => {
  it('says by which rules and facts an act was allowed, and asks again', async () => {
    const { code, text } = await explain('withdrawn');
    expect(code).toBe(0);
    expect(text).toContain('withdraw: permit');
    expect(text).toContain('withdraw-by-engineering-or-quality (AS9100D 8.7)');
    expect(text).toContain('asked again: the same verdict for the same reasons');
  });

  it('says why something was refused', async () => {
    const { out } = await keyway('--json', 'policy', 'explain', String(indexOf.refused));
    expect(out).toMatchObject({
      same: true,
      recorded: { verdict: 'deny', policies: ['itar-shown-to-us-persons-only'] },
    });
  });

  it.each([
    ['doctored', /does not follow from its rules and facts/],
    ['withoutFacts', /recorded without its facts/],
    ['otherFacts', /not those that were decided on/],
    ['configured', /carries no decision/],
  ])('refuses what cannot be explained: %s', async (name, why) => {
    const { code, text } = await explain(name);
    expect(code).not.toBe(0);
    expect(text).toMatch(why);
  });
});

describe('policy what-if', () => {
  const house = (text: string) => {
    const file = join(rules, '90-house.cedar');
    writeFileSync(file, text);
    return file;
  };
  const forbid =
    '@id("no-withdrawals") @clause("house rule") @sentence("Nobody withdraws.") forbid (principal, action == Action::"withdraw", resource);';

  it('lists the decisions that would be others, and why', async () => {
    const { code, out } = await keyway('--json', 'policy', 'what-if', house(forbid), '--since', '2020-01-01');
    expect(code).toBe(0);
    expect(out).toMatchObject({
      asked: 3,
      notAsked: [{ index: indexOf.withoutFacts }, { index: indexOf.otherFacts }],
      differences: [{ index: indexOf.withdrawn, now: { verdict: 'deny', policies: ['no-withdrawals'] } }],
    });
  });

  it('asks only what was decided since that day', async () => {
    const { out } = await keyway('--json', 'policy', 'what-if', house(forbid), '--since', '2099-01-01');
    expect(out).toMatchObject({ asked: 0, differences: [] });
  });

  it.each([
    ['a file that does not parse', () => house('forbid ('), '2020-01-01'],
    ['a day that is none', () => house(forbid), '2020-02-30'],
  ])('refuses %s', async (_, file, since) => {
    expect((await keyway('policy', 'what-if', file(), '--since', since)).code).not.toBe(0);
  });
});

describe('policy test', () => {
  it('finds every case of the table decided as it says', () => {
    const wrong = runCases(Policy.load(policyFolder), loadCases(casesFile), casesFile).filter(({ good }) => !good);
    expect(wrong).toEqual([]);
  });

  it('names each case that is decided otherwise', () => {
    const folder = join(rules, 'changed');
    mkdirSync(folder);
    cpSync(policyFolder, folder, { recursive: true });
    const file = join(folder, '40-export.cedar');
    writeFileSync(file, readFileSync(file, 'utf8').replace('unless { principal.country == "US" || ', 'unless { '));
    const changed = runCases(Policy.load(folder), loadCases(casesFile), casesFile).filter(({ good }) => !good);
    expect(changed.map((result) => result.case)).toContain('A US mill is sent ITAR data');
  });

  it.each([
    ['an unknown person', 'who: {}\nlabels: {}\ncases: [{ case: A, who: x, action: view, expect: permit }]'],
    ['an unknown field', 'who: {}\nlabels: {}\ncases: [{ case: A, who: x, action: view, expect: permit, rule: [] }]'],
    ['an action that is none', 'who: {}\nlabels: {}\ncases: [{ case: A, who: x, action: steal, expect: permit }]'],
    ['no YAML', 'cases: ['],
  ])('refuses a table with %s', async (_, text) => {
    const file = join(rules, 'cases.yaml');
    writeFileSync(file, text);
    const { code, text: said } = await keyway('policy', 'test', '--cases', file);
    expect(code).not.toBe(0);
    expect(said).toContain('Policy cases');
  });
});
