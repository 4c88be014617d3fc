import { DomainError } from '../../domain/errors.ts';
import { isCurrent } from '../../domain/people.ts';
import type { ChangeRules } from './rules.ts';

type ExceptionKind =
  | 'authorization.set'
  | 'authorization.end'
  | 'break-glass.open'
  | 'break-glass.end'
  | 'nonconformance.close';

/** What stands against exceptions: each is about something that is there, and nobody judges what they set aside themself. */
export const exceptionRules: ChangeRules<ExceptionKind> = {
  'authorization.set': ({ authorization }, { timeMs }) => {
    if (!isCurrent(authorization.expires, timeMs))
      throw new DomainError('request-invalid', 'The authorisation has expired already.', { field: 'expires' });
  },
  'authorization.end': ({ authorizationId }, { standing }) => {
    if (!standing.exceptions.authorizations.has(authorizationId))
      throw new DomainError('not-found', `There is no authorisation ${authorizationId}.`);
  },
  'break-glass.open': ({ releaseId, machineId }, { standing, timeMs }) => {
    if (!standing.release(releaseId)) throw new DomainError('not-found', `${releaseId} is not in force.`);
    if (!standing.machine(machineId)) throw new DomainError('not-found', `${machineId} is not registered.`);
    const open = standing.exceptions.breakGlassOf(machineId, timeMs).find((other) => other.releaseId === releaseId);
    if (open) throw new DomainError('conflict', `${open.changeId} is open for this release and machine already.`);
  },
  'break-glass.end': ({ opened }, { standing, timeMs }) => {
    if (!standing.exceptions.breakGlass(timeMs).some(({ changeId }) => changeId === opened))
      throw new DomainError('not-found', `${opened} is no break-glass that is open.`);
  },
  'nonconformance.close': ({ nonconformanceId }, { standing, signers, timeMs }) => {
    const record = standing.exceptions.nonconformances.get(nonconformanceId);
    if (!record) throw new DomainError('not-found', `There is no open nonconformance ${nonconformanceId}.`);
    if (standing.exceptions.breakGlass(timeMs).some(({ changeId }) => changeId === record.changeId))
      throw new DomainError('conflict', 'What it is about is still open: end the break-glass first.');
    if (record.openedBy.some((person) => signers.includes(person)))
      throw new DomainError('own-rights', 'Whoever opened the break-glass does not judge what came of it.');
  },
};
