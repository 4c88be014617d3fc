import { z } from 'zod';
import { limits } from '../../domain/limits.ts';

const positive = z.int().min(1);

/** The limits of the door that an installation or a test may set otherwise. */
export const SftpBounds = z.strictObject({
  loginGraceMs: positive,
  authAttempts: positive,
  connections: positive,
  unauthenticated: positive,
  unauthenticatedPerAddress: positive,
  handlesPerSession: positive,
  keepaliveMs: positive,
  certificateReviewMs: positive,
  rekeyBytes: positive,
  rekeyMs: positive,
  rekeyLookMs: positive,
  drainMs: positive,
});
export type SftpBounds = z.infer<typeof SftpBounds>;

export const defaultBounds: SftpBounds = {
  loginGraceMs: limits.sftpLoginGraceMs,
  authAttempts: limits.sftpAuthAttempts,
  connections: limits.sftpSessions,
  unauthenticated: limits.sftpUnauthenticated,
  unauthenticatedPerAddress: limits.sftpUnauthenticatedPerAddress,
  handlesPerSession: limits.sftpHandlesPerSession,
  keepaliveMs: limits.sftpKeepaliveMs,
  certificateReviewMs: limits.sftpCertificateReviewMs,
  rekeyBytes: limits.sftpRekeyBytes,
  rekeyMs: limits.sftpRekeyMs,
  rekeyLookMs: limits.sftpRekeyLookMs,
  drainMs: limits.sftpDrainMs,
};
