import { basename, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import { type DepositId, newDepositId, type RandomBytes } from '../../domain/ids.ts';
import type { DepositOutcome, Intake } from '../../domain/intake.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';
import { Backoff } from './backoff.ts';
import { Claims } from './claims.ts';
import { type FolderFiles, folderFiles } from './files.ts';
import { type Job, judge } from './jobs.ts';
import { Notes } from './notes.ts';
import { type Entry, Observer } from './observer.ts';
import { SidecarReader } from './sidecar-reader.ts';

/** What is used of pino. */
export type DropLog = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type DropFolderOptions = {
  /** The watched folder. It must exist. */
  folder: string;
  intake: Intake;
  clock: Clock;
  random: RandomBytes;
  log: DropLog;
  settleMs?: number;
  orphanMs?: number;
  /** For tests that stop between two steps. */
  files?: FolderFiles;
};

/** Refusals that every other job would meet too: then all wait. */
const systemic: readonly ErrorCode[] = [
  'ledger-unavailable',
  'ledger-inconsistent',
  'ledger-locked',
  'storage-full',
  'busy',
];
const everything = '';

/**
 * The door for deposits by file: a job is a sidecar `NAME.keyway.yaml` (or `.yml`, `.json`) and the files it lists. A
 * settled job is moved out of its writer's reach, read once and handed to intake; what was admitted is deleted, what
 * was rejected goes back beside a note that says why. The folder and the ledger are the only memory.
 */
export class DropFolder {
  readonly #options: DropFolderOptions;
  readonly #claims: Claims;
  readonly #notes: Notes;
  readonly #observer: Observer;
  readonly #sidecars: SidecarReader;
  readonly #backoff: Backoff;
  /** What was last complained about, so that a lasting trouble is logged once. */
  readonly #complaints = new Map<string, string>();
  #tail: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hinted = false;
  #started = false;
  #stopping = false;
  #due: number | undefined;

  constructor(options: DropFolderOptions) {
    const { clock, files = folderFiles } = options;
    const folder = resolve(options.folder);
    this.#options = { ...options, folder };
    this.#claims = new Claims(files, folder);
    this.#notes = new Notes(files, folder);
    this.#observer = new Observer(files, folder, clock);
    this.#sidecars = new SidecarReader(files, folder, (name, error) =>
      this.#complain(name, error, 'a sidecar in the drop folder cannot be read; it is tried again'),
    );
    this.#backoff = new Backoff(clock);
  }

  /**
   * Ends what a crash left half done; to be called before the first scan. Throws `config-invalid` when the folder cannot
   * be used; a claim that cannot be ended now is logged and tried again by the scans.
   */
  async recover(): Promise<void> {
    try {
      await this.#claims.prepare();
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new DomainError('config-invalid', `The drop folder cannot be used (${code}).`, { cause: error });
    }
    await this.#endLeftClaims();
  }

  /**
   * Looks at the folder once and takes every job that is ready. Never two at once: calls during a scan share the next
   * one. Trouble is logged, not thrown; what could not be taken stays or goes back.
   */
  scan(): Promise<void> {
    this.#queued ??= this.#tail.then(async () => {
      this.#queued = undefined;
      await this.#scanOnce().then(
        () => this.#complaints.delete(everything),
        (error: unknown) => this.#complain(everything, error, 'the drop folder cannot be scanned'),
      );
    });
    this.#tail = this.#queued;
    return this.#queued;
  }

  /** Scans on every hint of a change and at least every `dropRescanMs`, until `stop`. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const { folder, log } = this.#options;
    // Only hints (links, FIFOs and half-written files raise them too): what is there is for the scan to find out.
    this.#watcher = watch(folder, {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => path !== folder && basename(path).startsWith('.'),
    });
    this.#watcher.on('all', () => this.#hint());
    this.#watcher.on('error', (err) =>
      log.warn({ err, folder }, 'the drop folder is not watched well; it is still scanned'),
    );
    this.#schedule(0);
  }

  /** Ends after the deposit under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#watcher?.close();
    await this.#tail;
  }

  #hint(): void {
    if (this.#hinted) return;
    this.#hinted = true;
    this.#schedule(limits.dropHintMs);
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopping) return;
    this.#timer = setTimeout(() => void this.#run(), afterMs);
  }

  async #run(): Promise<void> {
    this.#hinted = false;
    await this.scan();
    if (this.#hinted) return;
    const due = this.#due === undefined ? limits.dropRescanMs : this.#due - this.#options.clock();
    this.#schedule(Math.min(Math.max(due, limits.dropHintMs), limits.dropRescanMs));
  }

  async #scanOnce(): Promise<void> {
    await this.#claims.prepare();
    const unanswered = await this.#endLeftClaims();
    const entries = await this.#observer.look();
    const { clock, settleMs = limits.dropSettleMs, orphanMs = limits.dropOrphanMs } = this.#options;
    const { ready, due } = await judge(entries, this.#sidecars, { settleMs, orphanMs, now: clock() });
    this.#due = due;
    this.#notes.keepOnly(entries);
    for (const job of ready) {
      if (this.#stopping || !this.#backoff.due(everything)) return;
      if (unanswered.has(job.note) || !this.#backoff.due(job.note)) continue;
      if (await this.#isAnswered(job, entries)) continue;
      await this.#take(job);
    }
  }

  /** A note that cannot be read now may be the answer: its job waits, rather than being recorded twice. */
  async #isAnswered(job: Job, entries: ReadonlyMap<string, Entry>): Promise<boolean> {
    try {
      const answered = await this.#notes.answers(entries.get(job.note), job.fingerprint);
      this.#complaints.delete(job.note);
      return answered;
    } catch (error) {
      this.#complain(job.note, error, 'a note in the drop folder cannot be read; its job waits');
      return true;
    }
  }

  async #take(job: Job): Promise<void> {
    const { intake, random, log } = this.#options;
    const id = newDepositId(random);
    let outcome: DepositOutcome | undefined;
    try {
      await this.#claims.claim(id, job);
      // A crash before this resolves leaves a claim of which the ledger knows or not; recovery asks it.
      outcome = await intake.receive(await this.#claims.deposit(id, job));
      this.#backoff.succeeded(everything);
      this.#backoff.succeeded(job.note);
      log.info({ depositId: id, job: job.name, state: outcome.state }, 'deposit taken from the drop folder');
    } catch (err) {
      const isSystemic = err instanceof DomainError && systemic.includes(err.code);
      this.#backoff.failed(isSystemic ? everything : job.note);
      log.warn({ err, depositId: id, job: job.name }, 'deposit not taken; its files go back and it is tried again');
    }
    await this.#end(id, outcome);
  }

  /** Ends every claim that is there. Returns the notes of those that could not be ended, whose jobs must wait. */
  async #endLeftClaims(): Promise<Set<string>> {
    const unanswered = new Set<string>();
    for (const id of await this.#claims.left()) {
      if (this.#backoff.due(id)) await this.#end(id, undefined);
      const journal = await this.#claims.journal(id).catch(() => undefined);
      if (journal) unanswered.add(journal.note);
    }
    return unanswered;
  }

  /** Brings a claim to its end by what intake recorded, for good or after a crash alike. */
  async #end(id: DepositId, known: DepositOutcome | undefined): Promise<void> {
    try {
      const outcome = known ?? (await this.#options.intake.outcome(id));
      if (outcome === undefined) await this.#claims.giveBack(id);
      else if (outcome.state === 'rejected') await this.#answer(id, outcome.reasons);
      else await this.#letGo(id);
      await this.#claims.remove(id);
      this.#backoff.succeeded(id);
      this.#complaints.delete(id);
    } catch (error) {
      this.#backoff.failed(id);
      this.#complain(id, error, 'a claim of the drop folder cannot be ended; it is tried again');
    }
  }

  async #answer(
    depositId: DepositId,
    reasons: Extract<DepositOutcome, { state: 'rejected' }>['reasons'],
  ): Promise<void> {
    const journal = await this.#claims.journal(depositId);
    await this.#claims.giveBack(depositId);
    if (!journal) return;
    const { name, note, fingerprint } = journal;
    const rejection = { job: name, depositId, timeMs: this.#options.clock(), reasons, fingerprint };
    await this.#notes.write(this.#claims.path(depositId), note, rejection);
  }

  async #letGo(id: DepositId): Promise<void> {
    const returned = await this.#claims.discard(id, await this.#claims.journal(id));
    if (returned.length === 0) return;
    const files = returned.map(String);
    this.#options.log.warn(
      { depositId: id, files },
      'files written to after they were taken went back into the folder',
    );
  }

  #complain(key: string, err: unknown, message: string): void {
    const text = String(err);
    if (this.#complaints.get(key) === text) return;
    this.#complaints.set(key, text);
    this.#options.log.error({ err, folder: this.#options.folder, about: key }, message);
  }
}
