import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { Policy } from '../../src/policy/decide.ts';
import { readPolicyFiles } from '../../src/policy/policy-files.ts';
import { ask, https, itar, local, machine, packageOf, person, policyFolder, sftp } from './cases.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyway-policy-'));
  cpSync(policyFolder, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const annotations = (id: string) => `@id("${id}") @clause("house rule 1") @sentence("A rule of the house.")`;
const add = (name: string, text: string) => writeFileSync(join(folder, name), text);

function refusal(): string {
  try {
    Policy.load(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe('config-invalid');
    const { message } = error as DomainError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('the policy set was accepted');
}

describe('a policy set with a fault in it is refused as a whole, in one line that names file and problem', () => {
  const faults: [string, string, RegExp][] = [
    [
      'a rule that does not parse',
      'forbid (principal, action, resource) when { ; };',
      /^Policy 50-house\.cedar: line 1: .*unexpected token/,
    ],
    [
      'a misspelt attribute',
      `${annotations('a')} forbid (principal is Machine, action == Action::"deliver", resource) when { principal.county == "DE" };`,
      /50-house\.cedar: .*county.*did you mean `country`/,
    ],
    [
      'an attribute that may be absent and is not asked for',
      `${annotations('a')} forbid (principal is Person, action == Action::"view", resource) when { principal.usPerson == false };`,
      /50-house\.cedar: .*usPerson/,
    ],
    [
      'an action that does not exist',
      `${annotations('a')} forbid (principal, action == Action::"delivr", resource);`,
      /50-house\.cedar: .*delivr/,
    ],
    [
      'a comparison of unlike things',
      `${annotations('a')} forbid (principal is Machine, action == Action::"deliver", resource) when { principal.groups == "HAAS-VF" };`,
      /50-house\.cedar: /,
    ],
    [
      'a rule that can never apply',
      `${annotations('a')} forbid (principal is Machine, action == Action::"view", resource);`,
      /50-house\.cedar: .*unable to find an applicable action/,
    ],
    [
      'a rule without an id',
      '@clause("x") @sentence("A rule.") forbid (principal, action, resource);',
      /50-house\.cedar: line 1: .*@id/,
    ],
    [
      'a rule without its clause',
      '\n@id("a") @sentence("A rule.") forbid (principal, action, resource);',
      /50-house\.cedar: line 2: .*@clause/,
    ],
    [
      'a rule without its sentence',
      '@id("a") @clause("x") forbid (principal, action, resource);',
      /50-house\.cedar: line 1: .*@sentence/,
    ],
    [
      'an id that is used twice',
      `${annotations('submit-by-programmer')} forbid (principal, action, resource);`,
      /50-house\.cedar: the rule id submit-by-programmer is used twice, first in 10-duties\.cedar/,
    ],
    [
      'a template',
      `${annotations('a')} forbid (principal == ?principal, action, resource);`,
      /50-house\.cedar: a template/,
    ],
  ];

  test.each(faults)('%s', (_, text, message) => {
    add('50-house.cedar', text);
    expect(refusal()).toMatch(message);
  });

  test('bytes that are not UTF-8', () => {
    writeFileSync(join(folder, '50-house.cedar'), Buffer.from([0x2f, 0x2f, 0xff]));
    expect(refusal()).toMatch(/50-house\.cedar: the file is not UTF-8/);
  });

  test('a schema that does not parse', () => {
    add('schema.cedarschema', 'entity Person = {');
    expect(refusal()).toMatch(/schema\.cedarschema: .*unexpected end/);
  });

  test('no schema', () => {
    rmSync(join(folder, 'schema.cedarschema'));
    expect(refusal()).toMatch(/schema\.cedarschema: the file is missing/);
  });

  test('a schema and no policy', () => {
    for (const name of readdirSync(folder)) if (name.endsWith('.cedar')) rmSync(join(folder, name));
    expect(refusal()).toMatch(/there is no policy/);
  });

  test('no folder', () => {
    expect(() => Policy.load(join(folder, 'nowhere'))).toThrow(/the folder cannot be read/);
  });
});

describe('the digest of a policy set', () => {
  test('is the same for the same files', () => {
    expect(Policy.load(folder).digest).toBe(Policy.load(policyFolder).digest);
  });

  test.each(['10-duties.cedar', 'schema.cedarschema'])('changes with one comment in %s', (name) => {
    const before = Policy.load(folder).digest;
    add(name, `${readFileSync(join(folder, name), 'utf8')}// one more comment\n`);
    expect(Policy.load(folder).digest).not.toBe(before);
  });
});

test('a file that is cut off anywhere is refused, or is another set that nobody signed', () => {
  const { digest } = Policy.load(folder);
  for (const name of ['10-duties.cedar', '40-export.cedar', 'schema.cedarschema']) {
    const whole = readFileSync(join(folder, name), 'utf8');
    for (const part of [0, 0.2, 0.5, 0.8, 0.99]) {
      add(name, whole.slice(0, Math.floor(whole.length * part)));
      expect([name, part, tryLoad(folder)?.digest]).not.toEqual([name, part, digest]);
    }
    add(name, whole);
  }
  expect(Policy.load(folder).digest).toBe(digest);
});

describe('a rule of the house', () => {
  test('that fails while it is evaluated denies instead of being skipped', () => {
    const fails = '9223372036854775807 + 1 == 0';
    add('50-house.cedar', `${annotations('too-big')} forbid (principal, action, resource) when { ${fails} };`);
    const decision = ask(Policy.load(folder), 'deliver', machine(), packageOf(itar), sftp);
    expect(decision).toMatchObject({ verdict: 'deny', policies: ['too-big'] });
    expect(decision.reasons[0]).toMatch(/too-big failed/);
  });

  test('that forbids never turns a refusal into a permit', () => {
    const conditions = [
      'context.encrypted',
      '!context.encrypted',
      'context.channel == "sftp"',
      'principal is Machine && principal.country == "US"',
      'principal is Person && principal.roles.contains("quality")',
      'resource is Package && resource.jurisdiction == "ITAR"',
    ];
    const base = Policy.load(policyFolder);
    const questions = [
      ['deliver', machine(), packageOf(itar), sftp],
      ['deliver', machine({ country: 'DE' }), packageOf(itar), sftp],
      ['view', person('QA-3', ['quality']), packageOf(itar), https],
      ['view', person('QA-3', ['quality'], 'unknown'), packageOf(itar), https],
      ['withdraw', local, packageOf(itar), https],
    ] as const;
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...conditions), { minLength: 1, maxLength: 3 }), (chosen) => {
        add(
          '50-house.cedar',
          `${annotations('house')} forbid (principal, action, resource) when { ${chosen.join(' && ')} };`,
        );
        const stricter = tryLoad(folder);
        for (const [action, principal, resource, context] of questions) {
          if (ask(base, action, principal, resource, context).verdict === 'deny')
            expect(stricter ? ask(stricter, action, principal, resource, context).verdict : 'deny').toBe('deny');
        }
      }),
      { numRuns: 20, seed: 4471 },
    );
  });
});

