import type { X509Certificate } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { RandomBytes } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Clock } from '../platform/clock.ts';
import { digestOf } from '../platform/hash.ts';
import { type Timestamp, timestampRequest, verifyTimestamp } from '../signing/timestamp-token.ts';
import { bounded } from './bounded-call.ts';

/** A timestamping authority (RFC 3161 over HTTP), and whose certificates are trusted for time. */
export type TimestampPlace = {
  url: string;
  /** An object identifier; absent: whatever is its default. */
  policy?: string | undefined;
  authoritiesAt(timeMs: number): readonly X509Certificate[];
};

export type AskTimestamp = (message: string, signal: AbortSignal) => Promise<{ response: Buffer; stamp: Timestamp }>;

/**
 * Asks for a timestamp over a message and verifies the answer to the last member. Rejects with an Error that says for a
 * person why there is none.
 */
export function timestampClient(
  place: TimestampPlace,
  { clock, random }: { clock: Clock; random: RandomBytes },
): AskTimestamp {
  return async (message, signal) => {
    const digest = digestOf(message);
    const nonce = newNonce(random);
    const { status, type, body } = await bounded(place.url, {
      ...{ signal, timeoutMs: limits.timestampAnswerMs, answerBytes: limits.timestampBytes },
      post: { type: 'application/timestamp-query', body: timestampRequest({ digest, nonce, policy: place.policy }) },
    });
    if (status !== 200) throw new Error(`it refused with ${status}`);
    if (type !== 'application/timestamp-reply') throw new Error('it answers with something else than a timestamp');
    const now = clock();
    const stamp = verifyTimestamp(body, {
      ...{ digest, nonce, policy: place.policy, authoritiesAt: place.authoritiesAt },
      ...{ earliestMs: now - limits.timestampClockMs, latestMs: now + limits.timestampClockMs },
    });
    return { response: body, stamp };
  };
}

/** Positive and of full length in DER, so that it comes back as the same bytes. */
function newNonce(random: RandomBytes): Buffer {
  const nonce = Buffer.from(random(limits.timestampNonceBytes));
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  return nonce;
}

/** Throws `config-invalid` where the trust root names nobody whose timestamp could be believed. */
export function requireTimestampAuthority({ authoritiesAt }: Pick<TimestampPlace, 'authoritiesAt'>, now: number): void {
  if (authoritiesAt(now).length > 0) return;
  throw new DomainError(
    'config-invalid',
    'ledger.timestamps: the trust file names no timestamping authority that is in force.',
    { field: 'ledger.timestamps' },
  );
}
