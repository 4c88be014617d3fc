import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';
import { type EntryName, type FileState, type FolderFiles, inFolder, sameContent } from './files.ts';
import { isHidden, keyOf } from './names.ts';

/** One name in the folder, and since when (by the gateway's clock) it was seen in this state. */
export type Entry = { name: EntryName; key: string; state: FileState; since: number };

/** Looks at the folder again and again, and remembers since when each entry has been as it is. */
export class Observer {
  readonly #files: FolderFiles;
  readonly #folder: string;
  readonly #clock: Clock;
  #last = new Map<string, Entry>();

  constructor(files: FolderFiles, folder: string, clock: Clock) {
    this.#files = files;
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Every entry but the hidden ones, by `keyOf`, in order of name. After a restart nothing has been seen before. */
  async look(): Promise<ReadonlyMap<string, Entry>> {
    const now = this.#clock();
    const names = (await this.#files.list(this.#folder)).filter((name) => !isHidden(name));
    const named = names.map((name) => ({ name, key: keyOf(name) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    const entries = new Map<string, Entry>();
    for (let at = 0; at < named.length; at += limits.dropStatsAtOnce) {
      const batch = named.slice(at, at + limits.dropStatsAtOnce);
      const states = await Promise.all(batch.map(({ name }) => this.#files.state(inFolder(this.#folder, name))));
      for (const [index, { name, key }] of batch.entries()) {
        const state = states[index];
        if (state) entries.set(key, { name, key, state, since: this.#since(key, state, now) });
      }
    }
    this.#last = entries;
    return entries;
  }

  #since(key: string, state: FileState, now: number): number {
    const before = this.#last.get(key);
    const unchanged = before && before.state.ctimeNs === state.ctimeNs && sameContent(before.state, state);
    return unchanged ? before.since : now;
  }
}
