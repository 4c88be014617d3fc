import { z } from 'zod';
import { Digest } from './digest.ts';
import type { DoorChannel } from './doors.ts';
import { DeliveryId, type MachineId, type SendingId } from './ids.ts';
import { limits } from './limits.ts';
import { SshCertificateText, SshPublicKey } from './ssh-keys.ts';

/**
 * How a machine shows at a door that it is the one it says: by the key that it signed with, by a certificate of that key, or
 * by a password. `address`: where it comes from, as the door sees it.
 */
export const Credential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ssh-key'), key: SshPublicKey }),
  z.strictObject({ kind: z.literal('ssh-certificate'), certificate: SshCertificateText, address: z.string().max(64) }),
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(limits.passwordMostChars) }),
]);
export type Credential = z.infer<typeof Credential>;

/** One name in a folder of the shelf. `time` is when it was released, RFC 3339 UTC. */
export const ShelfEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), name: z.string(), time: z.string() }),
  z.strictObject({ kind: z.literal('file'), name: z.string(), time: z.string(), size: z.int().min(0) }),
]);
export type ShelfEntry = z.infer<typeof ShelfEntry>;

/** A delivery that has been decided, verified and durably started: the door may now send this blob and nothing else. */
export const OpenedFile = z.strictObject({
  deliveryId: DeliveryId,
  digest: Digest,
  size: z.int().min(0),
  time: z.string(),
});
export type OpenedFile = z.infer<typeof OpenedFile>;

export const DeliveryProof = z.enum(['read-back', 'size']);
export type DeliveryProof = z.infer<typeof DeliveryProof>;

/** How a delivery ended. `complete` only when every byte was handed to the machine's connection. */
export const DeliveryEnd = z.strictObject({
  deliveryId: DeliveryId,
  bytes: z.int().min(0),
  complete: z.boolean(),
  /** Why not, for a person; absent when complete. */
  reason: z.string().max(200).optional(),
  /** How the far side was seen to have it, where it can be: its bytes were read back, or its size was. */
  proof: DeliveryProof.optional(),
});
export type DeliveryEnd = z.infer<typeof DeliveryEnd>;

/**
 * What a machine may have right now, as every door sees it. A door translates and decides nothing. Paths are names
 * from the root, already split and checked; the root is `[]`.
 */
export interface Shelf {
  /** The machine whose registered credential this is, when it is known by that name; undefined says nothing about why not. */
  identify(name: string, credential: Credential): Promise<MachineId | undefined>;
  /** Undefined where there is no such folder for this machine, whether or not it exists for another. */
  list(machine: MachineId, path: readonly string[]): Promise<ShelfEntry[] | undefined>;
  stat(machine: MachineId, path: readonly string[]): Promise<ShelfEntry | undefined>;
  /**
   * Decides, verifies and records `delivery.started`, durable before this resolves. Rejects with a DomainError:
   * `not-found`, `policy-denied`, `not-verified`, `catalogue-differs`, `trust-expired`, `signer-unavailable`,
   * `ledger-unavailable`. `sendingId` where somebody had it sent, and the machine did not come for it.
   */
  open(machine: MachineId, path: readonly string[], sendingId?: SendingId): Promise<OpenedFile>;
  /** Resolves with the reason when this delivery may not go on: the door ends it at once. Never for any other. */
  stopped(deliveryId: DeliveryId): Promise<string>;
  /** Records `delivery.completed` or `.failed`. Called exactly once for each open. */
  finish(end: DeliveryEnd): Promise<void>;
}

/** The shelf by each door: policy asks by which one bytes would leave. */
export interface Shelves {
  through(channel: DoorChannel): Shelf;
}
