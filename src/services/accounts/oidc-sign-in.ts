import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  type IDToken,
} from 'openid-client';
import type { Logger } from 'pino';
import type { Standing } from '../../catalog/standing.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import { limits } from '../../domain/limits.ts';
import type { Person } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';
import { readSecret, secretFile } from '../../platform/secret.ts';
import type { SignInConfig } from '../../platform/sign-in-config.ts';
import { personInOffice, personKnown } from '../office.ts';
import type { Attempts } from './attempts.ts';
import { type Proof, Unsaid } from './sessions.ts';

type Settings = NonNullable<SignInConfig['oidc']>;
type OidcParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  records: SealedRecords;
  attempts: Attempts;
  settings: Settings;
  credentialsFolder: string | undefined;
  origin(): string;
  clock: Clock;
  log: Logger;
};
export const oidcCallbackPath = '/session/oidc/callback';

/**
 * The company's own sign-in: OpenID Connect, authorization code with PKCE (RFC 9700 2.1.1). State, nonce and verifier
 * follow from the mark that this browser holds. Whose claim names an enrolled person is that person, and their subject
 * stays bound to them: nobody else comes in by a name that was given again.
 */
export class OidcSignIn {
  readonly #parts: OidcParts;
  #provider: Promise<Configuration> | undefined;

  constructor(parts: OidcParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.settings.name;
  }

  /** Where the browser goes. Throws `busy` while the provider does not answer. */
  async start(mark: string): Promise<URL> {
    const { attempts } = this.#parts;
    const provider = await this.#configuration();
    return buildAuthorizationUrl(provider, {
      redirect_uri: `${this.#parts.origin()}${oidcCallbackPath}`,
      scope: 'openid profile',
      state: attempts.asked(mark, 'state'),
      nonce: attempts.asked(mark, 'nonce'),
      code_challenge: await calculatePKCECodeChallenge(attempts.asked(mark, 'verifier')),
      code_challenge_method: 'S256',
    });
  }

  /** `query`: what the provider sent the browser back with. Throws `unauthenticated`. */
  async prove(mark: string | undefined, query: string): Promise<Proof> {
    const { attempts, settings } = this.#parts;
    const checks = {
      expectedState: attempts.asked(mark, 'state'),
      expectedNonce: attempts.asked(mark, 'nonce'),
      pkceCodeVerifier: attempts.asked(mark, 'verifier'),
    };
    attempts.use(mark ?? '');
    const claims = await this.#claims(new URL(`${this.#parts.origin()}${oidcCallbackPath}?${query}`), checks);
    const person = this.#personOf(claims);
    await this.#bind(person, claims.sub);
    return { person: person.id, by: 'oidc', mfa: restsOnSecondFactor(claims, settings.secondFactor) };
  }

  async #claims(url: URL, checks: Parameters<typeof authorizationCodeGrant>[2]): Promise<IDToken> {
    try {
      const tokens = await authorizationCodeGrant(await this.#configuration(), url, checks);
      const claims = tokens.claims();
      if (claims) return claims;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      this.#parts.log.warn({ err: error }, 'the sign-in of the company was not accepted');
    }
    throw new DomainError('unauthenticated', `${this.name} did not confirm who you are. Begin again.`);
  }

  #personOf(claims: IDToken): Person {
    const { standing, settings, clock } = this.#parts;
    const { [settings.personClaim]: named } = claims;
    const person = typeof named === 'string' ? personKnown(standing, named, clock()) : undefined;
    if (!person)
      throw new DomainError(
        'unauthenticated',
        `${this.name} knows you, but you are not enrolled here under that name. Ask an administrator.`,
      );
    return personInOffice(standing, person.id, clock());
  }

  async #bind({ id }: Person, sub: string): Promise<void> {
    const { records, ledger, settings } = this.#parts;
    const name = records.nameOf('subject', `${settings.issuer} ${sub}`);
    const bound = records.get('subject', name, Unsaid)?.person;
    const known = records.of('subject', id, Unsaid);
    if (bound === id) return;
    if (bound !== undefined || known.length > 0)
      throw new DomainError(
        'unauthenticated',
        `${this.name} names another account for ${id} than before. Ask an administrator to invite you again.`,
      );
    const said = { person: id, credential: 'oidc' as const };
    const event = makeEvent('account.credential-set', { kind: 'person', id }, said);
    await ledger.commit(() => ({ events: [event], result: undefined }));
    records.put('subject', name, { person: id }, {});
  }

  /** Asked for once; a provider that was away is asked again. Its signature under each token is checked too. */
  async #configuration(): Promise<Configuration> {
    this.#provider ??= this.#discover();
    try {
      return await this.#provider;
    } catch (error) {
      this.#provider = undefined;
      if (error instanceof DomainError) throw error;
      this.#parts.log.warn({ err: error }, 'the sign-in of the company does not answer');
      throw new DomainError('busy', `${this.name} does not answer. Try again, or sign in with a passkey or password.`);
    }
  }

  #discover(): Promise<Configuration> {
    const { settings, credentialsFolder } = this.#parts;
    const { issuer, clientId, clientSecret } = settings;
    const secret = readSecret(secretFile(clientSecret, credentialsFolder));
    // The configuration admits plain HTTP on this computer alone.
    const plain = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    const execute = [enableNonRepudiationChecks, ...plain];
    return discovery(new URL(issuer), clientId, secret, undefined, { execute, timeout: limits.oidcAnswerMs / 1000 });
  }
}

function restsOnSecondFactor({ amr, acr }: IDToken, wanted: Settings['secondFactor']): boolean {
  const methods: readonly unknown[] = Array.isArray(amr) ? amr : [];
  return methods.some((one) => wanted.amr.includes(String(one))) || wanted.acr.includes(String(acr));
}
