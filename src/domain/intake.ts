import type { Reason } from './events.ts';
import type { DepositId, PackageId, PersonId } from './ids.ts';
import type { Sidecar } from './sidecar.ts';

/** One file of a deposit. `content` is read once, from the first byte to the last; it throws when the file changes. */
export type IncomingFile = { name: string; content: AsyncIterable<Uint8Array> };

/** What a door hands over. Names have passed `FileName`. */
export type IncomingDeposit = {
  depositId: DepositId;
  door: 'drop-folder' | 'http';
  /** Who sent it, where the door knows. */
  depositor?: PersonId;
  /** The job's name: the sidecar's NAME, or the file's where there is no sidecar. Passes `ShortText`. */
  name: string;
  /** Present when there is one and it parsed; its exact bytes are kept with the deposit. */
  sidecar: { fileName: string; bytes: Buffer; parsed: Sidecar | undefined } | undefined;
  files: readonly IncomingFile[];
  /** What the door already saw wrong. With any of these the deposit is taken into quarantine and rejected. */
  problems: readonly Reason[];
};

/** Where a durable deposit stands. `received`: taken, its inspection still to come (after a crash it goes on by itself). */
export type DepositOutcome =
  | { state: 'received' | 'inspected' }
  | { state: 'admitted'; packageId: PackageId }
  | { state: 'rejected'; reasons: readonly Reason[] };

export interface Intake {
  /**
   * Takes a deposit: bytes into quarantine (hashed once while copied), `deposit.received`, inspection, disposition.
   * When it resolves the deposit is durable and the door may let go of its files. When it rejects nothing was recorded
   * and the door keeps them. The same `depositId` twice gives the first one's outcome and takes nothing again.
   */
  receive(deposit: IncomingDeposit): Promise<DepositOutcome>;
  /** Undefined when no such deposit was recorded. */
  outcome(depositId: DepositId): Promise<DepositOutcome | undefined>;
}
