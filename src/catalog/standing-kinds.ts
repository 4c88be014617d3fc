import type { Digest } from '../domain/digest.ts';
import type { EventOf } from '../domain/events.ts';
import type { ChangeId, DepositId, PackageId, ReleaseId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Assurance, KeyId, Person, PersonRole } from '../domain/people.ts';
import type { Envelope } from '../domain/statements.ts';

/** Rules and routes by their digests. */
export type RulesNamed = { policySet: Digest; routes: Digest };
export type PersonStanding = { person: Person; index: number };
export type ApprovalStanding = Pick<
  EventOf<'approval.given'>['data'],
  'person' | 'role' | 'manifestDigest' | 'routeVersion'
> & {
  index: number;
  time: string;
  keyId: KeyId;
  /** How the key is held that signed it. */
  assurance: Assurance;
  /** Why it counts no more: its key was revoked before the release. */
  fallen?: string;
};
/** A change that waits for more signatures. */
export type ProposalStanding = { changeId: ChangeId; authorisation: Envelope; index: number; time: string };
/** A package that waits for approvals or for the signer. */
export type OpenPackage = {
  packageId: PackageId;
  depositId: DepositId;
  manifest: Manifest;
  manifestDigest: Digest;
  /** Roles for which inspection holds findings. */
  holds: readonly PersonRole[];
  index: number;
  approvals: ApprovalStanding[];
};
export type ReleaseStanding = {
  releaseId: ReleaseId;
  packageId: PackageId;
  manifest: Manifest;
  manifestDigest: Digest;
  signatures: EventOf<'release.issued'>['data']['signatures'];
  index: number;
  submittedIndex: number;
  time: string;
  approvals: readonly ApprovalStanding[];
  /** Why it is not to be delivered although nobody withdrew it: an approval may be by somebody else's hand. */
  doubted?: string;
};
