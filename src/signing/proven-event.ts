import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { Event, type EventOf, type EventType, type Sequenced } from '../domain/events.ts';
import { decodeLeaf } from '../domain/leaf.ts';
import { limits } from '../domain/limits.ts';
import { leafHash } from '../merkle/hashes.ts';
import { verifyInclusion } from '../merkle/tree.ts';
import { bodyCommitment, canonicalJson } from '../platform/hash.ts';

const base64 = (bytes: number) => z.base64().max(Math.ceil(bytes / 3) * 4);

/** A ledger entry with all that it takes to believe it under a checkpoint: leaf, body, salt and inclusion proof. */
export const ProvenEvent = z.strictObject({
  index: z.int().min(0),
  leaf: base64(1_000),
  body: base64(limits.eventBodyBytes),
  salt: base64(limits.saltBytes),
  proof: z.array(base64(32)).max(64),
});
export type ProvenEvent = z.infer<typeof ProvenEvent>;

/**
 * The event, once its body is the one that its leaf commits to and the leaf is in the tree of `size` and `root`
 * (RFC 9162 2.1.3.2). Throws `not-verified`.
 */
export function openProvenEvent(proven: ProvenEvent, tree: { size: number; root: Buffer }): Sequenced {
  const leafBytes = Buffer.from(proven.leaf, 'base64');
  const proof = proven.proof.map((hash) => Buffer.from(hash, 'base64'));
  if (
    !verifyInclusion({ leafHash: leafHash(leafBytes), index: proven.index, size: tree.size, proof, root: tree.root })
  ) {
    throw new DomainError(
      'not-verified',
      `Ledger entry ${proven.index} is not in the signed tree of ${tree.size} entries.`,
    );
  }
  const { event, time } = openEntry(
    leafBytes,
    Buffer.from(proven.body, 'base64'),
    Buffer.from(proven.salt, 'base64'),
    proven.index,
  );
  return { index: proven.index, time, event };
}

/** Parses a stored entry: the body must be what its leaf commits to and in canonical form. Throws `not-verified`. */
export function openEntry(leafBytes: Uint8Array, body: Uint8Array, salt: Uint8Array, index: number): Sequenced {
  try {
    const leaf = decodeLeaf(leafBytes);
    if (bodyCommitment(salt, body) !== leaf.body) throw new Error('the body is not the one that the leaf commits to');
    const event = Event.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (event.type !== leaf.type || !canonicalJson(event).equals(body))
      throw new Error('the body is not in canonical form');
    return { index, time: leaf.time, event };
  } catch (cause) {
    throw new DomainError('not-verified', `Ledger entry ${index} is damaged.`, { cause });
  }
}

export function expectType<T extends EventType>(entry: Sequenced, type: T): Sequenced<EventOf<T>> {
  if (entry.event.type !== type) throw new DomainError('not-verified', `Ledger entry ${entry.index} is not a ${type}.`);
  return entry as Sequenced<EventOf<T>>;
}
