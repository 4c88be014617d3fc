import { DomainError } from '../domain/errors.ts';
import type { DepositId, PersonId } from '../domain/ids.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import { canonicalJson } from '../platform/hash.ts';
import { waiverStatement } from '../signing/waiver.ts';
import type { Asker } from './principals.ts';
import type { WaiverService } from './waivers.ts';

type WaiverStatementParts = {
  waivers: Pick<WaiverService, 'look'>;
  /** Of the ledger. */
  origin: string;
  clock: Clock;
};
export type AskedWaiver = { file: string; rule: string; line?: number | undefined; reason: string };

/** Makes the statement that somebody signs in a browser so that one finding may stand. The signature is judged when it comes. */
export class WaiverStatements {
  readonly #parts: WaiverStatementParts;

  constructor(parts: WaiverStatementParts) {
    this.#parts = parts;
  }

  /** The RFC 8785 bytes to sign, and who signs. Throws `forbidden`, `not-found` or `not-waivable`. */
  async waiver(asker: Asker, depositId: DepositId, asked: AskedWaiver): Promise<{ person: PersonId; payload: Buffer }> {
    const { principal } = asker;
    if (principal.kind !== 'person')
      throw new DomainError('forbidden', 'Only a person signs, with a key of their own.');
    const { waivers, origin, clock } = this.#parts;
    const { row, roleFor } = await waivers.look(asker, depositId);
    const { rule, line, reason } = asked;
    const file = row.files.find(({ name }) => name === asked.file);
    const isFound = row.findings.some((one) => one.rule === rule && one.line === line && one.file === asked.file);
    if (!file || !isFound) throw new DomainError('not-waivable', 'Inspection names no such finding there.');
    const role = roleFor(rule);
    if (!role)
      throw new DomainError('not-waivable', `${rule} protects the reading of the program: nobody may waive it.`);
    const about = { origin, depositId, person: principal.id, role, rule, reason, time: rfc3339(clock()) };
    const statement = waiverStatement(file, { ...about, ...(line === undefined ? {} : { line }) });
    return { person: principal.id, payload: canonicalJson(statement) };
  }
}
