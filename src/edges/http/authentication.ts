import type { IncomingHttpHeaders } from 'node:http';
import type { Standing } from '../../catalog/standing.ts';
import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { isCurrent, type PersonKey } from '../../domain/people.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ContextFacts } from '../../policy/facts.ts';
import type { Identity } from '../../services/accounts/identity.ts';
import type { Asker } from '../../services/principals.ts';
import { readPublicKey } from '../../signing/keys.ts';
import { backgroundHeader } from './contract/session.ts';
import { parseContentDigest, parseRequestSignature, type SignableRequest, verifyRequest } from './message-signature.ts';
import { Nonces } from './nonces.ts';
import { isSafe, requireOwnOrigin } from './own-origin.ts';
import { sessionToken } from './session-cookie.ts';
import type { Sites } from './sites.ts';

export type DoorKind = 'tls' | 'socket';

/** The head of a request as it arrived. */
export type RequestHead = {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** Of the other end of the connection; undefined where there is none, as on a local socket. */
  address?: string | undefined;
};

type AuthenticatorParts = {
  standing: Pick<Standing, 'personByKey' | 'accounts'>;
  identity: Pick<Identity, 'publicOrigin'> & {
    sessions: Pick<Identity['sessions'], 'use'>;
    apiKeys: Pick<Identity['apiKeys'], 'use'>;
  };
  clock: Clock;
  /** The operating-system account that may open the local socket: the gateway's own. */
  account: string;
  sites: Sites;
};

/**
 * Says who asks: the person whose enrolled key signed the request, on either door; whose API key it brings; who is signed
 * in, in a browser; the gateway's own account, where a request without any of these comes through the local socket, which
 * nobody else may open. One for both doors, so that what was signed for the one cannot be replayed at the other.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #nonces = new Nonces();
  /** The same object for the same context, so that equal questions are recognised (policy/decide.ts). */
  readonly #contexts = new Map<string, ContextFacts>();
  readonly #startedAt: number;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#startedAt = Math.floor(parts.clock() / 1000);
  }

  /** Reads the head only: nothing of a stranger's body is read. Throws `unauthenticated`. */
  asker(door: DoorKind, head: RequestHead): Asker {
    const { 'signature-input': signatureInput, signature } = head.headers;
    if (signatureInput === undefined && signature === undefined) return this.#unsigned(door, head);
    if (typeof signatureInput !== 'string' || typeof signature !== 'string') {
      throw new DomainError('unauthenticated', 'A signed request has both Signature-Input and Signature.');
    }
    const signed = parseRequestSignature({ signatureInput, signature });
    const now = Math.floor(this.#parts.clock() / 1000);
    this.#requireFresh(signed.created, now);
    const holder = this.#parts.standing.personByKey(signed.keyId)?.person;
    const key = holder?.keys.find(({ keyId }) => keyId === signed.keyId);
    const read = key && readPublicKey(key.publicKey);
    const isExpired = key?.assurance === 'service' && !isCurrent(key.expires, this.#parts.clock());
    if (!holder || !read?.isP256 || isExpired || !verifyRequest(signed, signableOf(head), read.key)) {
      throw new DomainError('unauthenticated', 'The request is not signed by the key of an enrolled person.');
    }
    if (this.#parts.standing.accounts.suspension(holder.id))
      throw new DomainError('unauthenticated', `The account of ${holder.id} is suspended. Ask an administrator.`);
    this.#nonces.use(signed.keyId, signed.nonce, now, signed.created + limits.requestSignatureAgeSeconds);
    const asker: Asker = {
      principal: { kind: 'person', id: holder.id },
      context: this.#context(door, head, secondFactor(door, key)),
    };
    return key?.assurance === 'service' ? { ...asker, limitedTo: key.actions } : asker;
  }

  /** For an act that wants the person there: who signed in some time ago has to do so again, and a key cannot. */
  requireFresh({ session, limitedTo }: Asker, { headers }: RequestHead): void {
    if (session === undefined && (limitedTo === undefined || headers.authorization === undefined)) return;
    const token = session === undefined ? undefined : sessionToken(headers.cookie);
    const signedIn = token === undefined ? undefined : this.#parts.identity.sessions.use(token, { background: true });
    if (signedIn && this.#parts.clock() < signedIn.freshUntilMs) return;
    throw new DomainError('reauthentication-needed', 'Show once more that it is you: use your passkey or password.');
  }

  #context(door: DoorKind, head: RequestHead, mfa: boolean | undefined): ContextFacts {
    const place = this.#parts.sites.of(head.address);
    const name = `${door} ${mfa} ${place?.site} ${place?.country}`;
    const known = this.#contexts.get(name);
    if (known) return known;
    const channel = door === 'tls' ? ('https' as const) : ('local-socket' as const);
    const context = { channel, encrypted: true, ...(mfa === undefined ? {} : { mfa }), ...place };
    this.#contexts.set(name, context);
    return context;
  }

  #unsigned(door: DoorKind, head: RequestHead): Asker {
    const { authorization, cookie } = head.headers;
    if (authorization !== undefined) return this.#byApiKey(door, head, authorization);
    if (door === 'socket')
      return {
        principal: { kind: 'local', account: this.#parts.account },
        context: this.#context(door, head, undefined),
      };
    const token = sessionToken(cookie);
    if (token !== undefined) return this.#inSession(door, head, token);
    throw new DomainError(
      'unauthenticated',
      'Sign in, or sign the request with an enrolled key (HTTP Message Signatures, RFC 9421).',
    );
  }

  /** RFC 6750 2.1. */
  #byApiKey(door: DoorKind, head: RequestHead, authorization: string): Asker {
    const secret = /^Bearer ([A-Za-z0-9_-]{20,100})$/i.exec(authorization)?.[1];
    if (secret === undefined)
      throw new DomainError('unauthenticated', 'Authorization holds an API key: "Bearer" and the key.');
    const { person, actions } = this.#parts.identity.apiKeys.use(secret);
    return {
      principal: { kind: 'person', id: person },
      context: this.#context(door, head, copied(door)),
      limitedTo: actions,
    };
  }

  #inSession(door: DoorKind, head: RequestHead, token: string): Asker {
    const { identity } = this.#parts;
    if (!isSafe(head.method)) requireOwnOrigin(head.headers, identity.publicOrigin());
    const background = head.headers[backgroundHeader.toLowerCase()] !== undefined;
    const { person, mfa, sessionId } = identity.sessions.use(token, { background });
    return { principal: { kind: 'person', id: person }, context: this.#context(door, head, mfa), session: sessionId };
  }

  #requireFresh(created: number, now: number): void {
    const age = limits.requestSignatureAgeSeconds;
    if (Math.abs(now - created) > age) {
      throw new DomainError(
        'unauthenticated',
        `The request was not signed within ${age} seconds of the gateway's time. Check the clock of this computer.`,
      );
    }
    // Its nonce may have been forgotten with the process that saw it.
    if (created < this.#startedAt) {
      throw new DomainError('unauthenticated', 'The request was signed before the gateway started. Sign it again.');
    }
  }
}

