import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { NoteSigner } from '../merkle/note.ts';
import { formatVerifierKey, makeSigner } from '../merkle/note.ts';
import { readSecret, type SecretFile, secretFile } from '../platform/secret.ts';
import type { SignerConfig } from '../platform/signer-config.ts';
import { ledgerKeyFile, releaseKeyFile } from './key-files.ts';
import { readPrivateKey } from './keys.ts';
import { pemSigningKey, type SigningKey } from './signing-key.ts';
import { TokenKey } from './token-key.ts';
import type { Trust } from './trust.ts';

const Secret = z.strictObject({ path: z.string(), guarded: z.boolean() });
/** Where the signer finds its keys, and what opens them: paths only, so that no secret passes through the core. */
export const KeyPlaces = z.strictObject({
  folder: z.string(),
  passphrase: Secret.optional(),
  token: z
    .strictObject({
      module: z.string(),
      tokenLabel: z.string(),
      keyLabel: z.string().optional(),
      pin: Secret.optional(),
    })
    .optional(),
});
export type KeyPlaces = z.infer<typeof KeyPlaces>;

/** Throws `config-invalid` where a credential is named that systemd did not hand over. */
export function keyPlaces(
  folder: string,
  { passphrase, token }: SignerConfig,
  credentialsFolder: string | undefined,
): KeyPlaces {
  const place = (secret: NonNullable<typeof passphrase>): SecretFile => secretFile(secret, credentialsFolder);
  return {
    folder,
    ...(passphrase && { passphrase: place(passphrase) }),
    ...(token && {
      token: {
        module: token.module,
        tokenLabel: token.label,
        ...(token.key === undefined ? {} : { keyLabel: token.key }),
        ...(token.pin && { pin: place(token.pin) }),
      },
    }),
  };
}

export type SignerKeys = {
  /** Signs nothing where the trust root says that it is revoked. */
  release: SigningKey;
  ledger: readonly NoteSigner[];
  /** Throws `token-unavailable` once the token that holds the release key was taken away. */
  requireThere(): void;
  close(): void;
};

/** Throws `token-unavailable`, or `config-invalid` for whatever will not mend by itself. */
export async function openSignerKeys(places: KeyPlaces, trust: Trust): Promise<SignerKeys> {
  const { folder, passphrase, token } = places;
  const word = passphrase && readSecret(passphrase);
  const inFile = (name: string) => readPrivateKey(join(folder, name), word);
  const ledger = trust.ledgerVerifiers.map((verifier) => {
    const name = ledgerKeyFile(verifier);
    const key = inFile(name);
    if (formatVerifierKey(trust.origin, createPublicKey(key)) !== verifier.vkey) throw anotherKey(name);
    return makeSigner(trust.origin, key);
  });
  const { keyId, publicKey, entry } = trust.release;
  const held = entry.revoked ? undefined : token && (await TokenKey.open(token, token.pin && readSecret(token.pin)));
  const release = entry.revoked
    ? {
        keyId,
        publicKey,
        sign: async () => Promise.reject(new DomainError('key-revoked', 'The release key is revoked.')),
      }
    : (held ?? pemSigningKey(inFile(releaseKeyFile(keyId))));
  if (release.keyId !== keyId) {
    held?.close();
    throw anotherKey(token ? token.tokenLabel : releaseKeyFile(keyId));
  }
  return {
    release,
    ledger,
    requireThere: () => held?.requireThere(),
    close: () => held?.close(),
  };
}

const anotherKey = (place: string) =>
  new DomainError('config-invalid', `The key in ${place} is not the one that the trust file names.`);
