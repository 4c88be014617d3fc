import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Logger } from 'pino';
import { z } from 'zod';
import { standingEvents } from '../catalog/standing-events.ts';
import { decodeLeaf } from '../domain/leaf.ts';
import { limits } from '../domain/limits.ts';
import { type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { TreeBuilder } from '../merkle/tiles.ts';
import type { HashReader } from '../merkle/tree.ts';
import { readFileIfThere, replaceFile } from '../platform/durable-file.ts';
import { edgeTiles } from './ledger-tiles.ts';
import type { SignedCheckpoint } from './publisher.ts';
import { StandingEntries } from './standing-entries.ts';
import type { LedgerReader } from './store.ts';

/** Names the form of the file; with the kinds of event that stand, as another fold needs other entries. */
const version = `keyway summary 1 ${[...standingEvents].sort().join(' ')}`;

const SummaryFile = z.strictObject({
  version: z.literal(version),
  /** The signed checkpoint that this is a summary of everything under. */
  checkpoint: z.string(),
  lastTime: z.string(),
  /** The right-most tile of each level, base64. */
  edge: z.array(z.string()),
  /** See StandingEntries, base64. */
  standing: z.string(),
});

/** Where a start may go on from instead of from the first entry. */
export type Summary = { tree: TreeBuilder; lastTime: string; standing: StandingEntries };

/**
 * What was found when everything up to a signed checkpoint was verified, so that a start needs to look only at what came
 * after. It is under an HMAC of the gateway's seal key and holds the checkpoint that both ledger keys signed.
 *
 * Whoever can write files but lacks the seal key can remove it, spoil it or put an older one back: the first two cost a
 * scan of every leaf, the third a longer fold to the same end, as an older summary leads over the same leaves to the
 * newest checkpoint or to a refusal. They cannot leave a withdrawal out of it, nor name an entry that they changed. What
 * they change in the database below the checkpoint is found by the verification that follows a start and ends the
 * process; until then it may stop a delivery and cannot cause one, since a delivery opens each entry it rests on by its
 * proof under the checkpoint. Whoever has the seal key too is refused by the anchor, the witnesses and the signer.
 *
 * Undefined where there is none, it is of another version, or it does not hold.
 */
export function readSummary(path: string, sealKey: KeyObject, trust: LogKeys): Summary | undefined {
  try {
    const bytes = readFileIfThere(path);
    const text = bytes && sealedText(bytes, sealKey);
    return text && openSummary(SummaryFile.parse(JSON.parse(text.toString('utf8'))), trust);
  } catch {
    return undefined;
  }
}

function openSummary(file: z.infer<typeof SummaryFile>, trust: LogKeys): Summary | undefined {
  const { size, root } = openLogCheckpoint(file.checkpoint, trust);
  const edge = file.edge.map((tile) => Buffer.from(tile, 'base64'));
  const tree = TreeBuilder.restore(size, (level) => edge[level] ?? Buffer.alloc(0));
  if (!tree.root().equals(root)) return undefined;
  return { tree, lastTime: file.lastTime, standing: new StandingEntries(Buffer.from(file.standing, 'base64')) };
}

const macBytes = 32;
const macOf = (sealKey: KeyObject, text: Uint8Array): Buffer => createHmac('sha256', sealKey).update(text).digest();

function sealedText(bytes: Buffer, sealKey: KeyObject): Buffer | undefined {
  const [mac, text] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
  return mac.length === macBytes && timingSafeEqual(mac, macOf(sealKey, text)) ? text : undefined;
}

type KeeperParts = {
  path: string;
  sealKey: KeyObject;
  reader: Pick<LedgerReader, 'leaves'>;
  hashes: HashReader;
  standing: StandingEntries;
  log: Logger;
};

/** Writes the summary from time to time and at the end. Nothing depends on it but how long the next start takes. */
export class SummaryKeeper {
  readonly #parts: KeeperParts;
  #size: number;

  /** `size`: entries under the summary that is there. */
  constructor(parts: KeeperParts, size: number) {
    this.#parts = parts;
    this.#size = size;
  }

  /** Takes a published checkpoint; writes when enough came since the last time. */
  offer(checkpoint: SignedCheckpoint): void {
    const due = Math.max(limits.summaryEntries, this.#size / 10);
    if (checkpoint.size - this.#size >= due) this.write(checkpoint);
  }

  /** Replaced whole, so that a crash leaves the one before. Never throws: a full disk costs the next start time only. */
  write(checkpoint: SignedCheckpoint): void {
    const { path, sealKey, log } = this.#parts;
    if (checkpoint.size <= this.#size) return;
    try {
      const text = Buffer.from(JSON.stringify(this.#fileFor(checkpoint)), 'utf8');
      replaceFile(path, Buffer.concat([macOf(sealKey, text), text]));
      this.#size = checkpoint.size;
    } catch (err) {
      log.warn({ err, path }, 'the summary of the ledger cannot be written; the next start looks at every entry');
    }
  }

  remove(): void {
    rmSync(this.#parts.path, { force: true });
  }

  #fileFor({ size, note }: SignedCheckpoint): z.infer<typeof SummaryFile> {
    const { reader, hashes, standing } = this.#parts;
    const [last] = reader.leaves(size - 1, size);
    if (!last) throw new Error(`entry ${size - 1} is missing`);
    return {
      version,
      checkpoint: note,
      lastTime: decodeLeaf(last).time,
      edge: edgeTiles(size, hashes).map((tile) => tile.toString('base64')),
      standing: standing.upTo(size).toString('base64'),
    };
  }
}
