import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { type NoteVerifier, parseVerifierKey, requireKeyName } from '../../merkle/note.ts';
import { readConfigFile } from '../../platform/config.ts';

const WitnessFile = z.strictObject({
  /** The witness' name in every cosignature: a URL without schema of its administrator. */
  name: z.string().min(1).max(limits.shortTextChars),
  listen: z
    .strictObject({
      host: z
        .string()
        .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be an IP address or a host name')
        .default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8444),
    })
    .prefault({}),
  /** The folder of its key and of what it saw. */
  state: z.string().min(1).max(1_000).default('witness'),
  logs: z
    .array(
      z.strictObject({
        origin: z.string().min(1).max(limits.shortTextChars),
        /** The log's verifier keys; a checkpoint must be signed by every one of them. */
        keys: z.array(z.string().max(400)).min(1).max(8),
        /** Those that come in their place: while both stand here, every one of either has to sign. */
        nextKeys: z.array(z.string().max(400)).min(1).max(8).optional(),
      }),
    )
    .max(limits.witnessLogs)
    .default([]),
});

export type WatchedLog = {
  origin: string;
  verifiers: readonly NoteVerifier[];
  next?: readonly NoteVerifier[];
};

export type WitnessConfig = {
  name: string;
  listen: { host: string; port: number };
  paths: { folder: string; key: string; state: string; lock: string };
  logs: readonly WatchedLog[];
};

/** Relative paths start at the file's folder. Throws `config-invalid`, in one line that names file and key. */
export function loadWitnessConfig(file: string): WitnessConfig {
  const { name, listen, state, logs } = readConfigFile(file, WitnessFile);
  const invalid = (key: string, error: unknown) =>
    new DomainError('config-invalid', `${file}: ${key}: ${(error as Error).message}`, { field: key, cause: error });
  try {
    requireKeyName(name);
  } catch (error) {
    throw invalid('name', error);
  }
  const folder = resolve(dirname(resolve(file)), state);
  const seen = new Set<string>();
  const verifiersOf = (keys: readonly string[]) => keys.map((key) => parseVerifierKey(key));
  const watched = logs.map(({ origin, keys, nextKeys }, at): WatchedLog => {
    if (seen.has(origin)) throw invalid(`logs.${at}.origin`, new Error(`${origin} stands there twice`));
    seen.add(origin);
    try {
      return { origin, verifiers: verifiersOf(keys), ...(nextKeys && { next: verifiersOf(nextKeys) }) };
    } catch (error) {
      throw invalid(`logs.${at}.keys`, error);
    }
  });
  const paths = {
    folder,
    key: join(folder, 'witness.key.pem'),
    state: join(folder, 'witness.db'),
    lock: join(folder, 'lock.db'),
  };
  return { name, listen, paths, logs: watched };
}
