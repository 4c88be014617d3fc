import { type Digest, digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { DepositId } from '../domain/ids.ts';
import type { Person } from '../domain/people.ts';
import { type Envelope, statementType } from '../domain/statements.ts';
import { WaiverStatement, waiverPredicate } from '../domain/waivers.ts';
import { openEnvelope } from './dsse.ts';
import { parseSigned } from './statements.ts';

type Said = WaiverStatement['predicate'];
/** The exact bytes that a waiver is for. */
export type WaivedFile = { name: string; digest: Digest };

/** What a person signs so that one finding may stand in one file of a deposit. */
export const waiverStatement = (file: WaivedFile, predicate: Said): WaiverStatement => ({
  _type: statementType,
  subject: [{ name: file.name, digest: { sha256: digestHex(file.digest) } }],
  predicateType: waiverPredicate,
  predicate,
});

/**
 * Checks that `envelope` is this person's word for one finding of this deposit, and which file it is about. Throws
 * `signature-invalid` or `statement-mismatch`; says nothing about whether they may waive it.
 */
export function verifyWaiver(
  envelope: Envelope,
  about: { person: Person; origin: string; depositId: DepositId },
): { said: Said; file: WaivedFile } {
  const { subject, predicate: said } = parseSigned(WaiverStatement, openEnvelope(envelope, about.person.keys));
  if (said.person !== about.person.id) throw mismatch('person');
  if (said.origin !== about.origin) throw mismatch('ledger');
  if (said.depositId !== about.depositId) throw mismatch('deposit');
  const [file] = subject;
  if (!file) throw mismatch('file');
  return { said, file: { name: file.name, digest: `sha256:${file.digest.sha256}` as Digest } };
}

const mismatch = (what: string) =>
  new DomainError('statement-mismatch', `The signed waiver is about another ${what} than this one.`);
