import type { Standing } from '../catalog/standing.ts';
import type { ReportedProblem } from '../catalog/stop-register.ts';
import type { Action } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import { type MachineId, newProblemId, type ProblemId, type RandomBytes, type ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AlarmSource } from './alarms.ts';
import { type Authority, packageFacts, type Resource } from './authority.ts';
import type { Asker } from './principals.ts';

type ProblemParts = { ledger: Ledger; standing: Standing; authority: Authority; random: RandomBytes };

/** Problems that people at machines report: the release stops there at once, and quality says when it goes on. */
export class ProblemService {
  readonly #parts: ProblemParts;

  constructor(parts: ProblemParts) {
    this.#parts = parts;
  }

  /** Throws `not-found`, also for a release that the asker may not stop. */
  async report(
    asker: Asker,
    said: { releaseId: ReleaseId; machineId: MachineId; reason: string },
  ): Promise<{ problemId: ProblemId; index: number }> {
    const { ledger, standing, authority, random } = this.#parts;
    const problemId = newProblemId(random);
    const { receipt } = await ledger.commit(() => {
      const about = this.#ofRelease(said.releaseId);
      const action = about && this.#stopsBy(asker, about);
      if (!about || !action)
        throw new DomainError('not-found', 'There is no such release in force.', { field: 'releaseId' });
      if (!standing.machine(said.machineId))
        throw new DomainError('not-found', `${said.machineId} is not registered.`, { field: 'machineId' });
      if (standing.stops.problems.size >= limits.problemsOpen)
        throw new DomainError('busy', 'Too many problems are open: quality has to resolve some first.');
      const decision = authority.require(action, asker, about);
      return {
        events: [makeEvent('problem.reported', asker.principal, { problemId, ...said, decision })],
        result: undefined,
      };
    });
    return { problemId, index: receipt.index };
  }

  /** Lets the release go to the machine again. Throws `not-found`, `policy-denied`. */
  async resolve(asker: Asker, problemId: ProblemId, reason: string): Promise<{ index: number }> {
    const { ledger, standing, authority } = this.#parts;
    const { receipt } = await ledger.commit(() => {
      const problem = standing.stops.problems.get(problemId);
      if (!problem || !this.#maySee(asker, problem))
        throw new DomainError('not-found', 'There is no such open problem.');
      const { releaseId, machineId } = problem;
      const about = this.#ofRelease(releaseId);
      // What is not in force goes nowhere: whoever reads the ledger may tidy up after it.
      const decision = about
        ? authority.require('resolve-readback', asker, about)
        : authority.require('read-ledger', asker, { kind: 'ledger' });
      const data = { problemId, releaseId, machineId, reason, decision };
      return { events: [makeEvent('problem.resolved', asker.principal, data)], result: undefined };
    });
    return { index: receipt.index };
  }

  /** Those that are open and that the asker may see, the oldest first. */
  list(asker: Asker): ReportedProblem[] {
    return [...this.#parts.standing.stops.problems.values()].filter((problem) => this.#maySee(asker, problem));
  }

  #maySee(asker: Asker, { releaseId }: ReportedProblem): boolean {
    const { authority } = this.#parts;
    const about = this.#ofRelease(releaseId);
    if (!about) return authority.decide('read-ledger', asker, { kind: 'ledger' }).verdict === 'permit';
    return this.#may('view', asker, about) || this.#may('record-run', asker, about);
  }

  /** Whoever runs a release, or sees it and may stop it everywhere, may stop it at one machine: a stop must be easy. */
  #stopsBy(asker: Asker, about: Resource): Action | undefined {
    if (this.#may('record-run', asker, about)) return 'record-run';
    return this.#may('view', asker, about) && this.#may('withdraw', asker, about) ? 'withdraw' : undefined;
  }

  #may(action: Action, asker: Asker, about: Resource): boolean {
    return this.#parts.authority.decide(action, asker, about).verdict === 'permit';
  }

  #ofRelease(releaseId: string): Resource | undefined {
    const release = this.#parts.standing.release(releaseId);
    return release && packageFacts(release.packageId, release.manifest);
  }
}

/** Releases that do not go to a machine, because somebody there said that something is wrong. */
export const problemsOpen =
  (standing: Pick<Standing, 'stops'>): AlarmSource =>
  () =>
    [...standing.stops.problems.values()].map(({ problemId, machineId, releaseId, by, since }) => ({
      code: 'nonconformance-open' as const,
      subject: `problem ${problemId}`,
      sentence: `${by} reported a problem with release ${releaseId} on ${machineId}: it is on hold there.`,
      goOn: 'Look at it with them, then resolve it; or withdraw the release.',
      since,
    }));
