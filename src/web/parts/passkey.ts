/** The browser's half of a WebAuthn ceremony, in the JSON forms that the gateway speaks (WebAuthn Level 3, 5.1.8 to 5.1.10). */

import { keyWords } from '../words/keys.ts';

export async function answerPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return jsonOf(await navigator.credentials.get({ publicKey }));
}

export async function makePasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  try {
    return jsonOf(await navigator.credentials.create({ publicKey }));
  } catch (error) {
    // What holds a passkey of theirs already makes no second one (WebAuthn Level 3, 6.3.2).
    if (error instanceof DOMException && error.name === 'InvalidStateError') throw new Error(keyWords.alreadyHere);
    throw error;
  }
}

function jsonOf(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('No passkey was chosen.');
  return credential.toJSON();
}

/** Whoever closes the browser's question has not failed. */
export const wasCancelled = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
