import type { z } from 'zod';
import { DomainError, type ErrorCode, toDomainError } from '../domain/errors.ts';
import { MerkleError, type MerkleErrorCode } from '../merkle/errors.ts';

export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  notVerified: 4,
  unavailable: 5,
  badSignature: 10,
  badInclusion: 11,
  badConsistency: 12,
  missingData: 13,
  internal: 70,
} as const;

export const exitCodesHelp = `Exit codes:
  0  done
  1  refused, with the reason
  2  the command line or the configuration is not right
  3  no gateway answers
  4  a signature, proof, digest or table does not verify, and none of 10 to 13 says it closer
  5  something is not available right now (signer, ledger, storage); try again
  10 a checkpoint is not signed by the keys of the trust file
  11 an entry, tile or proof is not in the signed tree
  12 the ledger does not extend an older checkpoint
  13 something that must be there is missing: an entry, a tile, a blob
  70 unforeseen; the log has the detail`;

const special: Partial<Record<ErrorCode, number>> = {
  'config-invalid': exitCodes.usage,
  'request-invalid': exitCodes.usage,
  'gateway-unreachable': exitCodes.unreachable,
  'signature-invalid': exitCodes.notVerified,
  'not-verified': exitCodes.notVerified,
  'catalogue-differs': exitCodes.notVerified,
  'bytes-differ': exitCodes.notVerified,
  'ledger-inconsistent': exitCodes.notVerified,
  'signer-unavailable': exitCodes.unavailable,
  'token-unavailable': exitCodes.unavailable,
  'trust-expired': exitCodes.unavailable,
  'checkpoint-behind': exitCodes.unavailable,
  'ledger-unavailable': exitCodes.unavailable,
  'ledger-locked': exitCodes.unavailable,
  'storage-full': exitCodes.unavailable,
  busy: exitCodes.unavailable,
  'locked-out': exitCodes.unavailable,
  internal: exitCodes.internal,
};

const ofMerkle: Record<MerkleErrorCode, number> = {
  'bad-signature': exitCodes.badSignature,
  'bad-inclusion': exitCodes.badInclusion,
  'bad-consistency': exitCodes.badConsistency,
  malformed: exitCodes.notVerified,
  missing: exitCodes.missingData,
};
export const exitCodeOf = (code: MerkleErrorCode): number => ofMerkle[code];

/** What of the tree failed, where that is what this error is about. */
function merkleErrorIn(error: unknown): MerkleError | undefined {
  if (error instanceof MerkleError) return error;
  return error instanceof DomainError && error.cause instanceof MerkleError ? error.cause : undefined;
}

/** Prints a refusal on standard error (JSON: on standard output) and returns the exit code that belongs to it. */
export function report(error: unknown, json: boolean): number {
  const merkle = merkleErrorIn(error);
  const refusal = error === merkle && merkle ? notVerified(merkle) : toDomainError(error);
  const { code, message, field } = refusal;
  if (json)
    print({
      error: { code, message, ...(field === undefined ? {} : { field }), ...(merkle ? { kind: merkle.code } : {}) },
    });
  else process.stderr.write(`keyway: ${message} [${code}${field === undefined ? '' : `, ${field}`}]\n`);
  if (code === 'internal' && !json) process.stderr.write(`${String((error as Error)?.stack ?? error)}\n`);
  // A trust file or note that cannot be read says so by its own code.
  if (merkle && special[code] === exitCodes.notVerified) return exitCodeOf(merkle.code);
  return special[code] ?? exitCodes.refused;
}

const notVerified = (error: MerkleError) =>
  new DomainError('not-verified', `Not verified: ${error.message}.`, { cause: error });

export const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** The answer of a command: JSON for a script, or lines for a person, in which nothing may steer a terminal. */
export function answer(json: boolean, value: unknown, lines: readonly string[]): void {
  if (json) print(value);
  else process.stdout.write(lines.map((line) => `${plain(line)}\n`).join(''));
}

const plain = (line: string): string =>
  line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

/** Aligned columns; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `sha256:ab12cd34…9f`, for people; JSON has all of it. */
export const short = (digest: string): string => `${digest.slice(0, 15)}…${digest.slice(-4)}`;

export function usage(message: string, field: string): DomainError {
  return new DomainError('request-invalid', message, { field });
}

/** What the schema makes of it, or the first thing that it finds wrong, under the name that the user gave. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw usage(issue?.message ?? 'Not valid.', issue?.path.join('.') || field);
}
