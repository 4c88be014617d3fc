import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { DepositId } from '../../domain/ids.ts';
import type { IncomingDeposit } from '../../domain/intake.ts';
import { contentOf, readContent } from './content.ts';
import { type EntryName, type FilePath, type FileState, type FolderFiles, inFolder, sameContent } from './files.ts';
import type { Job } from './jobs.ts';
import { asideName, isHidden, keyOf, noteName, sidecarJob, workFolderName } from './names.ts';
import type { Entry } from './observer.ts';

/** Written before the first file moves, so that a claim which a crash left behind says what it was. */
const Journal = z.strictObject({
  v: z.literal(1),
  name: z.string(),
  note: z.string(),
  fingerprint: z.string(),
  files: z.array(z.strictObject({ key: z.string(), ino: z.string(), size: z.int(), mtimeNs: z.string() })),
  /** The notes that are out of date once these files were taken. */
  staleNotes: z.array(z.string()),
});
export type Journal = z.infer<typeof Journal>;
const journalName = '.job.json';

/**
 * Jobs moved out of their writers' reach, each in `.keyway/<deposit id>/` under its own names. A claim ends by
 * `giveBack` or `discard` and then `remove`; each can be repeated after a crash at any step.
 */
export class Claims {
  readonly #files: FolderFiles;
  readonly #folder: string;
  readonly #work: string;

  constructor(files: FolderFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
    this.#work = `${folder}/${workFolderName}`;
  }

  /** Throws `config-invalid` where someone else owns the gateway's folder. */
  async prepare(): Promise<void> {
    await this.#files.ownFolder(this.#work);
  }

  path(id: DepositId): string {
    return `${this.#work}/${id}`;
  }

  /** The claims that are there: after a crash, or where an ending failed. */
  async left(): Promise<DepositId[]> {
    const names = await this.#files.list(this.#work);
    return names.flatMap((name) => DepositId.safeParse(name).data ?? []).sort();
  }

