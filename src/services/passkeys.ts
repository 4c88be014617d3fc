import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { PersonId, RandomBytes } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { KeyOf } from '../domain/people.ts';
import { type Envelope, payloadType } from '../domain/statements.ts';
import type { Clock } from '../platform/clock.ts';
import { passkeyOf, type Registration } from '../signing/passkey-registration.ts';
import { challengeOf } from '../signing/webauthn.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

type PasskeyParts = {
  standing: Standing;
  authority: Authority;
  /** Where browsers reach the gateway, such as `https://keyway.shop.example:8443`. */
  origin(): string;
  clock: Clock;
  random: RandomBytes;
};

/** What a passkey answered over a payload, as bytes. */
export type Assertion = { credentialId: string; authenticatorData: Buffer; clientDataJSON: Buffer; signature: Buffer };
export type RegistrationRequest = { person: PersonId; challenge: string; rpId: string; known: string[] };
export type AssertionRequest = { challenge: string; rpId: string; credentialIds: string[] };

/**
 * The ceremonies of WebAuthn around a statement. Registering gives a key that administrators have yet to put their names
 * to; signing gives an envelope like any other, which says by itself what was signed.
 */
export class PasskeyService {
  readonly #parts: PasskeyParts;
  readonly #issued = new Map<string, { person: PersonId; untilMs: number }>();

  constructor(parts: PasskeyParts) {
    this.#parts = parts;
  }

  /** For the person themself and for whoever may enrol them. Throws `policy-denied`, `busy`. */
  registrationRequest(asker: Asker, person: PersonId): RegistrationRequest {
    const { standing, authority, random, clock } = this.#parts;
    if (asker.principal.kind !== 'person' || asker.principal.id !== person || asker.limitedTo !== undefined)
      authority.require('administer', asker, { kind: 'registry' });
    this.#forgetOld();
    if (this.#issued.size >= limits.passkeyChallenges)
      throw new DomainError('busy', 'Too many passkeys are being registered; try again in some minutes.');
    const challenge = Buffer.from(random(32)).toString('base64url');
    this.#issued.set(challenge, { person, untilMs: clock() + limits.passkeyCeremonyMs });
    return {
      person,
      challenge,
      rpId: this.#rpId(),
      known: passkeysOf(standing, person).map((key) => key.credentialId),
    };
  }

  /** The new key, once its answer fits the challenge that was given for this person. A challenge is good once. */
  registered(person: PersonId, credentialId: string, registration: Registration): KeyOf<'passkey'> {
    this.#forgetOld();
    const challenge = challengeIn(registration.clientDataJSON);
    const issued = challenge === undefined ? undefined : this.#issued.get(challenge);
    if (challenge === undefined || issued?.person !== person)
      throw new DomainError('signature-invalid', 'This registration was not asked for, or took too long. Begin again.');
    this.#issued.delete(challenge);
    const key = passkeyOf(registration, { challenge, origin: this.#parts.origin(), rpId: this.#rpId() });
    if (key.credentialId !== credentialId)
      throw new DomainError('signature-invalid', 'The registration names another credential than it holds.');
    return key;
  }

  /** What a browser needs to have this payload signed. Throws `not-found` for somebody without a passkey. */
  assertionRequest(person: string, payload: Buffer): AssertionRequest {
    const keys = passkeysOf(this.#parts.standing, person);
    if (keys.length === 0) throw new DomainError('not-found', `${person} has no passkey.`);
    return { challenge: challengeOf(payload), rpId: this.#rpId(), credentialIds: keys.map((key) => key.credentialId) };
  }

  /** The answer as an envelope; whoever takes it checks it. Throws `signature-invalid` for a credential of nobody. */
  envelope(payload: Buffer, { credentialId, authenticatorData, clientDataJSON, signature }: Assertion): Envelope {
    const key = [...this.#parts.standing.people()]
      .flatMap(({ person }) => passkeysOf(this.#parts.standing, person.id))
      .find((other) => other.credentialId === credentialId);
    if (!key) throw new DomainError('signature-invalid', 'This passkey is not enrolled for anyone.');
    const webauthn = {
      authenticatorData: authenticatorData.toString('base64'),
      clientDataJSON: clientDataJSON.toString('base64'),
    };
    return {
      payloadType,
      payload: payload.toString('base64'),
      signatures: [{ keyid: key.keyId, sig: signature.toString('base64'), webauthn }],
    };
  }

  /** The relying party is the host that browsers see (WebAuthn Level 3, 5.1.3). */
  #rpId(): string {
    return new URL(this.#parts.origin()).hostname;
  }

  #forgetOld(): void {
    const now = this.#parts.clock();
    for (const [challenge, { untilMs }] of this.#issued) if (untilMs <= now) this.#issued.delete(challenge);
  }
}

const passkeysOf = (standing: Standing, person: string): KeyOf<'passkey'>[] =>
  (standing.person(person)?.person.keys ?? []).flatMap((key) => (key.assurance === 'passkey' ? key : []));

/** Only to find what was asked; `passkeyOf` checks the whole. */
function challengeIn(clientDataJSON: Buffer): string | undefined {
  try {
    const { challenge } = JSON.parse(clientDataJSON.toString('utf8')) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : undefined;
  } catch {
    return undefined;
  }
}
