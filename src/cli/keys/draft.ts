import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { replaceFile } from '../../platform/durable-file.ts';
import type { SigningKey } from '../../signing/signing-key.ts';
import { checkTrustFile, formatTrustFile, type TrustFile, type TrustRoot } from '../../signing/trust-root.ts';
import { ownSigners, signTrust } from '../../signing/trust-signatures.ts';
import { administratorKeys } from '../administrators.ts';
import { cliContext, collect } from '../context.ts';
import { answer, usage } from '../output.ts';

const dayMs = 24 * 60 * 60 * 1000;

export type DraftOptions = { out?: string; days?: string; handoverDays?: string; adminKey?: string[] };

/** What every command has that makes a new version of the trust root. */
export const draftOptions = (command: Command): Command =>
  command
    .option(
      '--out <file>',
      'where the new version goes, for the administrators to sign (trust-next.json beside the trust file)',
    )
    .option('--days <number>', 'how long it is in force', '365')
    .option(
      '--handover-days <number>',
      'how long what it ends stays in force, so that the gateway can go on until it is installed (0: stop the gateway first)',
      '7',
    )
    .option(
      '--admin-key <file>',
      "an administrator's key that signs it at once: PEM, PKCS#12 or a pkcs11: URI (repeatable; in development both are there)",
      collect,
    );

export const draftPath = ({ data }: Config): string => join(data, 'trust-next.json');

export function draftTimes({ days = '365', handoverDays = '7' }: DraftOptions) {
  const nowMs = systemClock();
  const expiresMs = nowMs + wholeDays(days, '--days', 1, 1_098) * dayMs;
  return { nowMs, expiresMs, handoverMs: wholeDays(handoverDays, '--handover-days', 0, 90) * dayMs };
}

function wholeDays(text: string, option: string, least: number, most: number): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(days >= least && days <= most)) throw usage(`Give a whole number of days from ${least} to ${most}.`, option);
  return days;
}

/** Signs a new root with what is at hand, writes it, and says who signs next. */
export async function writeDraft(root: TrustRoot, options: DraftOptions, command: Command): Promise<void> {
  const { config, json } = cliContext(command);
  let file: TrustFile = checkTrustFile({ root, signatures: [] });
  for (const key of await keysAtHand(config, options)) file = await signTrust(file, key);
  const path = options.out ?? draftPath(config);
  replaceFile(path, formatTrustFile(file), 0o644);
  answer(json, { file: path, ...progressOf(file) }, [`Wrote ${path}.`, ...progressLines(file, path)]);
}

/** None is no mistake here: administrators sign where their keys are. */
async function keysAtHand(config: Config, { adminKey }: DraftOptions): Promise<SigningKey[]> {
  if (adminKey === undefined && (config.mode === 'production' || !existsSync(config.paths.devAdmins))) return [];
  return administratorKeys(config, adminKey);
}

export const progressOf = (file: TrustFile) => {
  const signed = ownSigners(file);
  const { version, threshold } = file.root;
  return { version, signed, needed: threshold, complete: signed.length >= threshold };
};

export function progressLines(file: TrustFile, path: string): string[] {
  const { version, signed, needed, complete } = progressOf(file);
  const next = complete
    ? `Next: keyway keys install ${path}`
    : `Next: each of ${needed - signed.length} more administrators looks at it (keyway keys show ${path}) and signs it (keyway keys sign-root ${path} --key KEY).`;
  return [`  version ${version}, signed by ${signed.join(', ') || 'nobody'}: ${signed.length} of ${needed}`, next];
}

/** A small file that somebody named, as text. */
export function readNamed(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DomainError('request-invalid', `${path} cannot be read.`, { field: option, cause });
  }
}
