import type { ExportAuthorization } from '../domain/authorizations.ts';
import type { BreakGlass } from '../domain/break-glass.ts';
import { type Event, type EventOf, eventTypeNames, type Sequenced } from '../domain/events.ts';
import type { ChangeId, MachineId, NonconformanceId } from '../domain/ids.ts';
import type { KeyId } from '../domain/people.ts';

const hourMs = 60 * 60 * 1000;

export type AuthorizationStanding = { authorization: ExportAuthorization; index: number; signedBy: readonly KeyId[] };
export type BreakGlassStanding = BreakGlass & {
  changeId: ChangeId;
  reason: string;
  index: number;
  /** RFC 3339 UTC. */
  time: string;
  untilMs: number;
};
export type NonconformanceStanding = EventOf<'nonconformance.opened'>['data'] & { index: number; time: string };

type ExceptionEvent = Extract<
  Event,
  { type: `authorization.${string}` | `break-glass.${string}` | `nonconformance.${string}` }
>;
export type ExceptionEntry = Sequenced<ExceptionEvent>;
const isExceptionType = (type: string): boolean => /^(authorization|break-glass|nonconformance)\./.test(type);
export const exceptionEvents = eventTypeNames.filter(isExceptionType);
export const isExceptionEntry = (entry: Sequenced): entry is ExceptionEntry => isExceptionType(entry.event.type);

/** What lets something be that would not be otherwise, and what came of it. Believes what it is given. */
export class ExceptionRegister {
  readonly authorizations = new Map<string, AuthorizationStanding>();
  /** Not ended by anybody; whether its hours are over is for whoever knows the time. */
  readonly #breakGlass = new Map<ChangeId, BreakGlassStanding>();
  /** Those that quality has not closed. */
  readonly nonconformances = new Map<NonconformanceId, NonconformanceStanding>();

  apply({ event, index, time }: ExceptionEntry): void {
    switch (event.type) {
      case 'authorization.set': {
        const { authorization, authorisation } = event.data;
        const signedBy = authorisation.signatures.map(({ keyid }) => keyid);
        this.authorizations.set(authorization.id, { authorization, index, signedBy });
        return;
      }
      case 'authorization.ended':
        this.authorizations.delete(event.data.authorizationId);
        return;
      case 'break-glass.opened': {
        const { authorisation: _, ...opened } = event.data;
        const untilMs = Date.parse(time) + opened.hours * hourMs;
        this.#breakGlass.set(opened.changeId, { ...opened, index, time, untilMs });
        return;
      }
      case 'break-glass.ended':
        this.#breakGlass.delete(event.data.opened);
        return;
      case 'nonconformance.opened':
        this.nonconformances.set(event.data.nonconformanceId, { ...event.data, index, time });
        return;
      case 'nonconformance.closed':
        this.nonconformances.delete(event.data.nonconformanceId);
    }
  }

  /** Open at this moment. */
  breakGlass(timeMs: number): BreakGlassStanding[] {
    if (this.#breakGlass.size === 0) return none;
    return [...this.#breakGlass.values()].filter(({ untilMs }) => timeMs < untilMs);
  }
  breakGlassOf(machine: MachineId, timeMs: number): BreakGlassStanding[] {
    return this.breakGlass(timeMs).filter(({ machineId }) => machineId === machine);
  }
}

const none: BreakGlassStanding[] = [];
