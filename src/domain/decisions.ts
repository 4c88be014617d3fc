import { z } from 'zod';
import { Digest } from './digest.ts';
import { limits } from './limits.ts';

export const actions = [
  'submit',
  'view',
  'compare',
  'approve-as',
  'release',
  'deliver',
  'retrieve',
  'send',
  'withdraw',
  'administer',
  'read-ledger',
  'record-run',
  'resolve-readback',
  'clear-residue',
  'disclose',
  'download',
  'provision',
] as const;
export const Action = z.enum(actions);
export type Action = z.infer<typeof Action>;

/**
 * What policy answered, as it stands in the event of the act that it allowed or refused.
 * `policies` are the ids of the determining policies, `policySet` the digest of every policy and the schema in force.
 */
export const Decision = z.strictObject({
  verdict: z.enum(['permit', 'deny']),
  action: Action,
  policies: z.array(z.string().max(100)).max(20),
  reasons: z.array(z.string().max(500)).max(20),
  policySet: Digest,
  facts: Digest,
  /** The canonical JSON that `facts` is the digest of: with the policy set it is all that a replay needs. */
  asked: z.string().max(limits.factsChars).optional(),
});
export type Decision = z.infer<typeof Decision>;
