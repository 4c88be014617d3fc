/**
 * The closed list of refusals. A code is stable: people search for it, scripts test it, each door maps every one of
 * them (edges/http/errors.ts, edges/sftp/errors.ts). Messages are for a person on the floor and carry no secrets.
 */
export const errorCodes = [
  'config-invalid',
  'request-invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'too-large',
  'not-supported',
  // sign-in
  'forbidden-origin',
  'reauthentication-needed',
  'locked-out',
  // intake
  'sidecar-missing',
  'sidecar-invalid',
  'file-missing',
  'file-not-regular',
  'file-empty',
  'file-changed',
  'digest-mismatch',
  'classification-missing',
  'classification-conflict',
  'author-unknown',
  'group-unknown',
  'inspection-blocked',
  'form-impossible',
  'shelf-name-taken',
  'revision-taken',
  // review and release
  'author-may-not-approve',
  'already-counted',
  'role-not-on-route',
  'role-not-held',
  'signature-invalid',
  'statement-mismatch',
  'state-forbids',
  'route-incomplete',
  'out-of-order',
  'assurance-too-low',
  'key-revoked',
  'not-waivable',
  'first-article-undecided',
  // changes of people and rules
  'not-administrator',
  'own-rights',
  'signatures-missing',
  'change-expired',
  'change-used',
  'duties-conflict',
  // delivery
  'policy-denied',
  'not-verified',
  'catalogue-differs',
  'bytes-differ',
  'checkpoint-behind',
  'signer-unavailable',
  'token-unavailable',
  'trust-expired',
  'not-delivered',
  // platform
  'ledger-unavailable',
  'ledger-inconsistent',
  'ledger-locked',
  'storage-full',
  'busy',
  'gateway-unreachable',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A refusal that a person can act on: stable code, one sentence, and where known the field it is about. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.field = options.field;
  }
}

/** The refusal in `error`, or `internal` for anything unforeseen, whose detail stays in the log. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return new DomainError('internal', 'Something unforeseen happened; the gateway log has the detail.', {
    cause: error,
  });
}
