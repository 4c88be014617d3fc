import type { z } from 'zod';
import { limits } from '../../domain/limits.ts';
import type { Assertion, AssertionRequest } from '../../services/passkeys.ts';
import type { Asserted, RequestOptions } from './contract/passkeys.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

/** What the browser's `navigator.credentials.get` is given. */
export const requestOptions = ({
  challenge,
  rpId,
  credentialIds,
}: AssertionRequest): z.input<typeof RequestOptions> => ({
  challenge,
  rpId,
  timeout: limits.passkeyCeremonyMs,
  allowCredentials: credentialIds.map((id) => ({ type: 'public-key' as const, id })),
  userVerification: 'required',
});

export const assertionOf = ({ id, response }: Asserted): Assertion => ({
  credentialId: id,
  authenticatorData: bytes(response.authenticatorData),
  clientDataJSON: bytes(response.clientDataJSON),
  signature: bytes(response.signature),
});
