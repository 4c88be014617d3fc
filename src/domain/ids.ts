import { z } from 'zod';
import { PathWord } from './text.ts';

/** Ids that people choose and read aloud: `ME-2`, `HAAS-VF-07`. */
export const PersonId = PathWord.brand<'PersonId'>();
export type PersonId = z.infer<typeof PersonId>;
export const MachineId = PathWord.brand<'MachineId'>();
export type MachineId = z.infer<typeof MachineId>;
export const GroupId = PathWord.brand<'GroupId'>();
export type GroupId = z.infer<typeof GroupId>;

/** Crockford base 32: no I, L, O or U, so that a printed id can be read over the noise of a shop. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const generated = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[${alphabet}]{10}$`));

export const DepositId = generated('DEP').brand<'DepositId'>();
export type DepositId = z.infer<typeof DepositId>;
export const PackageId = generated('PKG').brand<'PackageId'>();
export type PackageId = z.infer<typeof PackageId>;
export const ReleaseId = generated('REL').brand<'ReleaseId'>();
export type ReleaseId = z.infer<typeof ReleaseId>;
export const DeliveryId = generated('DLV').brand<'DeliveryId'>();
export type DeliveryId = z.infer<typeof DeliveryId>;
export const RunId = generated('RUN').brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;
/** One file that came back from a machine. */
export const RetrievalId = generated('RTV').brand<'RetrievalId'>();
export type RetrievalId = z.infer<typeof RetrievalId>;
/** A record of something that did not go as it must, for quality to close. */
export const NonconformanceId = generated('NCR').brand<'NonconformanceId'>();
export type NonconformanceId = z.infer<typeof NonconformanceId>;
/** One program that somebody had sent to a machine. */
export const SendingId = generated('SND').brand<'SendingId'>();
export type SendingId = z.infer<typeof SendingId>;
/** Something that whoever stands at a machine says is wrong. */
export const ProblemId = generated('PRB').brand<'ProblemId'>();
export type ProblemId = z.infer<typeof ProblemId>;
/** What is kept for an investigation, whatever else would end it. */
export const LegalHoldId = generated('LGH').brand<'LegalHoldId'>();
export type LegalHoldId = z.infer<typeof LegalHoldId>;
export const WebhookId = generated('WHK').brand<'WebhookId'>();
export type WebhookId = z.infer<typeof WebhookId>;
export const ChangeId = generated('CHG').brand<'ChangeId'>();
export type ChangeId = z.infer<typeof ChangeId>;
/** Of one sign-in and of one API key: what tells them apart, and no secret. */
export const SessionId = generated('SES').brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const ApiKeyId = generated('KEY').brand<'ApiKeyId'>();
export type ApiKeyId = z.infer<typeof ApiKeyId>;

/** Fills a buffer of the asked size with random bytes; the process passes node:crypto's, tests pass a seeded one. */
export type RandomBytes = (size: number) => Uint8Array;

function generate(prefix: string, random: RandomBytes): string {
  let id = `${prefix}-`;
  for (const byte of random(10)) id += alphabet[byte & 31];
  return id;
}

export const newDepositId = (random: RandomBytes) => generate('DEP', random) as DepositId;
export const newPackageId = (random: RandomBytes) => generate('PKG', random) as PackageId;
export const newReleaseId = (random: RandomBytes) => generate('REL', random) as ReleaseId;
export const newDeliveryId = (random: RandomBytes) => generate('DLV', random) as DeliveryId;
export const newRunId = (random: RandomBytes) => generate('RUN', random) as RunId;
export const newRetrievalId = (random: RandomBytes) => generate('RTV', random) as RetrievalId;
/** The record that a change opens by being made has its letters. */
export const nonconformanceOf = (change: ChangeId) => change.replace(/^CHG/, 'NCR') as NonconformanceId;
export const newSendingId = (random: RandomBytes) => generate('SND', random) as SendingId;
export const newProblemId = (random: RandomBytes) => generate('PRB', random) as ProblemId;
export const newLegalHoldId = (random: RandomBytes) => generate('LGH', random) as LegalHoldId;
export const newWebhookId = (random: RandomBytes) => generate('WHK', random) as WebhookId;
export const newChangeId = (random: RandomBytes) => generate('CHG', random) as ChangeId;
export const newSessionId = (random: RandomBytes) => generate('SES', random) as SessionId;
export const newApiKeyId = (random: RandomBytes) => generate('KEY', random) as ApiKeyId;
