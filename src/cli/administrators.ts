import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Change } from '../domain/changes.ts';
import { type ChangeId, newChangeId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Envelope } from '../domain/statements.ts';
import type { ChangeAnswer } from '../edges/http/contract/changes.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { canonicalJson } from '../platform/hash.ts';
import { changeStatement } from '../signing/change.ts';
import { signPayload } from '../signing/dsse.ts';
import { readPrivateKey } from '../signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../signing/signing-key.ts';
import { type CliContext, collect } from './context.ts';
import { usage } from './output.ts';

export type AdministratorOptions = { adminKey?: string[]; reason?: string };

/** What every command has that makes a change: who signs it, and why. */
export const signedByAdministrators = (command: Command, reason: string): Command =>
  command
    .option('--admin-key <file>', "an administrator's private key (repeatable; in development both are there)", collect)
    .option('--reason <text>', 'why; it goes into the ledger', reason);

/**
 * Signs `change` with every key that is at hand and hands it in: made at once where those are enough, otherwise it waits
 * for somebody who signs it elsewhere.
 */
export async function submitChange(
  { config, client }: CliContext,
  change: Change,
  { adminKey, reason = 'No reason was given.' }: AdministratorOptions,
): Promise<ChangeAnswer> {
  const { authorisation } = await signChange(config, change, { adminKey, reason });
  return client().change(authorisation);
}

/** The change under the signatures of every key that is at hand, for an entry that makes it. */
export async function signChange(
  config: Config,
  change: Change,
  { adminKey, reason }: { adminKey: readonly string[] | undefined; reason: string },
): Promise<{ changeId: ChangeId; reason: string; authorisation: Envelope }> {
  const keys = administratorKeys(config, adminKey);
  const now = systemClock();
  const changeId = newChangeId(randomBytes);
  const statement = changeStatement({
    changeId,
    origin: config.origin,
    change,
    reason,
    time: rfc3339(now),
    validUntil: rfc3339(now + limits.changeValidityMs),
  });
  return { changeId, reason, authorisation: await cosign(canonicalJson(statement), keys) };
}

export async function cosign(payload: Buffer, keys: readonly SigningKey[]): Promise<Envelope> {
  const [first, ...others] = await Promise.all(keys.map((key) => signPayload(payload, key)));
  if (!first) throw usage("Name an administrator's key.", '--admin-key');
  return { ...first, signatures: [first, ...others].flatMap(({ signatures }) => signatures) };
}

/** The named keys; in development those that `keyway init` made. */
export function administratorKeys({ mode, paths }: Config, files: readonly string[] | undefined): SigningKey[] {
  const folder = paths.devAdmins;
  const made = () =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  const named = files ?? (mode === 'development' && existsSync(folder) ? made() : []);
  if (named.length === 0)
    throw usage('This needs the signatures of administrators: name the key files.', '--admin-key');
  return named.map((file) => pemSigningKey(readPrivateKey(file)));
}

/** One line that says how far a change is. */
export const describeChange = (outcome: ChangeAnswer, done: string): string =>
  outcome.state === 'made'
    ? `${done}, entry ${outcome.index}.`
    : `${outcome.changeId} waits for ${outcome.needed - outcome.signers.length} more signature: keyway change confirm ${outcome.changeId}`;
