import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Classification, Jurisdiction } from '../../src/domain/classification.ts';
import { mostRestrictive } from '../../src/domain/combine-labels.ts';
import { type Action, actions, Decision } from '../../src/domain/decisions.ts';
import { type PersonRole, personRoles } from '../../src/domain/people.ts';
import { canonicalJson, digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import type { PrincipalFacts, ResourceFacts } from '../../src/policy/facts.ts';
import {
  as,
  ask,
  type ContextFacts,
  cui,
  ear,
  ear99,
  gateway,
  https,
  itar,
  ledger,
  local,
  machine,
  packageOf,
  person,
  plain,
  policyFolder,
  registry,
  sftp,
  uncontrolled,
} from './cases.ts';

const policy = Policy.load(policyFolder);
const programmer = person('CAM-1', ['programmer']);
const engineer = person('ME-2', ['manufacturing-engineer']);
const quality = person('QA-3', ['quality']);
const export4 = person('EC-4', ['export-compliance']);
const administrator = person('ADM-5', ['administrator']);
const auditor = person('AUD-6', ['auditor']);

type Case = [sentence: string, action: Action, PrincipalFacts, ResourceFacts, ContextFacts, policies: string[]];

const allowed: Case[] = [
  ['a programmer submits', 'submit', programmer, packageOf(itar), https, ['submit-by-programmer']],
  ['a quality engineer views ITAR data as a US person', 'view', quality, packageOf(itar), https, ['view-by-role']],
  ['an auditor views', 'view', auditor, packageOf(ear), https, ['view-by-role']],
  [
    'a person of unknown status views EAR data',
    'view',
    person('X', ['quality'], 'unknown'),
    packageOf(ear),
    https,
    ['view-by-role'],
  ],
  ['the host views', 'view', local, packageOf(itar), https, ['view-on-host']],
  [
    'an engineer approves as engineer',
    'approve-as',
    engineer,
    packageOf(itar),
    as('manufacturing-engineer'),
    ['approve-in-held-role'],
  ],
  [
    'export compliance approves in its role',
    'approve-as',
    export4,
    packageOf(itar),
    as('export-compliance'),
    ['approve-in-held-role'],
  ],
  ['the gateway releases', 'release', gateway, packageOf(itar), https, ['release-by-gateway']],
  [
    'a US machine of the group is sent ITAR data',
    'deliver',
    machine(),
    packageOf(itar),
    sftp,
    ['deliver-to-registered-machine'],
  ],
  [
    'a German machine is sent EAR data',
    'deliver',
    machine({ country: 'DE' }),
    packageOf(ear),
    sftp,
    ['deliver-to-registered-machine'],
  ],
  [
    'EAR99 goes over an unencrypted channel',
    'deliver',
    machine(),
    packageOf(ear99),
    plain,
    ['deliver-to-registered-machine'],
  ],
  [
    'uncontrolled data goes over an unencrypted channel',
    'deliver',
    machine(),
    packageOf(uncontrolled),
    plain,
    ['deliver-to-registered-machine'],
  ],
  ['quality withdraws', 'withdraw', quality, packageOf(itar), https, ['withdraw-by-engineering-or-quality']],
  ['the host withdraws', 'withdraw', local, packageOf(itar), https, ['withdraw-on-host']],
  [
    'an administrator registers a machine',
    'administer',
    administrator,
    registry,
    https,
    ['administer-by-administrator'],
  ],
  ['the host registers a machine', 'administer', local, registry, https, ['administer-on-host']],
  ['an auditor reads the ledger', 'read-ledger', auditor, ledger, https, ['read-ledger-by-role']],
];

const refused: Case[] = [
  ['an engineer who is no programmer submits', 'submit', engineer, packageOf(itar), https, []],
  ['someone without a part views', 'view', person('X', []), packageOf(uncontrolled), https, []],
  ['a machine views', 'view', machine(), packageOf(uncontrolled), https, []],
  [
    'a foreign person views ITAR data',
    'view',
    person('X', ['quality'], 'foreign'),
    packageOf(itar),
    https,
    ['itar-shown-to-us-persons-only'],
  ],
  [
    'a person of unknown status views ITAR data',
    'view',
    person('X', ['quality'], 'unknown'),
    packageOf(itar),
    https,
    ['itar-shown-to-us-persons-only'],
  ],
  [
    'a person of unknown status approves ITAR data',
    'approve-as',
    person('X', ['quality'], 'unknown'),
    packageOf(itar),
    as('quality'),
    ['itar-shown-to-us-persons-only'],
  ],
  [
    'the author approves in another role',
    'approve-as',
    person('CAM-1', ['programmer', 'quality']),
    packageOf(itar),
    as('quality'),
    ['author-never-approves'],
  ],
  ['an engineer approves as quality', 'approve-as', engineer, packageOf(itar), as('quality'), []],
  [
    'a programmer approves as programmer',
    'approve-as',
    person('CAM-9', ['programmer']),
    packageOf(itar),
    as('programmer'),
    [],
  ],
  ['an approval names no role', 'approve-as', engineer, packageOf(itar), https, []],
  [
    'an administrator with the quality role views',
    'view',
    person('X', ['administrator', 'quality']),
    packageOf(itar),
    https,
    ['administrator-sees-no-package'],
  ],
  [
    'an administrator with the quality role approves',
    'approve-as',
    person('X', ['administrator', 'quality']),
    packageOf(itar),
    as('quality'),
    ['administrator-sees-no-package'],
  ],
  ['the host approves', 'approve-as', local, packageOf(itar), as('quality'), []],
  ['a person releases', 'release', engineer, packageOf(itar), https, []],
  ['the host releases', 'release', local, packageOf(itar), https, []],
  [
    'a machine of another group is sent it',
    'deliver',
    machine({ groups: [] }),
    packageOf(itar),
    sftp,
    ['deliver-only-to-group'],
  ],
  [
    'a machine that is not registered for ITAR is sent it',
    'deliver',
    machine({ jurisdictions: ['EAR', 'none'] }),
    packageOf(itar),
    sftp,
    ['deliver-only-registered-jurisdiction'],
  ],
  [
    'a machine in Germany is sent ITAR data',
    'deliver',
    machine({ country: 'DE' }),
    packageOf(itar),
    sftp,
    ['itar-stays-in-us'],
  ],
  [
    'a machine in China is sent ITAR data',
    'deliver',
    machine({ country: 'CN' }),
    packageOf(itar),
    sftp,
    ['controlled-never-to-proscribed-country', 'itar-stays-in-us'],
  ],
  [
    'a machine in Russia is sent EAR data',
    'deliver',
    machine({ country: 'RU' }),
    packageOf(ear),
    sftp,
    ['controlled-never-to-proscribed-country'],
  ],
  [
    'a machine in Hong Kong is sent EAR data',
    'deliver',
    machine({ country: 'HK' }),
    packageOf(ear),
    sftp,
    ['controlled-never-to-proscribed-country'],
  ],
  ['ITAR data goes unencrypted', 'deliver', machine(), packageOf(itar), plain, ['deliver-controlled-encrypted-only']],
  ['EAR data goes unencrypted', 'deliver', machine(), packageOf(ear), plain, ['deliver-controlled-encrypted-only']],
  ['CUI goes unencrypted', 'deliver', machine(), packageOf(cui), plain, ['deliver-controlled-encrypted-only']],
  ['a person is delivered to', 'deliver', engineer, packageOf(uncontrolled), sftp, []],
  ['a programmer withdraws', 'withdraw', programmer, packageOf(itar), https, []],
  ['a quality engineer registers a machine', 'administer', quality, registry, https, []],
  ['a programmer reads the ledger', 'read-ledger', programmer, ledger, https, []],
  ['a machine reads the ledger', 'read-ledger', machine(), ledger, https, []],
];

describe('the default policies', () => {
  test.each(allowed)('allow: %s', (_, action, principal, resource, context, policies) => {
    const decision = ask(policy, action, principal, resource, context);
    expect(decision).toMatchObject({ verdict: 'permit', policies });
    expect(decision.reasons).toHaveLength(policies.length);
  });

  test.each(refused)('refuse: %s', (_, action, principal, resource, context, policies) => {
    const decision = ask(policy, action, principal, resource, context);
    expect(decision).toMatchObject({ verdict: 'deny', policies });
    if (policies.length === 0) expect(decision.reasons).toEqual(['No rule allows this.']);
    else expect(decision.reasons).toHaveLength(policies.length);
  });

  test('a refusal reads as a sentence for the person who is refused', () => {
    const decision = ask(policy, 'deliver', machine({ country: 'DE' }), packageOf(itar), sftp);
    expect(decision.reasons).toEqual([
      'ITAR technical data may be delivered to a machine outside the United States only under a current authorisation for its country, its owner and this category.',
    ]);
  });

  test('every decision fits the record that the ledger keeps of it', () => {
    for (const [, action, principal, resource, context] of [...allowed, ...refused])
      expect(() => Decision.parse(ask(policy, action, principal, resource, context))).not.toThrow();
  });

  test('the facts digest is that of the question itself, so that it can be recomputed from the record', () => {
    const question = { action: 'deliver', principal: machine(), resource: packageOf(itar), context: sftp } as const;
    const decision = ask(policy, question.action, question.principal, question.resource, question.context);
    expect(decision.facts).toBe(digestOf(canonicalJson(question)));
    expect(decision.policySet).toBe(policy.digest);
  });

  test('an answer that is remembered cannot be changed by the one who got it', () => {
    const first = ask(policy, 'deliver', machine(), packageOf(itar), plain);
    expect(() => first.policies.push('x')).toThrow(TypeError);
    expect(ask(policy, 'deliver', machine(), packageOf(itar), plain)).toEqual(first);
  });
});

const role = fc.constantFrom(...personRoles);
const anyPerson = fc
  .record({
    id: fc.constantFrom('CAM-1', 'ME-2', 'QA-3'),
    roles: fc.uniqueArray(role, { maxLength: 4 }),
    status: fc.constantFrom('us-person', 'foreign', 'unknown'),
  })
  .map(({ id, roles, status }) => person(id, roles, status));
const anyMachine = fc
  .record({
    country: fc.constantFrom('US', 'DE', 'CN', 'HK'),
    jurisdictions: fc.subarray(['ITAR', 'EAR', 'none'] as const),
  })
  .map((other) => machine(other));
const anyResource = fc.constantFrom(
  ...[itar, ear, ear99, cui, uncontrolled].map((c) => packageOf(c)),
  registry,
  ledger,
);
const anyContext = fc
  .record({ encrypted: fc.boolean(), role: fc.option(role, { nil: undefined }) })
  .map(({ encrypted, role }) => ({
    channel: 'sftp' as const,
    encrypted,
    zonePath: 'no-zones' as const,
    ...(role === undefined ? {} : { role }),
  }));

describe('whatever is asked', () => {
  const question = fc.record({
    action: fc.constantFrom(...actions),
    principal: fc.oneof(anyPerson, anyMachine, fc.constant(local), fc.constant(gateway)),
    resource: anyResource,
    context: anyContext,
  });

  test('what is permitted names a rule, and no ITAR data is ever shown or sent to anyone not known to be allowed', () => {
    fc.assert(
      fc.property(question, ({ action, principal, resource, context }) => {
        const { verdict, policies } = ask(policy, action, principal, resource, context);
        if (verdict === 'deny') return;
        expect(policies.length).toBeGreaterThan(0);
        if (resource.kind !== 'package' || resource.classification.jurisdiction !== 'ITAR') return;
        if (action === 'deliver')
          expect({ principal, context }).toMatchObject({ principal: { country: 'US' }, context: { encrypted: true } });
        if ((action === 'view' || action === 'approve-as') && principal.kind === 'person')
          expect(principal.usPerson).toBe(true);
      }),
      { numRuns: 400, seed: 4471 },
    );
  });

  test('no one approves their own package, in no role', () => {
    fc.assert(
      fc.property(anyPerson, role, (who, inRole: PersonRole) => {
        const id = who.kind === 'person' ? who.id : '';
        expect(ask(policy, 'approve-as', who, packageOf(uncontrolled, id), as(inRole)).verdict).toBe('deny');
      }),
      { numRuns: 100, seed: 4471 },
    );
  });

  // A machine that is registered for a stricter jurisdiction is registered for the laxer ones as well.
  const anyAsker = fc.oneof(
    anyPerson,
    fc
      .record({
        country: fc.constantFrom('US', 'DE', 'GB', 'CN'),
        jurisdictions: fc.constantFrom<Jurisdiction[][]>(['none'], ['EAR', 'none'], ['ITAR', 'EAR', 'none']),
        safeguarded: fc.boolean(),
      })
      .map((other) => machine(other)),
  );
  const anyLabel = fc.constantFrom<Classification[]>(
    ...[itar, ear, ear99, cui, uncontrolled],
    { ...uncontrolled, cuiMarkings: ['SP-CTI', 'NOFORN'] },
    { ...uncontrolled, cuiMarkings: ['REL TO USA, GBR, DEU'] },
    { ...ear, cuiMarkings: ['DISPLAY ONLY USA, GBR', 'FEDCON'] },
    { ...ear, cuiMarkings: ['NOCON'], distribution: 'C' },
    { ...itar, distribution: 'A', owner: 'Airframer' },
  );

  test('a stricter label never widens access', () => {
    const anyAction = fc.constantFrom(...actions);
    fc.assert(
      fc.property(anyAction, anyAsker, anyLabel, anyLabel, anyContext, (action, who, one, other, context) => {
        const about = (label: Classification) => ask(policy, action, who, packageOf(label), context).verdict;
        if (about(mostRestrictive(one, other)) === 'permit')
          expect([about(one), about(other)]).toEqual(['permit', 'permit']);
      }),
      { numRuns: 600, seed: 4471 },
    );
  });
});

test('whoever asks again by another door, or for something else, is answered anew', () => {
  const fresh = Policy.load(policyFolder);
  const asked = { principal: machine(), resource: packageOf(itar), context: sftp, action: 'deliver' as const };
  const verdicts = [
    asked,
    { ...asked, context: { ...sftp, encrypted: false } },
    asked,
    { ...asked, action: 'submit' as const },
  ];
  expect(verdicts.map((facts) => fresh.decide(facts).verdict)).toEqual(['permit', 'deny', 'permit', 'deny']);
});
