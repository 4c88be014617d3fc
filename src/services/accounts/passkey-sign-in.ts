import { z } from 'zod';
import type { Standing } from '../../catalog/standing.ts';
import { DomainError } from '../../domain/errors.ts';
import type { KeyOf, Person } from '../../domain/people.ts';
import { signatureCounter } from '../../domain/statements.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';
import { challengeOf, requireCounter, verifyAssertion } from '../../signing/webauthn.ts';
import { personInOffice } from '../office.ts';
import type { Assertion, AssertionRequest } from '../passkeys.ts';
import type { Attempts } from './attempts.ts';
import type { LockOut } from './lock-out.ts';
import type { Proof } from './sessions.ts';

const Counter = z.strictObject({ counter: z.int() });

type PasskeyParts = {
  standing: Standing;
  records: SealedRecords;
  attempts: Attempts;
  lockOut: LockOut;
  /** Where browsers reach the gateway. */
  origin(): string;
  clock: Clock;
};

/** Signing in with a passkey: an assertion over what this browser was asked, which is no statement about anything. */
export class PasskeySignIn {
  readonly #parts: PasskeyParts;

  constructor(parts: PasskeyParts) {
    this.#parts = parts;
  }

  /** Lists no credentials: whose there are is told to nobody, and the authenticator shows its own. */
  request(mark: string): AssertionRequest {
    const rpId = new URL(this.#parts.origin()).hostname;
    return { challenge: challengeOf(this.#payload(mark)), rpId, credentialIds: [] };
  }

  /** Throws `unauthenticated`, `locked-out`. */
  prove(mark: string | undefined, assertion: Assertion, address: string | undefined): Proof {
    const { attempts, lockOut, standing, clock } = this.#parts;
    const payload = this.#payload(mark);
    const attempt = lockOut.fromAddress(address);
    const holder = this.#holder(assertion.credentialId);
    if (!holder) throw new DomainError('unauthenticated', 'This passkey is not enrolled for anyone.');
    this.#verify(payload, assertion, holder.key);
    attempts.use(mark ?? '');
    attempt.succeeded();
    const { id } = personInOffice(standing, holder.person.id, clock());
    return { person: id, by: 'passkey', mfa: true, keyId: holder.key.keyId };
  }

  /** Never the text of a statement: what is signed here can be taken for nothing else. */
  #payload(mark: string | undefined): Buffer {
    return Buffer.from(`keyway sign-in ${this.#parts.attempts.asked(mark, 'passkey')}`, 'utf8');
  }

  /** The counter of sign-ins is kept beside the ledger's, which counts what was signed for. */
  #verify(payload: Buffer, { authenticatorData, clientDataJSON, signature }: Assertion, key: KeyOf<'passkey'>): void {
    const { records, standing } = this.#parts;
    const evidence = {
      authenticatorData: authenticatorData.toString('base64'),
      clientDataJSON: clientDataJSON.toString('base64'),
    };
    try {
      verifyAssertion(payload, signature, evidence, key);
      const before = records.get('counter', key.keyId, Counter)?.value.counter ?? 0;
      requireCounter(signatureCounter(evidence), Math.max(before, standing.counter(key.keyId)));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError('unauthenticated', error.message, { cause: error });
    }
    records.put('counter', key.keyId, { person: '' }, { counter: signatureCounter(evidence) });
  }

  #holder(credentialId: string): { person: Person; key: KeyOf<'passkey'> } | undefined {
    for (const { person } of this.#parts.standing.people()) {
      for (const key of person.keys)
        if (key.assurance === 'passkey' && key.credentialId === credentialId) return { person, key };
    }
    return undefined;
  }
}
