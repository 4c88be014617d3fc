import type { Logger } from 'pino';
import { type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { type AnchorFolder, type LedgerHead, requireExtends } from './anchor.ts';
import type { OpenedLedger } from './open.ts';
import { newestOfWitness, type WitnessPeer } from './witness-client.ts';

type StartParts = {
  opened: Pick<OpenedLedger, 'tree' | 'hashes' | 'latest'>;
  folder: AnchorFolder;
  peers: readonly WitnessPeer[];
  trust: LogKeys;
  log: Logger;
};

/**
 * That the ledger which was opened is the newest one, by what stands outside of it: the anchor folder, and the
 * checkpoint that each witness holds. Throws `ledger-inconsistent` with both checkpoints. A witness that does not answer
 * within `limits.witnessStartMs` is passed over, because the floor must not stop for it.
 */
export async function requireAnchored({ opened, folder, peers, trust, log }: StartParts): Promise<void> {
  const { tree, hashes, latest } = opened;
  const head: LedgerHead = { size: tree.size, root: tree.root(), hashes };
  const anchor = folder.read();
  if (anchor) requireExtends(anchor, head, trust);
  else if (head.size > 0) log.warn({ anchor: folder.path }, 'no anchor was there to check the ledger against');
  // All are heard, also where the first convicts: what each says of it is in the log when a start is refused.
  const heard = await Promise.allSettled(peers.map((peer) => requireWitnessed(peer, head, trust, log)));
  for (const one of heard) if (one.status === 'rejected') throw one.reason;
  // Also mends what a crash left between storing a checkpoint and anchoring it.
  if (latest) await folder.keep(latest);
}

async function requireWitnessed(
  peer: WitnessPeer,
  head: LedgerHead,
  trust: StartParts['trust'],
  log: Logger,
): Promise<void> {
  let note: string | undefined;
  try {
    note = await newestOfWitness(peer, trust.origin);
    // Only our own signatures convict us: a witness that answers anything else is wrong itself, and stops nothing.
    if (note !== undefined) openLogCheckpoint(note, trust);
  } catch (error) {
    log.warn(
      { witness: peer.name, url: peer.url, why: (error as Error).message },
      'the ledger could not be checked against a witness',
    );
    return;
  }
  if (note !== undefined) requireExtends({ place: `${peer.name} (${peer.url})`, note }, head, trust);
}
