import { z } from 'zod';
import { limits } from '../../domain/limits.ts';

const positive = z.int().min(1);
const Port = z.int().min(0).max(65_535);

/** The limits of the door that an installation or a test may set otherwise. */
export const FtpBounds = z.strictObject({
  loginGraceMs: positive,
  loginAttempts: positive,
  loginPauseMs: positive,
  loginPauseMaxMs: positive,
  connections: positive,
  unauthenticated: positive,
  unauthenticatedPerAddress: positive,
  idleMs: positive,
  goodbyeMs: positive,
  dataMs: positive,
  lastBytesMs: positive,
  drainMs: positive,
});
export type FtpBounds = z.infer<typeof FtpBounds>;

export const defaultBounds: FtpBounds = {
  loginGraceMs: limits.ftpLoginGraceMs,
  loginAttempts: limits.ftpLoginAttempts,
  loginPauseMs: limits.ftpLoginPauseMs,
  loginPauseMaxMs: limits.ftpLoginPauseMaxMs,
  connections: limits.ftpSessions,
  unauthenticated: limits.ftpUnauthenticated,
  unauthenticatedPerAddress: limits.ftpUnauthenticatedPerAddress,
  idleMs: limits.ftpIdleMs,
  goodbyeMs: limits.ftpGoodbyeMs,
  dataMs: limits.ftpDataMs,
  lastBytesMs: limits.ftpLastBytesMs,
  drainMs: limits.ftpDrainMs,
};

/** How data connections are made (RFC 959 3.2, RFC 2428). */
export const DataSettings = z.strictObject({
  /** Passive listeners take a port of this range, both ends included; 0 to 0 lets the system choose. */
  passivePorts: z.strictObject({ from: Port, to: Port }),
  /** What PASV says in place of our own address, where a router translates it. */
  natAddress: z.ipv4().optional(),
  /** Whether a data connection over TLS must resume the session of its control connection. */
  resumedOnly: z.boolean(),
});
export type DataSettings = z.infer<typeof DataSettings>;

/** All that the door process needs to know; keys stay in their files. */
export const DoorSettings = z.strictObject({
  host: z.string().min(1),
  port: Port,
  /** The port where TLS begins at once (RFC 4217 has it as the older way); absent: none. */
  implicitPort: Port.optional(),
  /** Whether a machine may log in without TLS at all; each machine's own channel is asked besides. */
  plaintext: z.boolean(),
  tlsKeyFile: z.string().min(1),
  tlsCertificateFile: z.string().min(1),
  vaultFolder: z.string().min(1),
  data: DataSettings,
  bounds: FtpBounds,
});
export type DoorSettings = z.infer<typeof DoorSettings>;
