import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { makeDevelopmentPki } from '../../../certs-dev/generate.ts';
import { AccountRegister } from '../../../src/catalog/account-register.ts';
import { RulesRegister } from '../../../src/catalog/rules-register.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import type { Person } from '../../../src/domain/people.ts';
import { GatewayClient } from '../../../src/edges/http/client.ts';
import { type HttpParts, listenHttp } from '../../../src/edges/http/listen.ts';
import { signRequest } from '../../../src/edges/http/message-signature.ts';
import { Sites } from '../../../src/edges/http/sites.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import type { Identity } from '../../../src/services/accounts/identity.ts';
import type { Asker } from '../../../src/services/principals.ts';
import { pemSigningKey } from '../../../src/signing/signing-key.ts';
import { BlobStore } from '../../../src/vault/blob-store.ts';
import { makePerson } from '../../helpers/test-keys.ts';

export const pki = makeDevelopmentPki({ now: Date.now(), hostnames: ['localhost'], ips: ['127.0.0.1'] });
export const engineer = makePerson('ME-2', ['manufacturing-engineer']);
export const programmer = makePerson('CAM-1', ['programmer']);
const enrolled = [engineer, programmer].map(({ person }, index) => ({ person, index }));

export const notHere = () => new DomainError('not-found', 'There is no such package.');
export const neverCalled = (): never => {
  throw new Error('this service was not to be called');
};

/** Knows nobody; a test about signing in wires the real one. */
export function fakeIdentity(): Identity {
  const nobody = new Proxy({}, { get: () => neverCalled });
  const services = ['sessions', 'attempts', 'passwords', 'passkey', 'certificates', 'accounts', 'apiKeys', 'who'];
  const all = Object.fromEntries([...services, 'provisioning'].map((name) => [name, nobody]));
  return {
    ...all,
    oidc: undefined,
    publicOrigin: () => 'https://localhost:8443',
    close: () => {},
  } as unknown as Identity;
}

