import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { Event, type EventOf, type EventType, type Sequenced } from '../domain/events.ts';
import { decodeLeaf } from '../domain/leaf.ts';
import { limits } from '../domain/limits.ts';
import { isPeopleEntry, type PeopleEntry } from '../domain/people-register.ts';
import { leafHash } from '../merkle/hashes.ts';
import { verifyInclusion } from '../merkle/tree.ts';
import { bodyCommitment, isCanonicalJson } from '../platform/hash.ts';

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
export function openEntry(leafBytes: Uint8Array, body: Buffer, salt: Uint8Array, index: number): Sequenced {
  try {
    const { time, written } = openCommitted(leafBytes, body, salt);
    // The schemas are strict and change nothing, so that what they give back is what was written.
    return { index, time, event: Event.parse(written) };
  } catch (cause) {
    throw new DomainError('not-verified', `Ledger entry ${index} is damaged.`, { cause });
  }
}

/**
 * What a body says, once its leaf commits to it and it is in canonical form; without its schema, which it met before it
 * was hashed. Throws where it is not.
 */
export function openCommitted(
  leafBytes: Uint8Array,
  body: Buffer,
  salt: Uint8Array,
): { time: string; written: unknown } {
  const leaf = decodeLeaf(leafBytes);
  if (bodyCommitment(salt, body) !== leaf.body) throw new Error('the body is not the one that the leaf commits to');
  const written = JSON.parse(body.toString('utf8')) as { type?: unknown };
  if (written.type !== leaf.type || !isCanonicalJson(body, written))
    throw new Error('the body is not in canonical form');
  return { time: leaf.time, written };
}

export function expectType<T extends EventType>(entry: Sequenced, type: T): Sequenced<EventOf<T>> {
  if (entry.event.type !== type) throw new DomainError('not-verified', `Ledger entry ${entry.index} is not a ${type}.`);
  return entry as Sequenced<EventOf<T>>;
}

export function expectPeopleEntry(entry: Sequenced): PeopleEntry {
  if (!isPeopleEntry(entry))
    throw new DomainError('not-verified', `Ledger entry ${entry.index} is not about a person.`);
  return entry;
}
