import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Policy } from '../policy/decide.ts';
import { policyFile } from '../policy/policy-files.ts';
import type { Authority } from './authority.ts';
import { BoundedThread } from './bounded-thread.ts';
import type { Asker } from './principals.ts';
import type { WhatIfAnswer, WhatIfFound, WhatIfTask } from './what-if-task.ts';

export type WhatIfThread = Pick<BoundedThread<WhatIfTask, WhatIfAnswer>, 'run' | 'stop'>;
type WhatIfParts = {
  authority: Pick<Authority, 'require'>;
  policy: Pick<Policy, 'files'>;
  ledger: string;
  cases: string;
  thread: WhatIfThread;
  log: Logger;
};
export type AskedWhatIf = { name: string; text: string; since: string };

/**
 * What rules would have decided that are not in force, for administrators who think of changing them. Nothing comes of it.
 * Rules that nobody signed run in a thread that may die, one question at a time, each in a thread of its own: what Cedar
 * remembers of a set is gone with it.
 */
export class WhatIfService {
  readonly #parts: WhatIfParts;
  #isRunning = false;

  constructor(parts: WhatIfParts) {
    this.#parts = parts;
  }

  /**
   * The file takes the place of the one of its name among the rules in force, or is added to them. Throws `policy-denied`,
   * `busy`, `request-invalid` for a file that is none, and `too-large` for one that could not be asked in its time.
   */
  async ask(asker: Asker, { name, text, since }: AskedWhatIf): Promise<WhatIfFound> {
    const { authority, policy, ledger, cases } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    if (this.#isRunning) throw new DomainError('busy', 'Another what-if is being asked; try again in a moment.');
    this.#isRunning = true;
    try {
      const file = policyFile(name, Buffer.from(text, 'utf8'));
      const table = existsSync(cases) ? cases : undefined;
      const answer = await this.#run({ inForce: policy.files, file, since, ledger, cases: table });
      if ('found' in answer) return answer.found;
      throw new DomainError('request-invalid', answer.refused, { field: 'text' });
    } finally {
      this.#isRunning = false;
    }
  }

  stop(): Promise<void> {
    return this.#parts.thread.stop();
  }

  async #run(task: WhatIfTask): Promise<WhatIfAnswer> {
    const { thread, log } = this.#parts;
    try {
      return await thread.run(task);
    } catch (cause) {
      log.error({ err: cause, file: task.file.digest }, 'a what-if was ended');
      throw new DomainError('too-large', 'This could not be asked in its time: choose a later day or a simpler rule.', {
        cause,
      });
    } finally {
      await thread.stop();
    }
  }
}

export const whatIfThread = (): WhatIfThread =>
  new BoundedThread<WhatIfTask, WhatIfAnswer>(new URL('./what-if-worker.ts', import.meta.url), {
    milliseconds: limits.whatIfMs,
    heapMb: limits.whatIfHeapMb,
  });