/** A combination that can never hold is refused at load, which permits nothing either. */
function tryLoad(path: string): Policy | undefined {
  try {
    return Policy.load(path);
  } catch {
    return undefined;
  }
}

test('every default rule says by which clause it stands', () => {
  for (const rule of readPolicyFiles(policyFolder).rules.values())
    expect(rule.clause).toMatch(/^(\d+ CFR|NIST SP 800-171r2|AS9100D|IEC 62443-3-3|DoDI) /);
});

test('break-glass is named by the rules that it may set aside, none of them of export control or dissemination', () => {
  const rules = [...readPolicyFiles(policyFolder).rules.values()];
  const named = rules.filter(({ text }) => text.includes('context.overrides'));
  expect(named.map(({ id }) => id).sort()).toEqual([
    ...['deliver-only-to-group', 'deliver-through-conduit', 'deliver-under-break-glass', 'deliver-until-review'],
  ]);
  for (const { file, clause } of named) expect([file, /CFR/.test(clause)]).toEqual(['30-delivery.cedar', false]);
  // What lets ITAR data go abroad lets nothing go to a proscribed country.
  const licensed = rules.filter(({ text }) => text.includes('context.authorizedBy')).map(({ id }) => id);
  expect(licensed.sort()).toEqual(['itar-shown-in-us-only', 'itar-shown-to-us-persons-only', 'itar-stays-in-us']);
});
