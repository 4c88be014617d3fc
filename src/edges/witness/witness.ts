import type { Logger } from 'pino';
import {
  type Checkpoint,
  keysBehind,
  type LogKeys,
  openLogCheckpoint,
  parseCheckpoint,
} from '../../merkle/checkpoint.ts';
import { MerkleError } from '../../merkle/errors.ts';
import { emptyRoot } from '../../merkle/hashes.ts';
import {
  formatNote,
  formatSignatureLine,
  type NoteSigner,
  parseNote,
  signNoteLine,
  verifyNote,
} from '../../merkle/note.ts';
import { verifyConsistency } from '../../merkle/tree.ts';
import {
  type AddCheckpoint,
  formatTreeSize,
  monitoringPath,
  parseAddCheckpoint,
  treeSizeType,
} from '../../merkle/witness.ts';
import type { WatchedLog } from './config.ts';
import type { WitnessState } from './state.ts';

export type WitnessAnswer = { status: 200 | 400 | 403 | 404 | 409 | 422; type: string; body: string };

const plain = 'text/plain; charset=utf-8';
const refuse = (status: WitnessAnswer['status'], why: string): WitnessAnswer => ({
  status,
  type: plain,
  body: `${why}\n`,
});
const conflict = (size: number): WitnessAnswer => ({ status: 409, type: treeSizeType, body: formatTreeSize(size) });

/**
 * C2SP tlog-witness v1. It cosigns a checkpoint only when its tree extends the last one that it cosigned of this log,
 * so that a log whose checkpoints carry its word showed everybody one history. It sees an origin, a size, a root and
 * hashes, never an entry. Synchronous: no other request stands between its check and its write.
 */
export class Witness {
  readonly #logs: ReadonlyMap<string, WatchedLog>;
  readonly #byPath: ReadonlyMap<string, WatchedLog>;
  readonly #state: WitnessState;
  readonly #cosigner: NoteSigner;
  readonly #log: Logger;

  constructor(parts: { logs: readonly WatchedLog[]; state: WitnessState; cosigner: NoteSigner; log: Logger }) {
    this.#logs = new Map(parts.logs.map((log) => [log.origin, log]));
    this.#byPath = new Map(parts.logs.map((log) => [monitoringPath(log.origin), log]));
    this.#state = parts.state;
    this.#cosigner = parts.cosigner;
    this.#log = parts.log;
  }

  /** Answers `POST add-checkpoint`, in the order of checks of the specification. Throws only when its storage fails. */
  add(body: Uint8Array): WitnessAnswer {
    let request: AddCheckpoint;
    let claimed: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      claimed = parseCheckpoint(parseNote(request.checkpoint).text);
    } catch (error) {
      return refuse(400, messageOf(error));
    }
    const log = this.#logs.get(claimed.origin);
    if (!log) return refuse(404, 'This witness does not watch that log.');
    let checkpoint: Checkpoint;
    try {
      checkpoint = openLogCheckpoint(request.checkpoint, keysOf(log));
    } catch (error) {
      return refuse(403, messageOf(error));
    }
    if (request.oldSize > checkpoint.size) return refuse(400, 'The old size is larger than the checkpoint.');
    return this.#extend(log, request, checkpoint);
  }

  #extend(log: WatchedLog, request: AddCheckpoint, checkpoint: Checkpoint): WitnessAnswer {
    const { origin, size, root } = checkpoint;
    const seen = this.#state.latest(origin) ?? { size: 0, root: emptyRoot };
    if (request.oldSize !== seen.size) return conflict(seen.size);
    if (size === seen.size && !root.equals(seen.root)) {
      this.#alarm(checkpoint, seen, 'the log signed two trees of one size');
      return conflict(seen.size);
    }
    const claim = { oldSize: seen.size, oldRoot: seen.root, newSize: size, newRoot: root, proof: request.proof };
    if (!verifyConsistency(claim)) {
      this.#alarm(checkpoint, seen, 'a signed checkpoint came without a proof that it extends the last one');
      return refuse(422, `The proof does not show that ${size} entries extend the ${seen.size} that were cosigned.`);
    }
    const kept = { size, root, note: onlyLogSignatures(request.checkpoint, log) };
    // Before the cosignature exists: a crash here leaves a tree that the log asks for again, from this very size.
    if (!this.#state.advance(origin, seen.size, kept)) return conflict(this.#state.latest(origin)?.size ?? 0);
    return { status: 200, type: plain, body: `${this.#cosign(request.checkpoint)}\n` };
  }

  /** Answers `GET <path>`: the newest checkpoint of a log with the log's signatures and this witness' own. */
  latest(path: string): WitnessAnswer {
    const log = this.#byPath.get(path);
    const seen = log && this.#state.latest(log.origin);
    if (!log || !seen) return refuse(404, 'Nothing was cosigned under this name.');
    const { text, signatures } = parseNote(seen.note);
    return { status: 200, type: plain, body: formatNote(text, [...signatures, signNoteLine(text, this.#cosigner)]) };
  }

  #cosign(note: string): string {
    return formatSignatureLine(signNoteLine(parseNote(note).text, this.#cosigner));
  }

  /** Both notes go into the witness' own log: they are what convicts a log of two histories. */
  #alarm(checkpoint: Checkpoint, seen: { size: number; root: Buffer }, what: string): void {
    const tree = ({ size, root }: { size: number; root: Buffer }) => ({ size, root: root.toString('base64') });
    this.#log.error({ origin: checkpoint.origin, cosigned: tree(seen), offered: tree(checkpoint) }, what);
  }
}

const keysOf = ({ origin, verifiers, next }: WatchedLog): LogKeys => ({
  origin,
  ledgerVerifiers: verifiers,
  ...(next && { earlierLedgerKeys: [{ verifiers: next, endedMs: Number.POSITIVE_INFINITY }] }),
});

/** Whatever else was added to the note is nobody's business here, and could be anything. */
function onlyLogSignatures(note: string, log: WatchedLog): string {
  const { verifiers } = keysBehind(note, keysOf(log));
  const parsed = parseNote(note);
  return formatNote(parsed.text, verifyNote(parsed, verifiers, verifiers.length));
}

const messageOf = (error: unknown): string => {
  if (error instanceof MerkleError) return error.message;
  throw error;
};
