import type { Standing } from '../catalog/standing.ts';
import { changeKind } from '../domain/change-kinds.ts';
import type { Change, ChangeStatement } from '../domain/changes.ts';
import { DomainError } from '../domain/errors.ts';
import { type ChangeId, newChangeId, type PersonId, type RandomBytes } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import { canonicalJson } from '../platform/hash.ts';
import { hashPassword } from '../platform/password.ts';
import { changeStatement } from '../signing/change.ts';
import type { Authority } from './authority.ts';
import type { ChangeService } from './changes.ts';
import type { Asker } from './principals.ts';

type ChangeStatementParts = {
  changes: Pick<ChangeService, 'proposed'>;
  standing: Pick<Standing, 'person'>;
  authority: Pick<Authority, 'decide' | 'require'>;
  origin: string;
  clock: Clock;
  random: RandomBytes;
};
export type AskedChange = { change: Change; reason: string } | { changeId: ChangeId };

/**
 * The exact statement that an administrator signs in a browser: of a change that is new, or of one that waits for one more
 * signature. Nothing comes of it until a signature does, which is judged when it is handed in.
 */
export class ChangeStatements {
  readonly #parts: ChangeStatementParts;

  constructor(parts: ChangeStatementParts) {
    this.#parts = parts;
  }

  /** The RFC 8785 bytes to sign, and who signs. Throws `not-found` for a change that does not wait, or not for the asker. */
  change(asker: Asker, asked: AskedChange): { person: PersonId; payload: Buffer; said: ChangeStatement['predicate'] } {
    const { principal } = asker;
    if (principal.kind !== 'person')
      throw new DomainError('forbidden', 'Only a person signs, with a key of their own.');
    if ('changeId' in asked) return { person: principal.id, ...this.#waiting(asker, principal.id, asked.changeId) };
    const { origin, clock, random } = this.#parts;
    // Once: a millisecond between the two would make it valid for too long.
    const now = clock();
    const times = { time: rfc3339(now), validUntil: rfc3339(now + limits.changeValidityMs) };
    const said = { changeId: newChangeId(random), origin, ...asked, ...times };
    return { person: principal.id, payload: canonicalJson(changeStatement(said)), said };
  }

  /** What a machine will log in with, as it stands in a change that two administrators sign. Throws `policy-denied`. */
  hashed(asker: Asker, password: string): Promise<string> {
    const { authority, random } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    return hashPassword(password, random(16));
  }

  /** What waits says who is who: it is shown to those who may sign it. */
  #waiting(
    asker: Asker,
    person: PersonId,
    changeId: ChangeId,
  ): { payload: Buffer; said: ChangeStatement['predicate'] } {
    const { changes, standing, authority } = this.#parts;
    const waiting = changes.proposed(changeId);
    const roles = standing.person(person)?.person.roles ?? [];
    const administers = authority.decide('administer', asker, { kind: 'registry' }).verdict === 'permit';
    const may = waiting && (administers || changeKind(waiting.said.change).roles?.some((role) => roles.includes(role)));
    if (!waiting || !may) throw new DomainError('not-found', `No change ${changeId} waits for you.`);
    return { payload: Buffer.from(waiting.payload, 'base64'), said: waiting.said };
  }
}
