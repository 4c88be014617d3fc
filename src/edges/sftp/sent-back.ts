import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import type { Returns } from '../../domain/returns.ts';
import { IncomingFile, type OpenArrival } from '../../door/incoming-file.ts';
import { endCutOff } from './cut-off.ts';

export type SentBackOptions = { machine: MachineId; returns: Returns; openArrival: OpenArrival; log: Logger };

/**
 * The files that one session sends back. Some clients send a file under a name of their own and rename it when it is all
 * there: it is the file of its final name from the beginning, and comes to its end by that renaming.
 */
export class SentBack {
  readonly #options: SentBackOptions;
  /** Sent whole, and not renamed yet. */
  readonly #parts = new Map<string, IncomingFile>();

  constructor(options: SentBackOptions) {
    this.#options = options;
  }

  /** How many of them wait for their renaming. */
  get waiting(): number {
    return this.#parts.size;
  }

  /** A name that is there already is another file: nothing that came back is ever overwritten. */
  async open(name: string): Promise<IncomingFile> {
    const { returns, machine, openArrival } = this.#options;
    if (this.#parts.has(name)) throw new DomainError('conflict', 'This part was sent already; rename it or remove it.');
    const file = new IncomingFile(await returns.accept('sftp', machine, finalName(name) ?? name), returns);
    try {
      await file.open(openArrival);
    } catch (error) {
      await endCutOff(file, this.#options.log);
      throw error;
    }
    return file;
  }

  /** The machine closed it: a part waits, any other is at its end. */
  async closed(name: string, file: IncomingFile): Promise<void> {
    if (finalName(name) !== undefined && !this.#parts.has(name)) this.#parts.set(name, file);
    else await file.end('closed by the machine');
  }

  part(name: string): IncomingFile | undefined {
    return this.#parts.get(name);
  }

  /** Resolves when the file is kept under its final name. False where there is no such part, or it is one of another file. */
  async rename(name: string, newName: string): Promise<boolean> {
    const file = finalName(name) === newName ? this.#parts.get(name) : undefined;
    if (!file) return false;
    this.#parts.delete(name);
    await file.end('closed by the machine');
    return true;
  }

  /** The machine thinks better of it. False where there is no such part. */
  async remove(name: string): Promise<boolean> {
    const file = this.#parts.get(name);
    if (!file) return false;
    this.#parts.delete(name);
    await endCutOff(file, this.#options.log);
    return true;
  }

  /** The session is over, and with it the waiting. */
  async cutOffAll(why?: DomainError): Promise<void> {
    const files = [...this.#parts.values()];
    this.#parts.clear();
    await Promise.all(files.map((file) => endCutOff(file, this.#options.log, why)));
  }
}

/** `O4471.NC` of `O4471.NC.filepart`, as WinSCP calls what is on its way, and of `O4471.NC.1a2b3c4d.partial`, as rclone does. */
const finalName = (name: string): string | undefined => /^(.+)(\.filepart|\.[a-z0-9]{8}\.partial)$/.exec(name)?.[1];
