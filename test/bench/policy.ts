import { isAuthorized, preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { toCedar } from '../../src/policy/cedar-request.ts';
import { Policy } from '../../src/policy/decide.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { readPolicyFiles } from '../../src/policy/policy-files.ts';
import { Authority, packageFacts } from '../../src/services/authority.ts';
import { machineAsker } from '../../src/services/shelf.ts';
import { questions, shelfMachine, shelfStanding } from '../helpers/policy-load.ts';
import { policyFolder } from '../policy/cases.ts';
import { type BenchResult, figure } from './figures.ts';

const askers = 10_000;
const textAsked = 400;
const onShelf = 5_000;
/** Ours and Cedar's take turns, so that whatever else the machine does weighs on both. */
const round = 500;

export function run(): BenchResult {
  const files = readPolicyFiles(policyFolder);
  const staticPolicies = Object.fromEntries([...files.rules].map(([id, rule]) => [id, rule.text]));
  preparseSchema('bare', files.schema);
  preparsePolicySet('bare', { staticPolicies });
  const bare = (facts: Facts) =>
    statefulIsAuthorized({
      ...toCedar(facts),
      ...{ preparsedSchemaName: 'bare', preparsedPolicySetId: 'bare', validateRequest: true },
    });
  const text = (facts: Facts) =>
    isAuthorized({ ...toCedar(facts), schema: files.schema, policies: { staticPolicies }, validateRequest: true });

  const { ours, cedar, slowest } = decisions(Policy.load(policyFolder), bare);
  const textual = perSecond(questions(textAsked), text);
  const shelf = shelfDecisions(bare);
  const notes = [
    `${files.rules.size} policies; every one of ${askers} people and machines asks once, so that nothing is remembered.`,
    `The shelf of ${onShelf} releases has ${shelf.classes} classes; its answers are the same (test/policy/classes.test.ts).`,
  ];
  return {
    figures: [
      rate('a decision that nobody asked before', ours, cedar, 'preparsed Cedar', 0.9),
      rate('a decision that nobody asked before', ours, textual, 'Cedar from text', 4),
      figure({
        ...{ what: 'the slowest of 100 decisions (p99)', ours: slowest, peer: 1, peerName: 'the goal' },
        ...{ unit: 'ms', better: 'less', goal: 1 },
      }),
      rate('releases of a shelf, by class', shelf.ours, shelf.each, 'deciding each with preparsed Cedar', 20),
    ],
    notes,
  };
}

const rate = (what: string, ours: number, peer: number, peerName: string, goal: number) =>
  figure({ what, ours, peer, peerName, unit: 'decisions/s', better: 'more', goal });

function decisions(policy: Policy, bare: (facts: Facts) => unknown) {
  const all = questions(askers);
  for (const facts of questions(round)) bare(facts);
  const times: number[] = [];
  let ours = 0;
  let cedar = 0;
  for (let from = 0; from < all.length; from += round) {
    const part = all.slice(from, from + round);
    const begun = performance.now();
    for (const facts of part) bare(facts);
    cedar += performance.now() - begun;
    for (const facts of part) {
      const at = performance.now();
      policy.decide(facts);
      const took = performance.now() - at;
      times.push(took);
      ours += took;
    }
  }
  times.sort((a, b) => a - b);
  const slowest = times[Math.floor(times.length * 0.99)] ?? 0;
  return { ours: (askers / ours) * 1_000, cedar: (askers / cedar) * 1_000, slowest };
}

function perSecond(all: readonly Facts[], ask: (facts: Facts) => unknown): number {
  const begun = performance.now();
  for (const facts of all) ask(facts);
  return (all.length / (performance.now() - begun)) * 1_000;
}

/** The whole way of a shelf: facts of the machine and of each release from the standing, then the decision. */
function shelfDecisions(bare: (facts: Facts) => unknown) {
  const policy = Policy.load(policyFolder);
  const standing = shelfStanding(onShelf, policy);
  const authority = new Authority(policy, standing, Date.now, { refused: () => {} });
  const asker = machineAsker({ machine: shelfMachine, channel: 'sftp' });
  const begun = performance.now();
  const answers = [...standing.releases()].map(({ packageId, manifest }) =>
    authority.decide('deliver', asker, packageFacts(packageId, manifest)),
  );
  const ours = (onShelf / (performance.now() - begun)) * 1_000;
  const each = perSecond(
    answers.map(({ asked }) => JSON.parse(asked ?? '{}') as Facts),
    bare,
  );
  return { ours, each, classes: new Set(answers.map(({ facts }) => facts)).size };
}
