import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Change, type ChangeKind } from '../domain/changes.ts';
import { type ChangeId, newChangeId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Envelope } from '../domain/statements.ts';
import type { ChangeAnswer } from '../edges/http/contract/changes.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { canonicalJson } from '../platform/hash.ts';
import { changeStatement } from '../signing/change.ts';
import { signPayload } from '../signing/dsse.ts';
import type { SigningKey } from '../signing/signing-key.ts';
import { type CliContext, cliContext, collect } from './context.ts';
import { answer, parsed, usage } from './output.ts';
import { isPkcs11Uri } from './pkcs11-uri.ts';
import { openNamedKey } from './signing-keys.ts';

export type AdministratorOptions = { adminKey?: string[]; reason?: string };

/** What every command has that makes a change: who signs it, and why. */
export const signedByAdministrators = (command: Command, reason: string): Command =>
  command
    .option(
      '--admin-key <file>',
      "an administrator's private key: PEM, PKCS#12 or a pkcs11: URI (repeatable; in development both are there)",
      collect,
    )
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
  const { authorisation } = await signChange(config.origin, change, {
    keys: await administratorKeys(config, adminKey),
    reason,
  });
  return client().change(authorisation);
}

/** Makes a change from what the command line said, or leaves it waiting, and tells which. Throws what its schema refuses. */
export async function makeChange(
  kind: ChangeKind,
  fields: Record<string, unknown>,
  done: string,
  options: AdministratorOptions,
  command: Command,
): Promise<void> {
  const context = cliContext(command);
  const outcome = await submitChange(context, parsed(Change, { kind, ...fields }, kind), options);
  answer(context.json, outcome, [describeChange(outcome, done)]);
}

/** The change under the signatures of these keys, for the ledger of this origin. */
export async function signChange(
  origin: string,
  change: Change,
  { keys, reason }: { keys: readonly SigningKey[]; reason: string },
): Promise<{ changeId: ChangeId; reason: string; authorisation: Envelope }> {
  const now = systemClock();
  const changeId = newChangeId(randomBytes);
  const statement = changeStatement({
    changeId,
    origin,
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
export async function administratorKeys(
  { mode, paths }: Config,
  files: readonly string[] | undefined,
): Promise<SigningKey[]> {
  const folder = paths.devAdmins;
  const made = () =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  const named = files ?? (mode === 'development' && existsSync(folder) ? made() : []);
  if (named.length === 0)
    throw usage('This needs the signatures of administrators: name the key files.', '--admin-key');
  if (named.filter(isPkcs11Uri).length > 1)
    throw usage('One token at a time: let the other administrator confirm the change.', '--admin-key');
  const keys: SigningKey[] = [];
  // One after the other: each may ask for its passphrase.
  for (const name of named) keys.push(await openNamedKey(name));
  return keys;
}

/** One line that says how far a change is. */
export function describeChange(outcome: ChangeAnswer, done: string): string {
  if (outcome.state === 'made') return `${done}, entry ${outcome.index}.`;
  const { changeId, needed, signers, awaits } = outcome;
  const more = Math.max(needed - signers.length, 0);
  const who = awaits === undefined ? `${more} more signature` : `a signature by somebody of ${awaits}`;
  return `${changeId} waits for ${who}: keyway change confirm ${changeId}`;
}
