import type { Believed } from './believed-keys.ts';
import { Broken, fromBase64 } from './bytes.ts';
import { requireGrowth } from './consistency.ts';
import { cosignersOf, openCheckpoint, type SignedCheckpoint } from './verify-checkpoint.ts';

/** The newest checkpoint that this browser found good, and when. */
export type Seen = { size: number; note: string; at: string };

/** What the gateway answers about the newest checkpoint: the note, and the path to it from what was seen, base64. */
export type Grown = { note: string; growth: readonly string[] | undefined };

export type Cosigner = { name: string; at: Date };

/**
 * `good`: both ledger keys signed it, and it extends what was seen. `keys`: their ids; `since`: what it extends; `cosigners`:
 * the witnesses whose cosignature this browser verified.
 */
export type Judged =
  | { state: 'good'; size: number; keys: readonly string[]; cosigners: readonly Cosigner[]; since?: Seen }
  | { state: 'bad'; why: string; since?: Seen };

/** Never throws: what cannot be checked is not good. */
export async function judgeGrowth(claimed: Grown, believed: Believed, seen: Seen | undefined): Promise<Judged> {
  const since = seen ? { since: seen } : {};
  try {
    const { size, signedBy, note } = await requireGrown(claimed, believed, seen);
    const cosigners = await cosignersOf(note, believed.keys.witnesses?.vkeys ?? []);
    return { state: 'good', size, keys: signedBy.map(({ id }) => id), cosigners, ...since };
  } catch (error) {
    const why = error instanceof Broken ? error.message : `this browser cannot check it: ${(error as Error).message}`;
    return { state: 'bad', why, ...since };
  }
}

async function requireGrown({ note, growth }: Grown, { keys, why, since }: Believed, seen: Seen | undefined) {
  if (why === 'changed') throw new Broken(`the gateway names other keys than those that this browser saw on ${since}`);
  const newest: SignedCheckpoint = await openCheckpoint(note, keys);
  if (!seen) return newest;
  const path = (growth ?? []).map((hash) => fromBase64(hash, 'a hash of the growth'));
  await requireGrowth(await openCheckpoint(seen.note, keys), newest, path);
  return newest;
}

type Store = Pick<Storage, 'getItem' | 'setItem'>;
const nameOf = (origin: string): string => `keyway.ledger-seen.${origin}`;

export function readSeen(origin: string, storage: Store): Seen | undefined {
  try {
    const seen = JSON.parse(storage.getItem(nameOf(origin)) ?? 'null') as Partial<Seen> | null;
    const isSeen = typeof seen?.note === 'string' && typeof seen.at === 'string' && Number.isSafeInteger(seen.size);
    return isSeen ? (seen as Seen) : undefined;
  } catch {
    return undefined;
  }
}

/** Only forwards: another tab may have seen more meanwhile. */
export function keepSeen(origin: string, seen: Seen, storage: Store): void {
  if ((readSeen(origin, storage)?.size ?? -1) < seen.size) storage.setItem(nameOf(origin), JSON.stringify(seen));
}
