import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Checkpoint, type LogKeys, openLogCheckpoint } from '../merkle/checkpoint.ts';
import { type HashReader, rootOf } from '../merkle/tree.ts';
import { readFileIfThere, replaceFileMeanwhile } from '../platform/durable-file.ts';
import type { SignedCheckpoint } from './publisher.ts';

/** The ledger as it stands on the disk: its size, its root, and the hashes of all smaller trees. */
export type LedgerHead = { size: number; root: Buffer; hashes: HashReader };

/** A checkpoint that somebody else kept for us; `place` says where, for a person: a file, or a witness. */
export type Anchor = { place: string; note: string };

/**
 * The newest checkpoint in a folder outside the database, so that a ledger that was cut or restored is noticed even when
 * the signer's memory was restored with it. Worth most on another disk, or wherever the data's backup does not reach.
 */
export class AnchorFolder {
  readonly path: string;
  readonly #log: Logger;
  readonly #replace: typeof replaceFileMeanwhile;
  #failing = false;
  /** What the disk has not answered yet. */
  #writing: Promise<void> | undefined;

  constructor(folder: string, origin: string, log: Logger, replace = replaceFileMeanwhile) {
    this.path = anchorPath(folder, origin);
    this.#log = log;
    this.#replace = replace;
    reachable(folder, () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // What a crash inside `keep` left; the gateway's lock says that nobody is writing it now.
      const mine = basename(this.path).slice(0, 40);
      for (const name of readdirSync(folder)) {
        if (name.startsWith('.tmp-') && name.endsWith(`-${mine}`)) unlinkSync(join(folder, name));
      }
    });
  }

  read(): Anchor | undefined {
    const bytes = reachable(this.path, () => readFileIfThere(this.path));
    return bytes && { place: this.path, note: bytes.toString('utf8') };
  }

  /**
   * Never rejects. Called after a checkpoint is stored in the ledger and before anyone is shown it, so that what anyone saw is here too.
   * A crash before the rename leaves the checkpoint before, which the ledger extends. A folder that cannot be written, or
   * does not answer within `limits.anchorMs` (a share whose server is gone), raises an alarm and stops nothing: the ledger,
   * the signer and the witnesses still hold the newest.
   */
  async keep({ note, size }: SignedCheckpoint): Promise<void> {
    try {
      await this.#written(note);
    } catch (error) {
      if (!this.#failing) this.#log.error({ err: error, anchor: this.path }, 'the anchor cannot be written');
      this.#failing = true;
      return;
    }
    if (this.#failing) this.#log.info({ anchor: this.path, size }, 'the anchor is written again');
    this.#failing = false;
  }

  /** One write at a time: an older checkpoint must not come to lie over a newer one. */
  #written(note: string): Promise<void> {
    if (this.#writing) return Promise.reject(new Error('the disk has not answered the write before'));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${limits.anchorMs} ms`)), limits.anchorMs);
    this.#writing = this.#replace(this.path, note, 0o644)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        this.#writing = undefined;
      });
    return promise;
  }
}

/** An origin is a URL without schema; its slashes must not become folders, and no two origins one name. */
export const anchorPath = (folder: string, origin: string): string =>
  join(folder, `${encodeURIComponent(origin)}.checkpoint`);

/** An anchor that is there and cannot be read must not pass for one that is missing. Throws `config-invalid`. */
function reachable<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new DomainError('config-invalid', `ledger.anchor: ${path} cannot be used (${why}).`, {
      field: 'ledger.anchor',
      cause,
    });
  }
}

/**
 * That the ledger holds all that this anchor covers, unchanged. Throws `ledger-inconsistent` with both checkpoints, and
 * also for an anchor that this ledger's own keys did not sign: it cannot be told from one that somebody replaced.
 */
export function requireExtends(anchor: Anchor, ledger: LedgerHead, trust: LogKeys): Checkpoint {
  const anchored = openAnchor(anchor, trust);
  const have = `${ledger.size} entries, root ${text(ledger.root)}`;
  if (ledger.size < anchored.size) throw refusal(anchor.place, anchored, `this ledger: ${have}`);
  const root = rootOf(anchored.size, ledger.hashes);
  if (!root.equals(anchored.root)) {
    const then = ledger.size === anchored.size ? '' : `; its first ${anchored.size} have root ${text(root)}`;
    throw refusal(anchor.place, anchored, `this ledger: ${have}${then}`);
  }
  return anchored;
}

function openAnchor({ place, note }: Anchor, trust: LogKeys): Checkpoint {
  try {
    return openLogCheckpoint(note, trust);
  } catch (cause) {
    throw new DomainError(
      'ledger-inconsistent',
      `The anchor at ${place} is not a checkpoint signed by the keys of ${trust.origin} (${(cause as Error).message}). Find out who changed it; nothing is opened until it is put back.`,
      { cause },
    );
  }
}

const text = (root: Buffer): string => root.toString('base64');

function refusal(place: string, anchored: Checkpoint, have: string): DomainError {
  return new DomainError(
    'ledger-inconsistent',
    `This ledger is not the one that was anchored: it was cut, restored from an older copy, or changed. Anchored at ${place}: ${anchored.size} entries, root ${text(anchored.root)}; ${have}. Bring back the newest copy; where it is lost, the only way on is "keyway ledger fork" (README, "A restored backup").`,
  );
}
