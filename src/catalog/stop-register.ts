import type { EventOf, Sequenced } from '../domain/events.ts';
import type { LegalHoldId, MachineId, ProblemId, ReleaseId } from '../domain/ids.ts';
import { principalName } from '../domain/people.ts';

/** A release that does not go to a machine, because somebody there reported a problem with it. */
export type ReportedProblem = {
  problemId: ProblemId;
  releaseId: ReleaseId;
  machineId: MachineId;
  reason: string;
  by: string;
  index: number;
  since: string;
};
/** Releases of which everything is kept. */
export type LegalHold = {
  holdId: LegalHoldId;
  releases: readonly ReleaseId[];
  reason: string;
  by: string;
  index: number;
  since: string;
};

export const stopEvents = ['problem.reported', 'problem.resolved', 'legal-hold.placed', 'legal-hold.released'] as const;
type StopEntry = Sequenced<EventOf<(typeof stopEvents)[number]>>;
export const isStopEntry = (entry: Sequenced): entry is StopEntry =>
  stopEvents.some((type) => type === entry.event.type);

/** What people stopped or froze, until it is let go. Believes what it is given. */
export class StopRegister {
  readonly problems = new Map<ProblemId, ReportedProblem>();
  readonly legalHolds = new Map<LegalHoldId, LegalHold>();

  apply({ event, index, time: since }: StopEntry): void {
    const by = principalName(event.actor);
    switch (event.type) {
      case 'problem.reported': {
        const { decision: _, ...problem } = event.data;
        this.problems.set(problem.problemId, { ...problem, by, index, since });
        return;
      }
      case 'problem.resolved':
        this.problems.delete(event.data.problemId);
        return;
      case 'legal-hold.placed': {
        const { decision: _, ...hold } = event.data;
        this.legalHolds.set(hold.holdId, { ...hold, by, index, since });
        return;
      }
      case 'legal-hold.released':
        this.legalHolds.delete(event.data.holdId);
    }
  }

  problemsOf(machineId: string): ReportedProblem[] {
    return this.problems.size === 0 ? none : [...this.problems.values()].filter((one) => one.machineId === machineId);
  }
  /** The holds under which everything about a release is kept: whatever deletes asks here first. */
  holdsOn(releaseId: string): LegalHold[] {
    return [...this.legalHolds.values()].filter(({ releases }) => releases.some((id) => id === releaseId));
  }
}

const none: never[] = [];