/** Services that refuse to be called, but for those that a test brings; the vault is a real one. */
export function fakeParts(folder: string, changes: Partial<HttpParts> = {}): HttpParts {
  return {
    intake: { receive: neverCalled, outcome: neverCalled },
    vault: new BlobStore(folder),
    waivers: { look: neverCalled, waive: neverCalled },
    review: { record: neverCalled },
    releases: { issue: neverCalled, withdraw: neverCalled },
    holdings: { of: neverCalled },
    passkeys: {
      registrationRequest: neverCalled,
      registered: neverCalled,
      assertionRequest: neverCalled,
      envelope: neverCalled,
    },
    statements: { approval: neverCalled },
    waiverStatements: { waiver: neverCalled },
    media: {
      ...{ issue: neverCalled, list: neverCalled, manifest: neverCalled, open: neverCalled },
      ...{ begin: neverCalled, take: neverCalled, returned: neverCalled },
    },
    monitoring: { list: neverCalled },
    inventory: { of: neverCalled },
    registry: { authorizations: neverCalled, breakGlass: neverCalled, nonconformances: neverCalled },
    changes: { submit: neverCalled, waiting: neverCalled },
    browse: {
      package: async () => {
        throw notHere();
      },
      allowed: () => () => {},
      shown: () => {},
      deposit: neverCalled,
      people: () => [],
      machines: () => [],
    },
    events: { listen: neverCalled, close: () => {} },
    lists: {
      packages: async () => ({ packages: [] }),
      deposits: async () => ({ deposits: [] }),
      releases: neverCalled,
      programs: neverCalled,
      keptBack: neverCalled,
    },
    floor: { machines: () => [], screen: neverCalled, document: neverCalled },
    problems: { report: neverCalled, resolve: neverCalled, list: () => [] },
    legalHolds: { place: neverCalled, list: neverCalled },
    trace: { trace: neverCalled, exposure: neverCalled },
    controlDifferences: { difference: neverCalled, text: neverCalled, toolpath: neverCalled },
    changeStatements: { change: neverCalled, hashed: neverCalled },
    whatIf: { ask: neverCalled },
    depositCheck: { check: neverCalled },
    house: { storage: neverCalled, witnesses: neverCalled, rules: neverCalled },
    answers: { begin: () => undefined, finish: () => {}, forget: () => {} },
    webhooks: { set: neverCalled, remove: neverCalled, list: neverCalled },
    search: { search: neverCalled },
    page: { of: neverCalled },
    programs: { compared: neverCalled, difference: neverCalled, expect: neverCalled, toolpath: neverCalled },
    sending: { start: neverCalled, get: neverCalled, list: neverCalled },
    runs: { record: neverCalled, list: neverCalled },
    evidence: { export: neverCalled },
    residue: { recall: neverCalled, list: neverCalled, clear: neverCalled },
    desk: { list: neverCalled, show: neverCalled, file: neverCalled, resolve: neverCalled, holds: neverCalled },
    ledgerBrowse: {
      status: neverCalled,
      state: neverCalled,
      entry: neverCalled,
      checkpoint: neverCalled,
      tile: neverCalled,
      rebuild: neverCalled,
    },
    standing: {
      rules: new RulesRegister(),
      personByKey: (keyId) => enrolled.find(({ person }) => person.keys.some((key) => key.keyId === keyId)),
      accounts: new AccountRegister(),
      release: () => undefined,
      releases: () => [],
    },
    identity: fakeIdentity(),
    alarms: { list: () => [] },
    sites: new Sites([]),
    readiness: () => ({
      ready: true,
      checks: { ledger: true, signer: true, sftp: true, checkpoint: true, trust: true },
    }),
    clock: Date.now,
    random: (size) => randomBytes(size),
    log: pino({ level: 'silent' }),
    ...changes,
  };
}

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };
export type Sent = {
  method?: string;
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

/** Both doors over fake services, in a folder of their own. */
export async function openHttpDoor(changes: (folder: string) => Partial<HttpParts> = () => ({})) {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-http-'));
  const parts = fakeParts(folder, changes(folder));
  const socketPath = join(folder, 'run', 'keyway.sock');
  const tls = { key: pki.tls.privateKeyPem, cert: pki.tls.certificatePem };
  const door = await listenHttp({ parts, host: '127.0.0.1', port: 0, tls, socketPath });
  const ca = pki.ca.certificatePem;
  const url = `https://127.0.0.1:${door.port}`;
  return {
    ...{ folder, parts, socketPath, port: door.port, ca, url },
    local: GatewayClient.overSocket(socketPath),
    as: ({ key }: Pick<ReturnType<typeof makePerson>, 'key'>) =>
      GatewayClient.overTls(url, { ca, signer: pemSigningKey(key), clock: parts.clock }),
    overTls: (sent: Sent) => exchange({ port: door.port, ca, host: '127.0.0.1' }, sent),
    overSocket: (sent: Sent) => exchange({ socketPath }, sent),
    async close() {
      await door.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type HttpDoor = Awaited<ReturnType<typeof openHttpDoor>>;

const keyIdFor = (person: Person) => person.keys[0]?.keyId ?? '';

/** The headers of a request as that person would sign it, and the request with them. */
export function signed(
  { key, person }: ReturnType<typeof makePerson>,
  sent: Sent,
  about: { created?: number; nonce?: string } = {},
): Sent {
  const { method = 'GET', path, query = '', headers = {}, body } = sent;
  const created = about.created ?? Math.floor(Date.now() / 1000);
  const nonce = about.nonce ?? randomBytes(18).toString('base64url');
  const bodyDigest = body === undefined ? undefined : digestOf(body);
  const fields = signRequest({
    ...{ method, path, query, bodyDigest, created, nonce },
    privateKey: key,
    keyId: keyIdFor(person),
  });
  return { ...sent, headers: { ...headers, ...fields } };
}

export const json = (value: unknown): Pick<Sent, 'body' | 'headers'> => ({
  body: typeof value === 'string' ? value : JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});

/** One request on a connection of its own, exactly as given. */
function exchange(to: https.RequestOptions, sent: Sent): Promise<Answer> {
  const { method = 'GET', path, query = '', headers = {}, body } = sent;
  const send = 'socketPath' in to ? http.request : https.request;
  return new Promise((resolve, reject) => {
    const target = query === '' ? path : `${path}?${query}`;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = send(
      { ...to, method, path: target, headers: { ...length, ...headers }, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
        answer.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export const codeOf = (answer: Answer): unknown => (JSON.parse(answer.text) as { code?: unknown }).code;
export const askerName = ({ principal }: Asker): string => ('id' in principal ? principal.id : principal.kind);
