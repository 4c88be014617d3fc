import type { Logger } from 'pino';
import type { Digest } from '../domain/digest.ts';
import { limits } from '../domain/limits.ts';
import type { Difference } from '../domain/nc-difference.ts';
import { profileRules } from '../nc/canon/readback-rules.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { BoundedThread } from './bounded-thread.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import type { ReadbackAnswer, ReadbackTask } from './readback-task.ts';

type ComparisonParts = {
  vault: Pick<BlobStore, 'path' | 'quarantinePath'>;
  profiles: Pick<MachineProfiles, 'forGroup'>;
  log: Logger;
  /** Two: a machine waits for its verdict, and nobody waits for a difference. */
  verdicts: ReadbackThread;
  differences: ReadbackThread;
};
export type ReadbackThread = Pick<BoundedThread<ReadbackTask, ReadbackAnswer>, 'run' | 'stop'>;
const sentencesKept = 10;

/** Reads what came back beside what was delivered, in a thread that may die: machines are strangers too. */
export class Comparison {
  readonly #parts: ComparisonParts;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /** Undefined where no profile declares what its control rewrites, or where one of the two could not be read. */
  async canonical(
    group: string,
    received: Digest,
    delivered: Digest,
  ): Promise<{ received: Digest; delivered: Digest } | undefined> {
    const { vault, log } = this.#parts;
    try {
      return {
        received: await this.#canonicalOf(group, vault.quarantinePath(received), received),
        delivered: await this.#canonicalOf(group, vault.path(delivered), delivered),
      };
    } catch (error) {
      if (error !== noProfile) log.error({ err: error, received, delivered }, 'a canonical form could not be made');
      return undefined;
    }
  }

  /** Never rejects: where the difference cannot be made, the sentences say why. */
  async difference(
    group: string,
    about: { name: string; delivered: Digest; received: Digest },
  ): Promise<{ difference: Difference; sentences: string[] } | { sentences: string[] }> {
    const { vault, profiles, log } = this.#parts;
    const profile = profiles.forGroup(group);
    if (!profile) return { sentences: ['No machine profile says how its program is to be read.'] };
    const { name, delivered, received } = about;
    const files = { before: vault.path(delivered), after: vault.quarantinePath(received) };
    const { dialect } = profile;
    try {
      const answer = await this.#parts.differences.run({ kind: 'difference', name, ...files, dialect, profile });
      if (answer.kind !== 'difference') throw new Error('the thread answered something else');
      const { difference } = answer;
      if (difference.before.digest !== delivered || difference.after.digest !== received)
        throw new Error('the vault holds other bytes');
      return { difference, sentences: firstOf(difference.sentences) };
    } catch (error) {
      log.error({ err: error, ...about }, 'a difference could not be made');
      return { sentences: ['The difference could not be made: look at the bytes.'] };
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#parts.verdicts.stop(), this.#parts.differences.stop()]);
  }

  async #canonicalOf(group: string, file: string, digest: Digest): Promise<Digest> {
    const profile = this.#parts.profiles.forGroup(group);
    if (!profile) throw noProfile;
    const { dialect } = profile;
    const answer = await this.#parts.verdicts.run({ kind: 'canonical', file, dialect, rules: profileRules(profile) });
    if (answer.kind !== 'canonical' || answer.digests.raw !== digest) throw new Error('the vault holds other bytes');
    return answer.digests.canonical;
  }
}

export const readbackThread = (): ReadbackThread =>
  new BoundedThread<ReadbackTask, ReadbackAnswer>(new URL('./readback-worker.ts', import.meta.url), {
    milliseconds: limits.readbackMs,
    heapMb: limits.inspectionHeapMb,
  });

const noProfile = new Error('no profile');

function firstOf(sentences: readonly string[]): string[] {
  if (sentences.length === 0) return ['The bytes differ, and nothing that a control reads.'];
  const more = sentences.length - sentencesKept;
  return [...sentences.slice(0, sentencesKept), ...(more > 0 ? [`… and ${more} more.`] : [])];
}
