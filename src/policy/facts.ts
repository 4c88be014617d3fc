import type { Classification, Jurisdiction } from '../domain/classification.ts';
import type { Action } from '../domain/decisions.ts';
import type { DoorChannel } from '../domain/doors.ts';
import type { GroupId, MachineId, PersonId } from '../domain/ids.ts';
import type { PersonRole } from '../domain/people.ts';
import type { ResourceState } from '../domain/states.ts';
import type { ZonePath } from '../domain/zone-paths.ts';

/** Everything that a decision may rest on. Facts are read from the standing, never from a request. */
export type PrincipalFacts =
  | {
      kind: 'person';
      id: PersonId;
      roles: readonly PersonRole[];
      /** 22 CFR 120.62. Undefined means unknown, which every rule treats as no. */
      usPerson: boolean | undefined;
      /** ISO 3166-1 alpha-2; absent means unknown. */
      nationalities?: readonly string[];
      employer?: string;
      site?: string;
      /** Courses that have not expired. */
      training?: readonly string[];
    }
  | {
      kind: 'machine';
      id: MachineId;
      groups: readonly GroupId[];
      /** ISO 3166-1 alpha-2. */
      country: string;
      jurisdictions: readonly Jurisdiction[];
      site?: string;
      zone?: string;
      /** A safeguard record that has not expired. Absent means none. */
      safeguarded?: boolean;
      suspended?: boolean;
    }
  | { kind: 'local'; account: string }
  | { kind: 'gateway' };

/**
 * Without an id: two packages with equal facts are one class with one answer, and no rule may name a single one of them
 * (policy-files.ts refuses it).
 */
export type ResourceFacts =
  | {
      kind: 'package';
      machineGroup: GroupId;
      author: PersonId;
      classification: Classification;
      state: ResourceState;
      /** The last day of its control plan has passed. Absent means no. */
      reviewOverdue?: boolean;
    }
  /** A program that a machine sends back and that is none that was delivered to it; the label is of what its shelf holds. */
  | { kind: 'stray'; classification: Classification }
  | { kind: 'registry' }
  | { kind: 'ledger' };

/** What a door says of a request. */
export type ContextFacts = {
  channel: DoorChannel | 'https' | 'local-socket' | 'drop-folder' | 'internal';
  encrypted: boolean;
  /** `approve-as`: the role that the person signs in. */
  role?: PersonRole;
  /** Whether the session was opened with a second factor in time; absent where the person's own key signed the request. */
  mfa?: boolean;
  /** ISO 3166-1 alpha-2: where the person who asks is, as far as it is known. */
  country?: string;
};

/**
 * The whole question. Time is none of the facts: what expires is turned into whether it has, so that equal facts have
 * equal answers and a day that passes makes other facts. Objects in it are never changed once they were asked about.
 */
export type Facts = {
  action: Action;
  principal: PrincipalFacts;
  resource: ResourceFacts;
  /** `onHold`: the machine sent back something else than was delivered of this release. Absent means no. */
  context: ContextFacts & { zonePath: ZonePath; keyAllows?: boolean; onHold?: boolean };
};
