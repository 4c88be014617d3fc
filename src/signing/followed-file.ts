import { hash } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { PersonId } from '../domain/ids.ts';
import { Frontier } from '../merkle/tree.ts';
import { readFileIfThere } from '../platform/durable-file.ts';

/** The right edge of the tree that was followed, and by person the entries about them. */
export type Followed = { edge: Frontier; people: Map<PersonId, number[]> };

const Index = z.int().min(0);
const Written = z.strictObject({
  size: Index,
  edge: z.array(z.base64().length(44)).max(64),
  people: z.array(z.tuple([PersonId, z.array(Index)])),
});

/**
 * Two files that are written in turn, whole and synchronously (see SignerState for why not by rename). A crash in a write
 * spoils the one that is older; with both lost everything is followed again.
 */
export class FollowedFile {
  readonly #paths: readonly [string, string];
  #next: 0 | 1 = 0;

  constructor(path: string) {
    this.#paths = [`${path}.0`, `${path}.1`];
  }

  /** The newest that is whole; nothing where none is. */
  read(): Followed {
    const [a, b] = this.#paths.map(readWhole);
    const newest = (a?.edge.size ?? -1) >= (b?.edge.size ?? -1) ? a : b;
    this.#next = newest === a && a !== undefined ? 1 : 0;
    return newest ?? { edge: Frontier.empty(), people: new Map() };
  }

  write({ edge, people }: Followed): void {
    const written: z.infer<typeof Written> = {
      size: edge.size,
      edge: edge.hashes.map((one) => one.toString('base64')),
      people: [...people],
    };
    const text = JSON.stringify(written);
    const { O_WRONLY, O_CREAT, O_TRUNC, O_SYNC, O_NOFOLLOW } = constants;
    const fd = openSync(this.#paths[this.#next], O_WRONLY | O_CREAT | O_TRUNC | O_SYNC | O_NOFOLLOW, 0o600);
    try {
      const bytes = Buffer.from(`${hash('sha256', text)} ${text}`);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    this.#next = this.#next === 0 ? 1 : 0;
  }
}

function readWhole(path: string): Followed | undefined {
  try {
    const bytes = readFileIfThere(path)?.toString('latin1') ?? '';
    const text = bytes.slice(65);
    if (hash('sha256', text) !== bytes.slice(0, 64)) return undefined;
    const { size, edge, people } = Written.parse(JSON.parse(text));
    const hashes = edge.map((one) => Buffer.from(one, 'base64'));
    return { edge: Frontier.from(size, hashes), people: new Map(people) };
  } catch {
    return undefined;
  }
}
