import type { Standing } from '../catalog/standing.ts';
import type { Condition } from '../domain/alarms.ts';
import type { AlarmSource } from './alarms.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Days ahead at which somebody is told. */
const ahead = [30, 7, 1] as const;

const kinds = {
  safeguard: { name: 'The safeguard record', goOn: 'Record a new one: keyway machine safeguard' },
  'control-plan': { name: 'The control plan', goOn: 'Review the classification and deposit it again.' },
  'us-person-status': { name: 'The US-person status', goOn: 'Record new evidence: keyway person change' },
  'service-key': { name: 'The service key', goOn: 'Add a new one: keyway person add-key --service' },
  certificate: { name: 'The certificate', goOn: 'Have your CA issue a new one and put it in its place.' },
} as const;

/** What ends with a day, and then stops something. */
export type Expiry = { what: keyof typeof kinds; subject: string; expires: string; daysLeft: number };
export type Ending = Omit<Expiry, 'daysLeft'>;

/** Of today and the days after it, the next to end first. What has ended already has fewer than 0 days left. */
export function expiries(standing: Standing, timeMs: number, others: readonly Ending[] = []): Expiry[] {
  const daysLeft = (day: string) => Math.floor(Date.parse(day) / dayMs) - Math.floor(timeMs / dayMs);
  return [...ofMachines(standing), ...ofReleases(standing), ...ofPeople(standing), ...others]
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
      { ...about, code: 'expired', sentence: `${name} of ${subject} ended with ${expires}: nothing is allowed on it.` },
    ];
  return [
    { ...about, code: 'expires-soon', sentence: `${name} of ${subject} ends with ${expires}.`, step: `${step} days` },
  ];
}
