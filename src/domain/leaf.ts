import { z } from 'zod';
import { eventTypeNames } from './events.ts';

/**
 * What the Merkle tree commits to for one event, and all that an outsider sees of it: no technical data, no names.
 * `body` = hex SHA-256(salt ‖ body bytes). RFC 8785 orders the keys as written here.
 */
export const Leaf = z.strictObject({
  body: z.string().regex(/^[0-9a-f]{64}$/),
  time: z.iso.datetime({ precision: 3 }),
  type: z.enum(eventTypeNames),
  v: z.literal(1),
});
export type Leaf = z.infer<typeof Leaf>;

/** Every value is plain ASCII without quotes, so that this is already the RFC 8785 form. */
export const encodeLeaf = (leaf: Leaf): Buffer =>
  Buffer.from(`{"body":"${leaf.body}","time":"${leaf.time}","type":"${leaf.type}","v":1}`, 'ascii');

/** Strict: what does not encode back to the same bytes is not a leaf. Throws on anything else. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const text = Buffer.from(bytes).toString('latin1');
  const leaf = Leaf.parse(JSON.parse(text));
  if (encodeLeaf(leaf).toString('latin1') !== text) throw new Error('a leaf is not in canonical form');
  return leaf;
}
