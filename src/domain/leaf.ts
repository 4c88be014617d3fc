import { z } from 'zod';
import { type EventType, eventTypeNames } from './events.ts';

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

const types: ReadonlySet<string> = new Set(eventTypeNames);
const leafForm =
  /^\{"body":"([0-9a-f]{64})","time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","type":"([a-z-]+\.[a-z-]+)","v":1\}$/;

/**
 * Strict: what does not encode back to the same bytes is not a leaf. Throws on anything else. The form is fixed, so that
 * a pattern reads it, five times as fast as JSON and schema: a start reads every leaf.
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const leaf = decodeLeafText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
  if (!leaf) throw new Error('a leaf is not in canonical form');
  return leaf;
}

/** As `decodeLeaf`, of the text of these bytes; undefined for anything else. A leaf is ASCII. */
export function decodeLeafText(text: string): Leaf | undefined {
  const [, body, time, type] = leafForm.exec(text) ?? [];
  if (body === undefined || time === undefined || type === undefined || !isTime(time) || !types.has(type))
    return undefined;
  return { body, time, type: type as EventType, v: 1 };
}

/** Of times that differ within a day only one is looked at twice: the calendar is checked once a day. */
let lastDay = '';
function isTime(time: string): boolean {
  const day = time.slice(0, 10);
  if (day !== lastDay) {
    const at = new Date(`${day}T00:00:00.000Z`);
    if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day) return false;
    lastDay = day;
  }
  return time.slice(11, 13) <= '23' && time.slice(14, 16) <= '59' && time.slice(17, 19) <= '59';
}
