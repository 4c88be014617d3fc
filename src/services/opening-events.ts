import type { Standing } from '../catalog/standing.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import type { Policy } from '../policy/decide.ts';
import type { Routes } from '../policy/routes.ts';
import type { Trust } from '../signing/trust.ts';

/** What a start records: the first of all entries, and the rules in force where they are new. */
export function openingEvents(size: number, trust: Trust, policy: Policy, routes: Routes, standing: Standing): Event[] {
  const gateway = { kind: 'gateway' } as const;
  const first =
    size === 0 ? [makeEvent('gateway.initialised', gateway, { origin: trust.origin, trust: trust.digest })] : [];
  const { configured } = standing;
  const same = configured?.policySet === policy.digest && configured.routes.version === routes.version;
  const data = { policySet: policy.digest, routes: { version: routes.version, text: routes.text } };
  return same ? first : [...first, makeEvent('gateway.configured', gateway, data)];
}
