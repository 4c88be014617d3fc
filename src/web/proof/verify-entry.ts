import { Broken, type Bytes, fromBase64, hex, sha256, textOf } from './bytes.ts';
import { requireInclusion } from './inclusion.ts';
import { cosignersOf, openCheckpoint, type SignedCheckpoint, type TrustedKeys } from './verify-checkpoint.ts';

/** What the gateway answers about an entry: base64 of leaf, body and salt, the path, and the signed checkpoint. */
export type Claimed = {
  index: number;
  proven: {
    index: number;
    leaf: string;
    proof: readonly string[];
    body?: string | undefined;
    salt?: string | undefined;
  };
  checkpoint: string;
};

export const checkNames = ['body', 'inclusion', 'checkpoint', 'witnesses'] as const;
export type CheckName = (typeof checkNames)[number];
/** `unchecked`: there was nothing to check, and why. */
export type Check = { name: CheckName; state: 'good' | 'bad' | 'unchecked'; detail: string };

export type Report = {
  checks: readonly Check[];
  /** Of the leaf, which the tree covers. */
  leaf?: { time: string; type: string };
  /** Parsed from the very bytes that the leaf commits to; nothing else of the answer is believed. */
  event?: { type: string; actor: unknown; data: unknown };
  size?: number;
};

/**
 * Recomputes, from hashes and public keys alone, that an entry is in the ledger: body and salt make the leaf's commitment, the
 * leaf's hash leads to the root, both ledger keys signed that root, and witnesses cosigned it. Every check is made and told.
 */
export async function verifyEntry(claimed: Claimed, trusted: TrustedKeys): Promise<Report> {
  const { proven } = claimed;
  const leafBytes = attempt(() => fromBase64(proven.leaf, 'the leaf'));
  const leaf = attempt(() => readLeaf(leafBytes()));
  const tree = await attemptAsync(async () => openCheckpoint(claimed.checkpoint, trusted));
  const body = await attemptAsync(async () => openBody(leaf(), proven.body, proven.salt));
  const checks = [
    await check('body', async () =>
      body() ? `SHA-256 ${leaf().body.slice(0, 8)}…` : { unchecked: 'not shown to you' },
    ),
    await check('inclusion', () => included(claimed, leafBytes(), tree())),
    await check('checkpoint', async () => signedText(tree(), leaf())),
    await check('witnesses', () => witnessed(tree(), trusted)),
  ];
  if (checks.some(({ state }) => state === 'bad')) return { checks };
  const event = body();
  return { checks, leaf: leaf(), size: tree().size, ...(event ? { event } : {}) };
}

/** What was found good, or why there was nothing to check. */
type Found = string | { unchecked: string };

async function check(name: CheckName, make: () => Promise<Found>): Promise<Check> {
  try {
    const found = await make();
    return typeof found === 'string'
      ? { name, state: 'good', detail: found }
      : { name, state: 'unchecked', detail: found.unchecked };
  } catch (error) {
    if (error instanceof Broken) return { name, state: 'bad', detail: error.message };
    return { name, state: 'bad', detail: `this browser cannot check it: ${(error as Error).message}` };
  }
}

/** What failed once fails in each check that rests on it. */
function attempt<T>(make: () => T): () => T {
  try {
    const made = make();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
async function attemptAsync<T>(make: () => Promise<T>): Promise<() => T> {
  const [settled] = await Promise.allSettled([make()]);
  return () => {
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  };
}

const leafForm =
  /^\{"body":"([0-9a-f]{64})","time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","type":"([a-z-]+\.[a-z-]+)","v":1\}$/;

function readLeaf(bytes: Bytes): { body: string; time: string; type: string } {
  const [, body, time, type] = leafForm.exec(textOf(bytes, 'the leaf')) ?? [];
  if (body === undefined || time === undefined || type === undefined) throw new Broken('this is no leaf');
  return { body, time, type };
}

async function openBody(leaf: { body: string; type: string }, body?: string, salt?: string) {
  if (body === undefined || salt === undefined) return undefined;
  const bytes = fromBase64(body, 'the body');
  const commitment = hex(await sha256(fromBase64(salt, 'the salt'), bytes));
  if (commitment !== leaf.body) throw new Broken('body and salt are not what the leaf commits to');
  const said = JSON.parse(textOf(bytes, 'the body')) as { type?: unknown; actor?: unknown; data?: unknown };
  if (said.type !== leaf.type) throw new Broken('the body is of another type than its leaf');
  return { type: leaf.type, actor: said.actor, data: said.data };
}

async function included({ index, proven }: Claimed, leaf: Bytes, { size, root }: SignedCheckpoint): Promise<string> {
  if (proven.index !== index) throw new Broken(`the proof is of entry ${proven.index}`);
  const path = proven.proof.map((hash) => fromBase64(hash, 'a hash of the path'));
  await requireInclusion({ leaf, index, size, path, root });
  return `${path.length} hashes to the root over ${size} entries`;
}

async function signedText({ signedBy, until }: SignedCheckpoint, { time }: { time: string }): Promise<string> {
  if (until !== undefined && Date.parse(time) >= Date.parse(until))
    throw new Broken(`it is signed by keys that ended on ${until}`);
  return signedBy.map(({ id, kind }) => `${kind === 'ecdsa' ? 'ECDSA P-256' : 'Ed25519'} ${id}`).join(' and ');
}

async function witnessed({ note }: SignedCheckpoint, { witnesses }: TrustedKeys): Promise<Found> {
  if (!witnesses) return { unchecked: 'no witness is configured' };
  const cosigners = await cosignersOf(note, witnesses.vkeys);
  const { quorum } = witnesses;
  if (cosigners.length < quorum) return { unchecked: `${cosigners.length} of ${quorum} cosigned it so far` };
  return cosigners.map(({ name }) => name).join(', ');
}
