import { type ErrorCode, toDomainError } from '../../domain/errors.ts';

/** Every refusal as an FTP reply code (RFC 959 4.2): 4yz may be tried again as it is, 5yz may not. */
const replyOf: Record<ErrorCode, number> = {
  'config-invalid': 550,
  'request-invalid': 501,
  unauthenticated: 530,
  forbidden: 550,
  'not-found': 550,
  conflict: 450,
  'too-large': 552,
  'not-supported': 502,
  'forbidden-origin': 530,
  'reauthentication-needed': 530,
  'locked-out': 530,
  'sidecar-missing': 550,
  'sidecar-invalid': 550,
  'file-missing': 550,
  'file-not-regular': 550,
  'file-empty': 550,
  'file-changed': 450,
  'digest-mismatch': 550,
  'classification-missing': 550,
  'classification-conflict': 550,
  'author-unknown': 550,
  'group-unknown': 550,
  'inspection-blocked': 550,
  'form-impossible': 553,
  'shelf-name-taken': 553,
  'revision-taken': 553,
  'author-may-not-approve': 550,
  'already-counted': 550,
  'role-not-on-route': 550,
  'role-not-held': 550,
  'signature-invalid': 550,
  'statement-mismatch': 550,
  'state-forbids': 550,
  'route-incomplete': 550,
  'out-of-order': 550,
  'assurance-too-low': 550,
  'key-revoked': 550,
  'not-waivable': 550,
  'first-article-undecided': 550,
  'not-administrator': 550,
  'own-rights': 550,
  'signatures-missing': 550,
  'change-expired': 550,
  'change-used': 550,
  'duties-conflict': 550,
  'policy-denied': 550,
  'not-verified': 550,
  'catalogue-differs': 550,
  'bytes-differ': 451,
  'checkpoint-behind': 450,
  'signer-unavailable': 450,
  'token-unavailable': 450,
  'trust-expired': 450,
  'not-delivered': 550,
  'ledger-unavailable': 450,
  'ledger-inconsistent': 550,
  'ledger-locked': 450,
  'storage-full': 452,
  'gateway-unreachable': 450,
  busy: 450,
  internal: 451,
};

/** One line. What could break it into two is gone: a reply carries our sentences, and echoes of what a client sent. */
export const reply = (code: number, text: string): string => `${code} ${printable(text)}\r\n`;

/** RFC 959 4.2: the first line with a hyphen, the last with the code again. */
export const replyLines = (code: number, first: string, lines: readonly string[], last: string): string =>
  [`${code}-${printable(first)}`, ...lines.map((line) => ` ${printable(line)}`), `${code} ${printable(last)}`, ''].join(
    '\r\n',
  );

/** The refusal in `error`: `450 signer-unavailable: The signer is not answering; …`. */
export function refusalReply(error: unknown): string {
  const { code, message } = toDomainError(error);
  return reply(replyOf[code], `${code}: ${message}`);
}

const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
