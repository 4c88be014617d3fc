import type { Catalog } from '../catalog/catalog.ts';
import { type DeliveredFile, newestDeliveries } from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Condition } from '../domain/alarms.ts';
import type { Digest } from '../domain/digest.ts';
import type { MachineId, ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { type MonitorReport, nothingSaid, type Observation, type RunningState } from '../domain/monitoring.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { AlarmSource } from './alarms.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';
import { matchDelivery } from './readback-match.ts';

/** What a machine says that it runs, beside what was delivered to it. */
export type Running = Observation & {
  machineId: MachineId;
  state: RunningState;
  /** The release of the delivery that bears the name. */
  releaseId: ReleaseId | undefined;
  /** Why it is not known. */
  reason: string | undefined;
  since: string;
};
type Heard = {
  observation: Observation;
  reason: string | undefined;
  state: RunningState;
  releaseId: ReleaseId | undefined;
  sinceMs: number;
  heardMs: number;
};

type MonitoringParts = {
  standing: Standing;
  catalog: Pick<Catalog, 'current'>;
  authority: Pick<Authority, 'require'>;
  clock: Clock;
};

/**
 * What machines say of themselves, by their agents. It is a claim: an agent knows the name of a program and never its bytes.
 * So a name that was never delivered, or whose release is not in force any more, is worth an alarm; a name that fits
 * proves nothing, and only a readback does.
 */
export class MonitoringService {
  readonly #parts: MonitoringParts;
  readonly #heard = new Map<MachineId, Heard>();

  constructor(parts: MonitoringParts) {
    this.#parts = parts;
  }

  async report(report: MonitorReport): Promise<void> {
    const now = this.#parts.clock();
    const before = this.#heard.get(report.machine);
    if (report.kind === 'away') {
      const isNew = before?.state !== 'away';
      this.#heard.set(report.machine, {
        ...{ observation: nothingSaid, state: 'away', releaseId: undefined, reason: report.reason },
        ...{ sinceMs: isNew ? now : before.sinceMs, heardMs: before?.heardMs ?? now },
      });
      return;
    }
    const { observation } = report;
    const { state, releaseId } = this.#judge(observation, await this.#delivered(report.machine));
    const isSame = before?.state === state && before.observation.program === observation.program;
    this.#heard.set(report.machine, {
      ...{ observation, state, releaseId, reason: undefined, heardMs: now },
      sinceMs: isSame ? before.sinceMs : now,
    });
  }

  /** By machine; those with an agent that has not been heard yet are `unknown`. Throws `policy-denied`. */
  async list(asker: Asker): Promise<Running[]> {
    this.#parts.authority.require('read-ledger', asker, { kind: 'ledger' });
    const monitored = [...this.#parts.standing.machines()].filter(({ machine }) => machine.monitor);
    return Promise.all(monitored.map(({ machine: { id } }) => this.#running(id)));
  }

  readonly alarms: AlarmSource = (timeMs) =>
    [...this.#parts.standing.machines()].flatMap(({ machine: { id, monitor } }): Condition[] => {
      const heard = monitor && this.#heard.get(id);
      if (!heard) return [];
      const since = rfc3339(heard.sinceMs);
      if (heard.state === 'not-delivered' || heard.state === 'not-in-force')
        return [
          {
            code: 'machine-mismatch' as const,
            subject: id,
            sentence: mismatch(id, heard.state),
            goOn: lookAtIt,
            since,
          },
        ];
      if (heard.state !== 'away' || timeMs - heard.sinceMs < limits.monitorLateMs) return [];
      const sentence = `What ${id} runs is not known: ${heard.reason}`;
      return [{ code: 'monitor-away' as const, subject: id, sentence, goOn: 'Look at its agent.', since }];
    });

  /** Judged anew: what was delivered and what is in force changes also while a machine says nothing new. */
  async #running(machineId: MachineId): Promise<Running> {
    const heard = this.#heard.get(machineId);
    const since = rfc3339(heard?.sinceMs ?? this.#parts.clock());
    if (!heard)
      return {
        machineId,
        ...nothingSaid,
        state: 'unknown',
        releaseId: undefined,
        reason: 'Its agent was not heard yet.',
        since,
      };
    const { observation } = heard;
    if (heard.state !== 'away') Object.assign(heard, this.#judge(observation, await this.#delivered(machineId)));
    const reason = heard.state === 'unknown' ? 'Its agent does not say which program.' : heard.reason;
    return { machineId, ...observation, state: heard.state, releaseId: heard.releaseId, reason, since };
  }

  async #delivered(machineId: MachineId): Promise<DeliveredFile[]> {
    return newestDeliveries(await this.#parts.catalog.current(), machineId);
  }

  #judge(
    { program, comment }: Observation,
    delivered: readonly DeliveredFile[],
  ): { state: RunningState; releaseId: ReleaseId | undefined } {
    if (program === null) return { state: 'unknown', releaseId: undefined };
    // Agents say names, O-numbers or whole paths of the control, as its maker likes.
    const name = program.split(/[/\\]/).at(-1) ?? program;
    const number = /(\d{1,8})/.exec(
      /^[O:]?\d{1,8}$/i.test(name) ? name : (/\bO(\d{1,8})\b/.exec(comment ?? '')?.[0] ?? ''),
    )?.[1];
    const digits = number?.replace(/^0+(?=\d)/, '');
    const found = matchDelivery({ name, digest: '' as Digest, number: digits }, delivered);
    if (!found) return { state: 'not-delivered', releaseId: undefined };
    const { releaseId } = found.delivery;
    return { state: this.#parts.standing.release(releaseId) ? 'as-delivered' : 'not-in-force', releaseId };
  }
}

const lookAtIt = 'Look at the machine, and have the program read back: see "keyway monitors".';
const mismatch = (id: MachineId, state: RunningState): string =>
  state === 'not-delivered'
    ? `${id} says that it runs a program that was not delivered to it.`
    : `${id} says that it runs a program whose release is not in force any more.`;
