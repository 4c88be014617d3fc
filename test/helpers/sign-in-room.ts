import { join } from 'node:path';
import type { Change } from '../../src/domain/changes.ts';
import { type EventData, type EventType, makeEvent } from '../../src/domain/events.ts';
import { PersonId } from '../../src/domain/ids.ts';
import type { Person, PersonRole } from '../../src/domain/people.ts';
import { buildApp } from '../../src/edges/http/app.ts';
import type { HttpParts } from '../../src/edges/http/parts.ts';
import type { TlsFiles } from '../../src/edges/http/servers.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { SignInConfig } from '../../src/platform/sign-in-config.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { wireIdentity } from '../../src/services/accounts/identity.ts';
import { Authority } from '../../src/services/authority.ts';
import type { Asker } from '../../src/services/principals.ts';
import { passkeyOf } from '../../src/signing/passkey-registration.ts';
import type { Trust } from '../../src/signing/trust.ts';
import { fakeParts, pki } from '../edges/http/http-door.ts';
import { policyFolder } from '../policy/cases.ts';
import { madeChange } from './changes.ts';
import { seededBytes } from './seeded.ts';
import type { SoftwareAuthenticator } from './software-authenticator.ts';
import { makePerson, makeTestKeys, temporaryFolder } from './test-keys.ts';
import { openTestLedger, sealKey, silentLog } from './test-ledger.ts';

export const publicOrigin = 'https://keyway.shop.example:8443';
export const atTheHost: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
export const goodPassword = 'copper anvil seventeen herons';

type Options = {
  signIn?: object;
  http?: Partial<HttpParts>;
  clock?: () => number;
  origin?: () => string;
  trust?: Trust;
  tls?: Pick<TlsFiles, 'clientCertificates'>;
};

/** Of a gateway: the same for every room. */
export const keys = makeTestKeys(1_800_000_000_000);

/** Everything about signing in over a ledger of its own, behind the HTTP app, with browsers before it. */
export async function openSignInRoom(options: Options = {}) {
  const time = { now: 1_800_000_000_000 };
  const clock = options.clock ?? (() => time.now);
  const place = temporaryFolder();
  const trust = options.trust ?? keys.trust;
  const at = openTestLedger({ keys, folder: place.folder, clock });
  const { ledger, standing, reader } = at;
  const record = new AccessRecord({ ledger, clock, log: silentLog });
  const policy = Policy.load(policyFolder);
  const authority = new Authority(policy, standing, clock, record);
  const origin = options.origin ?? (() => publicOrigin);
  const identity = wireIdentity({
    ...{ ledger, standing, authority, record, sealKey, clock, log: silentLog, random: seededBytes(7) },
    ...{ file: join(place.folder, 'accounts.db'), origin: trust.origin, publicOrigin: origin },
    ...{ signIn: SignInConfig.parse(options.signIn ?? {}), plant: { timeZone: 'America/New_York', banner: 'CUI' } },
    authorities: (timeMs) => trust.authoritiesFor('people', timeMs),
    credentialsFolder: undefined,
  });
  const said = { version: trust.version, root: trust.digest, file: canonicalJson(trust.file).toString('utf8') };
  const trusted = makeEvent('trust.changed', { kind: 'gateway' }, said);
  await ledger.commit(() => ({ events: [trusted], result: undefined }));

  const make = async (change: Change) => {
    const { event } = await madeChange(change, { keys, index: 0, time: new Date(clock()).toISOString() });
    await ledger.commit(() => ({ events: [event], result: undefined }));
  };
  const parts = fakeParts(place.folder, { identity, standing, clock, ...options.http });
  const { privateKeyPem: key, certificatePem: cert } = pki.tls;
  const app = buildApp(parts, { kind: 'tls', tls: { key, cert, ...options.tls } });

  return {
    ...{ place, identity, standing, ledger, time, app, parts, keys, make, record },
    /** An enrolled person, who may have a passkey beside their key. */
    async enrol(id: string, roles: PersonRole[], passkey?: SoftwareAuthenticator): Promise<Person> {
      const { person } = makePerson(id, roles, true);
      if (passkey) person.keys.push(enrolledPasskey(passkey, origin()));
      await make({ kind: 'person.enrol', person });
      return person;
    },
    /** With a password, through the link that an invitation gives. */
    async withPassword(id: string, password = goodPassword): Promise<Browser> {
      const { token } = await identity.accounts.invite(atTheHost, PersonId.parse(id));
      const browser = new Browser(app);
      const answer = await browser.post('/session', { by: 'setup', token, password });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return browser;
    },
    events: <T extends EventType>(type: T): EventData<T>[] =>
      [...reader.entries(0, ledger.size)].flatMap((entry) => {
        const body = JSON.parse(entry.body.toString()) as { type: string; data: EventData<T> };
        return body.type === type ? [body.data] : [];
      }),
    async close() {
      await app.close();
      identity.close();
      at.close();
      place.remove();
    },
  };
}
export type SignInRoom = Awaited<ReturnType<typeof openSignInRoom>>;

export function enrolledPasskey(authenticator: SoftwareAuthenticator, origin = publicOrigin) {
  const about = { challenge: 'AAAA', rpId: new URL(origin).hostname, origin };
  const { response } = authenticator.register(about);
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  return passkeyOf(
    { clientDataJSON: bytes(response.clientDataJSON), attestationObject: bytes(response.attestationObject) },
    about,
  );
}

export type Answered = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };

/** A browser with a page of ours: keeps cookies, sends what browsers and our pages send. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #app: SignInRoom['app'];
  address = '10.1.2.3';
  /** What a test wants to be otherwise than a page of ours would have it; undefined leaves a header out. */
  lies: Record<string, string | undefined> = {};

  constructor(app: SignInRoom['app']) {
    this.#app = app;
  }

  get = (url: string, headers: Record<string, string> = {}) => this.ask('GET', url, undefined, headers);
  post = (url: string, body?: unknown) => this.ask('POST', url, body);

  async ask(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent: Record<string, string | undefined> = {
      ...{ 'sec-fetch-site': 'same-origin', 'keyway-session': '1' },
      ...(cookie === '' ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...this.lies,
    };
    const present = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
    const answer = await this.#app.inject({
      ...{ method: method as 'GET', url, headers: present as Record<string, string>, remoteAddress: this.address },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    for (const { name, value, maxAge } of answer.cookies)
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    const text = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    return { status: answer.statusCode, body: text, headers: answer.headers };
  }

  /** Asks for a challenge and answers it. */
  async signInByPasskey(passkey: SoftwareAuthenticator, lies = {}): Promise<Answered> {
    return this.post('/session/passkey', { credential: await this.assertion(passkey, lies) });
  }

  async assertion(passkey: SoftwareAuthenticator, lies = {}, origin = publicOrigin) {
    const { body } = await this.get('/session/passkey');
    const { challenge } = body.publicKey as { challenge: string };
    return passkey.assert({ challenge, rpId: new URL(origin).hostname, origin }, lies);
  }

  signIn = (person: string, password = goodPassword) => this.post('/session', { by: 'password', person, password });
}
