import type { Standing } from '../catalog/standing.ts';
import type { Condition } from '../domain/alarms.ts';
import { expiryReason, type Trust } from '../signing/trust.ts';
import type { AlarmSource } from './alarms.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Days ahead at which somebody is told. */
const ahead = [30, 7, 1] as const;

const kinds = {
  safeguard: { name: 'The safeguard record of', goOn: 'Record a new one: keyway machine safeguard' },
  'control-plan': { name: 'The control plan of', goOn: 'Review the classification and deposit it again.' },
  'us-person-status': { name: 'The US-person status of', goOn: 'Record new evidence: keyway person change' },
  'service-key': { name: 'The service key', goOn: 'Add a new one: keyway person add-key --service' },
  authorization: {
    name: 'The authorisation',
    goOn: 'Record the new one: keyway authorization add, or end it: keyway authorization end',
  },
  'trust-root': {
    name: 'The trust root of',
    goOn: 'Let the administrators sign a new version: keyway keys change-root',
  },
  certificate: { name: 'The certificate of', goOn: 'Have your CA issue a new one and put it in its place.' },
} as const;

/** What ends with a day, and then stops something. */
export type Expiry = { what: keyof typeof kinds; subject: string; expires: string; daysLeft: number };
export type Ending = Omit<Expiry, 'daysLeft'>;

/** Of today and the days after it, the next to end first. What has ended already has fewer than 0 days left. */
export function expiries(standing: Standing, timeMs: number, others: readonly Ending[] = []): Expiry[] {
  const daysLeft = (day: string) => Math.floor(Date.parse(day) / dayMs) - Math.floor(timeMs / dayMs);
  return [
    ...ofMachines(standing),
    ...ofReleases(standing),
    ...ofPeople(standing),
    ...ofAuthorizations(standing),
    ...others,
  ]
    .map((ending) => ({ ...ending, daysLeft: daysLeft(ending.expires) }))
    .sort((a, b) => a.daysLeft - b.daysLeft || (a.subject < b.subject ? -1 : 1));
}

const ofMachines = (standing: Standing): Ending[] =>
  [...standing.machines()].flatMap(({ machine, safeguard }) =>
    safeguard ? [{ what: 'safeguard', subject: machine.id, expires: safeguard.expires }] : [],
  );

const ofReleases = (standing: Standing): Ending[] =>
  [...standing.releases()].flatMap(({ releaseId, manifest: { classification } }) =>
    classification.reviewBy === undefined
      ? []
      : [{ what: 'control-plan', subject: releaseId, expires: classification.reviewBy }],
  );

/** A status that says no may end without anything being lost. */
const ofPeople = (standing: Standing): Ending[] =>
  [...standing.people()].flatMap(({ person: { id, usPerson, keys } }): Ending[] => [
    ...(usPerson?.status ? [{ what: 'us-person-status' as const, subject: id, expires: usPerson.expires }] : []),
    ...keys.flatMap((key) =>
      key.assurance === 'service'
        ? [{ what: 'service-key' as const, subject: `${key.name} of ${id}`, expires: key.expires }]
        : [],
    ),
  ]);

const ofAuthorizations = ({ exceptions }: Standing): Ending[] =>
  [...exceptions.authorizations.values()].map(({ authorization: { id, expires } }) => ({
    ...{ what: 'authorization', subject: id, expires },
  }));

/** 30, 7 and 1 days ahead, and once it has ended. Looked up anew when something changed or a day passed. */
export function expiryAlarms(standing: Standing, others: () => readonly Ending[] = () => []): AlarmSource {
  let known: { changes: number; day: number; conditions: Condition[] } | undefined;
  return (timeMs) => {
    const day = Math.floor(timeMs / dayMs);
    const { changes } = standing;
    if (known?.changes !== changes || known.day !== day)
      known = { changes, day, conditions: expiries(standing, timeMs, others()).flatMap(conditionOf) };
    return known.conditions;
  };
}

function conditionOf({ what, subject, expires, daysLeft }: Expiry): Condition[] {
  const step = ahead.findLast((days) => daysLeft <= days);
  if (step === undefined) return [];
  const { name, goOn } = kinds[what];
  const about = { subject: `${what} ${subject}`, goOn };
  if (daysLeft < 0)
    return [
      { ...about, code: 'expired', sentence: `${name} ${subject} ended with ${expires}: nothing is allowed on it.` },
    ];
  return [
    { ...about, code: 'expires-soon', sentence: `${name} ${subject} ends with ${expires}.`, step: `${step} days` },
  ];
}

/** For whoever asks whether the gateway is ready: why it is not, or what will stop it soon. */
export function trustReadiness(
  trust: Pick<Trust, 'expiresMs' | 'version'>,
  timeMs: number,
): { reason?: string; warning?: string } {
  const reason = expiryReason(trust, timeMs);
  if (reason !== undefined) return { reason };
  const daysLeft = Math.floor((trust.expiresMs - timeMs) / dayMs);
  if (daysLeft > ahead[0]) return {};
  const left = daysLeft === 0 ? 'less than a day' : `${daysLeft} day${daysLeft === 1 ? '' : 's'}`;
  const day = new Date(trust.expiresMs).toISOString().slice(0, 10);
  return {
    warning: `Version ${trust.version} of the trust root expires on ${day}, in ${left}; then nothing is released or delivered. ${kinds['trust-root'].goOn}`,
  };
}
