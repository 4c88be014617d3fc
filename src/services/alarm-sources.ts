import type { Standing } from '../catalog/standing.ts';
import { limits } from '../domain/limits.ts';
import { rfc3339 } from '../platform/clock.ts';
import type { AlarmSource } from './alarms.ts';

export const ledgerFull =
  (space: { readonly isFull: boolean }): AlarmSource =>
  () =>
    space.isFull
      ? [
          {
            code: 'ledger-full',
            subject: 'ledger',
            sentence: `Fewer than ${limits.spaceReserveBytes} bytes are free: nothing new is taken until there is room.`,
            goOn: 'Make room on the disk of the data folder; the gateway goes on by itself.',
          },
        ]
      : [];

export const unwitnessed =
  (witnesses: { readonly unwitnessed: boolean }): AlarmSource =>
  () =>
    witnesses.unwitnessed
      ? [
          {
            code: 'checkpoint-unwitnessed',
            subject: 'ledger',
            sentence: 'Checkpoints go out unwitnessed: too few witnesses answer.',
            goOn: 'Ask those who run the witnesses; the log names which of them do not answer.',
          },
        ]
      : [];

/** `trouble`: a sentence without its full stop; undefined while the signer works. One that only starts is no alarm. */
export function signerAway(trouble: () => string | undefined): AlarmSource {
  let sinceMs: number | undefined;
  return (timeMs) => {
    const why = trouble();
    sinceMs = why === undefined ? undefined : (sinceMs ?? timeMs);
    if (why === undefined || sinceMs === undefined || timeMs - sinceMs < limits.signerStaleMs) return [];
    const sentence = `${why}: nothing is released or delivered until it is back.`;
    const since = rfc3339(sinceMs);
    return [{ code: 'signer-away', subject: 'signer', since, sentence, goOn: 'Look into the log of the signer.' }];
  };
}

export const breakGlassOpen =
  ({ exceptions }: Pick<Standing, 'exceptions'>): AlarmSource =>
  (timeMs) =>
    exceptions.breakGlass(timeMs).map(({ changeId, releaseId, machineId, overrides, untilMs, time }) => ({
      code: 'break-glass-open',
      subject: changeId,
      since: time,
      sentence: `${overrides.join(', ')} set aside for ${releaseId} on ${machineId} until ${rfc3339(untilMs)}.`,
      goOn: `End it as soon as it is not needed: keyway break-glass end ${changeId}`,
    }));

export const nonconformanceOpen =
  ({ exceptions }: Pick<Standing, 'exceptions'>): AlarmSource =>
  () =>
    [...exceptions.nonconformances.values()].map(({ nonconformanceId, source, releaseId, machineId, time }) => ({
      code: 'nonconformance-open',
      subject: nonconformanceId,
      since: time,
      sentence: `${nonconformanceId} (${source}) about ${releaseId} on ${machineId} has no disposition.`,
      goOn: `Quality decides: keyway nonconformance close ${nonconformanceId} --disposition …`,
    }));
