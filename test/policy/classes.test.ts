import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { expect, test } from 'vitest';
import { actions } from '../../src/domain/decisions.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { ReleaseId } from '../../src/domain/ids.ts';
import { toCedar } from '../../src/policy/cedar-request.ts';
import { Policy } from '../../src/policy/decide.ts';
import { readPolicyFiles } from '../../src/policy/policy-files.ts';
import { replay } from '../../src/policy/replay.ts';
import { Authority, packageFacts } from '../../src/services/authority.ts';
import { machineAsker } from '../../src/services/shelf.ts';
import { questions, shelfMachine, shelfStanding } from '../helpers/policy-load.ts';
import { policyFolder } from './cases.ts';

const policy = Policy.load(policyFolder);
const asker = machineAsker({ machine: shelfMachine, channel: 'sftp' });

/** What the shelf is decided by, release by release. */
function decided(standing: ReturnType<typeof shelfStanding>, timeMs = Date.parse('2026-11-02')) {
  const authority = new Authority(policy, standing, () => timeMs, { refused: () => {} });
  const decide = () =>
    [...standing.releases()].map(({ packageId, manifest }) =>
      authority.decide('deliver', asker, packageFacts(packageId, manifest)),
    );
  return { authority, decide };
}

test('a shelf is decided by its classes, each with the verdict that every release of it gets alone', () => {
  const standing = shelfStanding(400, policy);
  const { decide } = decided(standing);
  const answers = decide();
  const classes = new Set(answers.map(({ facts }) => facts));
  expect(classes.size).toBeLessThan(50);
  expect(new Set(answers).size).toBe(classes.size);
  // Each alone: by a policy that remembers nothing of the others.
  for (const answer of answers.slice(0, 80)) {
    const { verdict, policies } = replay(Policy.load(policyFolder), answer);
    expect({ verdict, policies }).toEqual({ verdict: answer.verdict, policies: answer.policies });
  }
  expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(['permit', 'deny']));
});

test('what is left out for an action changes no answer: Cedar says the same of the whole set', () => {
  const { schema, rules } = readPolicyFiles(policyFolder);
  const staticPolicies = Object.fromEntries([...rules].map(([id, { text }]) => [id, text]));
  preparseSchema('whole', schema);
  preparsePolicySet('whole', { staticPolicies });
  const whole = { preparsedSchemaName: 'whole', preparsedPolicySetId: 'whole', validateRequest: true };
  for (const asked of questions(40))
    for (const action of actions) {
      const facts = { ...asked, action };
      const answer = statefulIsAuthorized({ ...toCedar(facts), ...whole });
      const { verdict, policies } = policy.decide(facts);
      const cedar = answer.type === 'success' ? answer.response : undefined;
      expect({ verdict, policies }).toEqual({
        verdict: cedar?.decision === 'allow' ? 'permit' : 'deny',
        policies: [...(cedar?.diagnostics.reason ?? [])].sort(),
      });
    }
});

test('an event that touches the facts drops the answers, and no other is asked anew', () => {
  const standing = shelfStanding(50, policy);
  const { authority, decide } = decided(standing);
  const before = decide();
  expect(decide()).toEqual(before);
  const [release] = standing.releases();
  if (!release) throw new Error('there is no release');
  const { packageId, manifest, releaseId } = release;
  standing.apply({ index: 1_000, time: '2026-11-02T00:00:00.000Z', event: withdrawn(releaseId) });
  expect(authority.decide('deliver', asker, packageFacts(packageId, manifest))).toMatchObject({
    verdict: 'deny',
    policies: expect.arrayContaining(['deliver-only-in-force']),
  });
  expect(decide()).toEqual(before.slice(1));
});

const withdrawn = (releaseId: ReleaseId): Event =>
  makeEvent('release.withdrawn', { kind: 'gateway' }, { releaseId, reason: 'NCR 1', decision: {} as never });
