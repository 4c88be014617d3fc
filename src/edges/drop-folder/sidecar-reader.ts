import { DomainError } from '../../domain/errors.ts';
import type { Reason } from '../../domain/events.ts';
import { limits } from '../../domain/limits.ts';
import type { Sidecar } from '../../domain/sidecar.ts';
import { sentence } from '../../services/reason-text.ts';
import { parseSidecar } from '../../services/sidecar.ts';
import { readContent } from './content.ts';
import { type FileState, type FolderFiles, inFolder, sameContent } from './files.ts';
import type { Entry } from './observer.ts';

/** `bytes` is undefined where there are none to keep: too many, or none that can be read. */
export type SidecarText = {
  bytes: Buffer | undefined;
  parsed: Sidecar | undefined;
  /** The names that it lists, by position; unchecked when it did not parse. */
  names: readonly (string | undefined)[];
  problems: readonly Reason[];
};

const refused = (bytes: Buffer | undefined, code: Reason['code'], message: string): SidecarText => ({
  bytes,
  parsed: undefined,
  names: [],
  problems: [{ code, message: sentence(message) }],
});

/** Reads the sidecars of the folder, each once for as long as it stays the same. */
export class SidecarReader {
  readonly #files: FolderFiles;
  readonly #folder: string;
  readonly #onTrouble: (key: string, error: unknown) => void;
  #known = new Map<string, { state: FileState; text: SidecarText }>();

  constructor(files: FolderFiles, folder: string, onTrouble: (key: string, error: unknown) => void) {
    this.#files = files;
    this.#folder = folder;
    this.#onTrouble = onTrouble;
  }

  /** Undefined when it cannot be read now: it changed meanwhile, or the file system failed. */
  async read(entry: Entry): Promise<SidecarText | undefined> {
    const known = this.#known.get(entry.key);
    if (known && known.state.ctimeNs === entry.state.ctimeNs && sameContent(known.state, entry.state))
      return known.text;
    const text = await this.#readNow(entry);
    if (text) this.#known.set(entry.key, { state: entry.state, text });
    return text;
  }

  /** Forgets the sidecars that are no longer there. */
  keepOnly(entries: ReadonlyMap<string, Entry>): void {
    for (const key of this.#known.keys()) if (!entries.has(key)) this.#known.delete(key);
  }

  async #readNow({ name, state }: Entry): Promise<SidecarText | undefined> {
    if (state.kind !== 'file') {
      return refused(
        undefined,
        'file-not-regular',
        `The sidecar ${String(name)} is a ${state.kind}, not a plain file.`,
      );
    }
    if (state.size > limits.sidecarBytes) {
      return refused(
        undefined,
        'sidecar-invalid',
        `The sidecar has more than ${limits.sidecarBytes} bytes; it must be a short text.`,
      );
    }
    try {
      const bytes = await readContent(this.#files, inFolder(this.#folder, name), state);
      const parsed = parseSidecar(String(name), bytes);
      if ('problems' in parsed) return { bytes, parsed: undefined, names: parsed.fileNames, problems: parsed.problems };
      return { bytes, parsed: parsed.sidecar, names: parsed.sidecar.files.map((file) => file.name), problems: [] };
    } catch (error) {
      if (error instanceof DomainError) return undefined;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') {
        return refused(
          undefined,
          'sidecar-invalid',
          `The gateway may not read the sidecar ${String(name)} (${code}): check its permissions.`,
        );
      }
      this.#onTrouble(String(name), error);
      return undefined;
    }
  }
}
