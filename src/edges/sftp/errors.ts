import { type ErrorCode, toDomainError } from '../../domain/errors.ts';
import { type SftpStatus, sftpStatus, statusReply } from './wire.ts';

/** Every refusal as an SFTP status. A client prints its own words for the status; the message carries code and sentence. */
const statusOf: Record<ErrorCode, SftpStatus> = {
  'config-invalid': sftpStatus.failure,
  'request-invalid': sftpStatus.failure,
  unauthenticated: sftpStatus.permissionDenied,
  forbidden: sftpStatus.permissionDenied,
  'not-found': sftpStatus.noSuchFile,
  conflict: sftpStatus.failure,
  'too-large': sftpStatus.failure,
  'not-supported': sftpStatus.unsupported,
  'sidecar-missing': sftpStatus.failure,
  'sidecar-invalid': sftpStatus.failure,
  'file-missing': sftpStatus.failure,
  'file-not-regular': sftpStatus.failure,
  'file-empty': sftpStatus.failure,
  'file-changed': sftpStatus.failure,
  'digest-mismatch': sftpStatus.failure,
  'classification-missing': sftpStatus.permissionDenied,
  'classification-conflict': sftpStatus.permissionDenied,
  'author-unknown': sftpStatus.failure,
  'group-unknown': sftpStatus.failure,
  'inspection-blocked': sftpStatus.permissionDenied,
  'shelf-name-taken': sftpStatus.failure,
  'revision-taken': sftpStatus.failure,
  'author-may-not-approve': sftpStatus.permissionDenied,
  'already-counted': sftpStatus.failure,
  'role-not-on-route': sftpStatus.permissionDenied,
  'role-not-held': sftpStatus.permissionDenied,
  'signature-invalid': sftpStatus.permissionDenied,
  'statement-mismatch': sftpStatus.permissionDenied,
  'state-forbids': sftpStatus.permissionDenied,
  'route-incomplete': sftpStatus.permissionDenied,
  'out-of-order': sftpStatus.permissionDenied,
  'assurance-too-low': sftpStatus.permissionDenied,
  'key-revoked': sftpStatus.permissionDenied,
  'not-administrator': sftpStatus.permissionDenied,
  'own-rights': sftpStatus.permissionDenied,
  'signatures-missing': sftpStatus.permissionDenied,
  'change-expired': sftpStatus.failure,
  'change-used': sftpStatus.failure,
  'duties-conflict': sftpStatus.permissionDenied,
  'policy-denied': sftpStatus.permissionDenied,
  'not-verified': sftpStatus.permissionDenied,
  'catalogue-differs': sftpStatus.permissionDenied,
  'bytes-differ': sftpStatus.failure,
  'checkpoint-behind': sftpStatus.failure,
  'signer-unavailable': sftpStatus.failure,
  'ledger-unavailable': sftpStatus.failure,
  'ledger-inconsistent': sftpStatus.failure,
  'ledger-locked': sftpStatus.failure,
  'storage-full': sftpStatus.failure,
  'gateway-unreachable': sftpStatus.failure,
  busy: sftpStatus.failure,
  internal: sftpStatus.failure,
};

/** The refusal in `error` as a reply: `signer-unavailable: The signer is not answering; …`. */
export function refusalReply(id: number, error: unknown): Buffer {
  const { code, message } = toDomainError(error);
  return statusReply(id, statusOf[code], `${code}: ${message}`);
}