  /**
   * Moves the job's files under the claim, the sidecar last. A crash in between leaves a part here and a part in the
   * folder, and nothing recorded: recovery gives the part back.
   */
  async claim(id: DepositId, job: Job): Promise<void> {
    const claim = this.path(id);
    const entries = [...job.files.map((file) => file.entry), ...(job.sidecar ? [job.sidecar.entry] : [])];
    await this.#files.makeFolder(claim);
    await this.#files.write(`${claim}/${journalName}`, JSON.stringify(journalOf(job, entries)), 0o600);
    for (const { name } of entries) await this.#files.move(inFolder(this.#folder, name), inFolder(claim, name));
    // Before anything is recorded: a file that came back to the folder after a power cut would be taken twice.
    for (const folder of [claim, this.#work, this.#folder]) await this.#files.sync(folder);
  }

  /** What intake is given. Throws `file-changed` when the claimed sidecar is not the one that was parsed. */
  async deposit(id: DepositId, job: Job): Promise<IncomingDeposit> {
    const at = (entry: Entry): FilePath => inFolder(this.path(id), entry.name);
    const { name, problems, sidecar } = job;
    if (sidecar) {
      const bytes = await readContent(this.#files, at(sidecar.entry), sidecar.entry.state);
      if (!bytes.equals(sidecar.bytes))
        throw new DomainError('file-changed', 'The sidecar changed while it was taken; it is tried again.');
    }
    return {
      depositId: id,
      door: 'drop-folder',
      name,
      sidecar: sidecar && { fileName: sidecar.entry.key, bytes: sidecar.bytes, parsed: sidecar.parsed },
      files: job.files.map((file) => ({
        name: file.name,
        content: contentOf(this.#files, at(file.entry), file.entry.state),
      })),
      problems,
    };
  }

  /** What the claim was for; undefined where the crash came before a whole journal, when no file had moved yet. */
  async journal(id: DepositId): Promise<Journal | undefined> {
    const path = `${this.path(id)}/${journalName}`;
    const state = await this.#files.state(path);
    if (!state) return undefined;
    try {
      return Journal.parse(JSON.parse((await readContent(this.#files, path, state)).toString('utf8')));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  /** Returns every claimed file to its name. One whose name is taken by a newer file stands beside it under another. */
  async giveBack(id: DepositId): Promise<void> {
    for (const name of await this.#claimed(id)) await this.#return(id, name);
    await this.#files.sync(this.#folder);
  }

  /**
   * Deletes what intake holds durably, and the notes about it. A file that was written to after it was read is not what
   * intake holds: that one is given back, and its names are returned.
   */
  async discard(id: DepositId, journal: Journal | undefined): Promise<EntryName[]> {
    const returned: EntryName[] = [];
    for (const name of await this.#claimed(id)) {
      const path = inFolder(this.path(id), name);
      const taken = journal?.files.find((file) => file.key === keyOf(name));
      const state = await this.#files.state(path);
      if (taken && state && isAsTaken(taken, state)) await this.#files.remove(path);
      else {
        returned.push(name);
        await this.#return(id, name);
      }
    }
    for (const note of journal?.staleNotes ?? []) await this.#removeNote(note);
    return returned;
  }

  /** Ends the claim. The journal goes last but for the folder: until then recovery knows what to do. */
  async remove(id: DepositId): Promise<void> {
    const own = (await this.#files.list(this.path(id))).filter(isHidden);
    for (const name of own) if (name !== journalName) await this.#files.remove(inFolder(this.path(id), name));
    if (own.includes(journalName)) await this.#files.remove(`${this.path(id)}/${journalName}`);
    await this.#files.removeFolder(this.path(id));
  }

  /** Sidecars last, so that whoever sees one in the folder sees its files too. */
  async #claimed(id: DepositId): Promise<EntryName[]> {
    const names = (await this.#files.list(this.path(id))).filter((name) => !isHidden(name));
    const isSidecar = (name: EntryName) => Number(sidecarJob(name) !== undefined);
    return names.sort((a, b) => isSidecar(a) - isSidecar(b));
  }

  async #return(id: DepositId, name: EntryName): Promise<void> {
    const from = inFolder(this.path(id), name);
    const aside =
      typeof name === 'string' ? asideName(name, id) : Buffer.concat([name, Buffer.from(asideName('', id))]);
    if (await this.#place(from, inFolder(this.#folder, name))) return;
    if (await this.#place(from, inFolder(this.#folder, aside))) return;
    throw new DomainError('conflict', `${String(name)} of ${id} cannot go back into the folder: its names are taken.`);
  }

  /**
   * Gives a file another name that nothing has yet; false when something has it. Link and unlink, since rename replaces.
   * A crash between the two leaves both names, and the repetition finds its own file there.
   */
  async #place(from: FilePath, to: FilePath): Promise<boolean> {
    try {
      await this.#files.link(from, to);
    } catch (error) {
      const there = await this.#files.state(to);
      if (!there) {
        // Links to other people's files or to folders are not allowed everywhere.
        if (!isLinkRefusal(error)) throw error;
        await this.#files.move(from, to);
        return true;
      }
      if (there.ino !== (await this.#files.state(from))?.ino) return false;
    }
    await this.#files.remove(from);
    return true;
  }

  async #removeNote(note: string): Promise<void> {
    const path = inFolder(this.#folder, note);
    const state = await this.#files.state(path);
    if (state && state.kind !== 'folder') await this.#files.remove(path);
  }
}

function journalOf(job: Job, entries: readonly Entry[]): Journal {
  const files = entries.map(({ key, state }) => ({
    key,
    ino: `${state.ino}`,
    size: state.size,
    mtimeNs: `${state.mtimeNs}`,
  }));
  const staleNotes = [job.note, ...job.files.map((file) => noteName(file.name))];
  return { v: 1, name: job.name, note: job.note, fingerprint: job.fingerprint, files, staleNotes };
}

const isAsTaken = (taken: Journal['files'][number], state: FileState): boolean =>
  sameContent({ kind: 'file', ino: BigInt(taken.ino), size: taken.size, mtimeNs: BigInt(taken.mtimeNs) }, state);

const isLinkRefusal = (error: unknown): boolean =>
  ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
