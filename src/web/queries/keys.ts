import type { PasskeyMade, RegistrationAsked } from '../../edges/http/contract/passkeys.ts';
import { makePasskey } from '../parts/passkey.ts';
import { sendJson } from './api.ts';
import { officeApi } from './office-paths.ts';

export type OfferedKey = PasskeyMade['key'];

/** Made by whoever touches it here; it signs nothing before administrators put their names to it. */
export async function registerPasskey(person: string): Promise<OfferedKey> {
  const { publicKey } = await sendJson<RegistrationAsked>('POST', officeApi.passkeyOptions, { person });
  const credential = await makePasskey(publicKey);
  return (await sendJson<PasskeyMade>('POST', officeApi.passkeys, { person, credential })).key;
}
