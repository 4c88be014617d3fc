import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorCode, toDomainError } from '../../domain/errors.ts';
import type { Problem } from './contract/common.ts';

/** Every refusal as an HTTP status. */
export const statusOf: Record<ErrorCode, number> = {
  'config-invalid': 500,
  'request-invalid': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'not-supported': 415,
  'forbidden-origin': 403,
  'reauthentication-needed': 403,
  'locked-out': 429,
  'sidecar-missing': 422,
  'sidecar-invalid': 422,
  'file-missing': 422,
  'file-not-regular': 422,
  'file-empty': 422,
  'file-changed': 422,
  'digest-mismatch': 422,
  'classification-missing': 422,
  'classification-conflict': 422,
  'author-unknown': 422,
  'group-unknown': 422,
  'inspection-blocked': 422,
  'form-impossible': 422,
  'shelf-name-taken': 409,
  'revision-taken': 409,
  'author-may-not-approve': 403,
  'already-counted': 409,
  'role-not-on-route': 403,
  'role-not-held': 403,
  'signature-invalid': 422,
  'statement-mismatch': 422,
  'state-forbids': 409,
  'route-incomplete': 409,
  'out-of-order': 409,
  'assurance-too-low': 403,
  'key-revoked': 403,
  'not-waivable': 409,
  'first-article-undecided': 409,
  'not-administrator': 403,
  'own-rights': 403,
  'signatures-missing': 403,
  'change-expired': 409,
  'change-used': 409,
  'duties-conflict': 403,
  'policy-denied': 403,
  'not-verified': 409,
  'catalogue-differs': 409,
  'bytes-differ': 500,
  'checkpoint-behind': 503,
  'signer-unavailable': 503,
  'token-unavailable': 503,
  'trust-expired': 503,
  'not-delivered': 409,
  'ledger-unavailable': 503,
  'ledger-inconsistent': 503,
  'ledger-locked': 503,
  'storage-full': 507,
  busy: 503,
  internal: 500,
  'gateway-unreachable': 502,
};

/** RFC 9457 problem details. `about:blank` asks for the status' own phrase as the title (4.2.1). */
export function problemOf({ code, message, field }: DomainError): Problem {
  const status = statusOf[code];
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail: message, ...(field === undefined ? {} : { field }) };
}

/**
 * The refusal in whatever was thrown while a request was handled. What the framework refuses is the asker's mistake,
 * told in our words; anything unforeseen is `internal` and says nothing.
 */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError || !(error instanceof Error)) return toDomainError(error);
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (code === 'ECONNRESET')
    return new DomainError('request-invalid', 'The sender went away before the end.', { cause: error });
  if (statusCode === 413) return new DomainError('too-large', 'The body is larger than this address takes.');
  if (statusCode === 415) return unsupportedMedia('a media type that this gateway reads');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new DomainError('request-invalid', 'The request cannot be read.', { cause: error });
  }
  return toDomainError(error);
}

export const unsupportedMedia = (expected: string): DomainError =>
  new DomainError('not-supported', `The body must be ${expected}, without Content-Encoding.`);