/**
 * A card, a token or a passkey signs only for whoever holds it and knows its PIN: a second factor, at the very time of
 * the request. A file can be copied, so that it is none over the network. Of a service key, which signs each request and is
 * no session of its person, it is not asked, nor of whoever sits at the gateway itself (NIST SP 800-171r2 3.5.3).
 */
function secondFactor(door: DoorKind, key: PersonKey | undefined): boolean | undefined {
  if (key?.assurance === 'token' || key?.assurance === 'passkey') return true;
  return key?.assurance === 'file' ? copied(door) : undefined;
}

/** A file, or an API key, which even travels with each request. */
const copied = (door: DoorKind): false | undefined => (door === 'tls' ? false : undefined);

/** Whether the message has content (RFC 9112 6.3). */
export const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

/** What the `Content-Digest` field promises, where there is one. Throws `request-invalid`. */
export function promisedBody(headers: IncomingHttpHeaders): Digest | undefined {
  const field = headers['content-digest'];
  if (field === undefined) return undefined;
  return parseContentDigest(typeof field === 'string' ? field : field.join(', '));
}

function signableOf({ method, url, headers }: RequestHead): SignableRequest {
  const bodyDigest = hasBody(headers) ? promisedBody(headers) : undefined;
  if (hasBody(headers) && bodyDigest === undefined) {
    throw new DomainError('unauthenticated', 'A signed request with a body has a Content-Digest, which is signed too.');
  }
  const mark = url.indexOf('?');
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    bodyDigest,
  };
}
