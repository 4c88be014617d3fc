import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { keyIdOf, publicPem } from '../../../src/signing/keys.ts';
import { parseTrust } from '../../../src/signing/trust.ts';
import { type Issued, OpensslPki } from '../../helpers/openssl-pki.ts';
import { keys, openSignInRoom, publicOrigin, type SignInRoom } from '../../helpers/sign-in-room.ts';
import { makePerson } from '../../helpers/test-keys.ts';
import { pki as door } from './http-door.ts';

const dayMs = 24 * 60 * 60 * 1000;
const cards = new OpensslPki();
const lists = join(cards.folder, 'lists');
const pem = ({ certificate }: Issued) => readFileSync(certificate, 'utf8');
const root = cards.issue('root', { usage: 'authority' });
const issuing = cards.issue('issuing', { usage: 'lastAuthority', issuer: root });
const card = cards.issue('card', { usage: 'signer', issuer: issuing });
const ruled = cards.issue('DOE.JANE.1234567890', { usage: 'signer', issuer: issuing });
const stranger = cards.issue('stranger', { usage: 'signer', issuer: issuing });
const revoked = cards.issue('revoked', { usage: 'signer', issuer: issuing, keyOf: card });
const server = cards.issue('server', { usage: 'server', issuer: issuing, keyOf: card });
const ended = cards.issue('ended', {
  usage: 'signer',
  issuer: issuing,
  keyOf: card,
  from: '20200101000000Z',
  until: '20200201000000Z',
});
/** Of the same name as ours, by a key of its own. */
const forger = new OpensslPki();
const forged = forger.issue('issuing', { usage: 'lastAuthority' });
const alone = cards.issue('alone', { usage: 'signer', keyOf: card });

let room: SignInRoom;
let port: number;
let offsetMs = 0;

beforeAll(async () => {
  const authorities = [
    ...keys.trustFile.root.authorities,
    { name: 'Cards', certificate: pem(root), for: ['people' as const], from: '2020-01-01T00:00:00.000Z' },
  ];
  const trust = parseTrust(keys.trustFileWith({ authorities }));
  const subjects = [{ subject: 'O=Test company, CN=DOE.JANE.1234567890', person: 'QA-1' }];
  room = await openSignInRoom({
    ...{ trust, clock: () => Date.now() + offsetMs, tls: { clientCertificates: true } },
    signIn: { certificates: { revocationLists: lists, subjects } },
  });
  await room.enrol('QA-1', ['quality']);
  const { person } = makePerson('ME-2', ['manufacturing-engineer'], true);
  const { publicKey } = card.x509;
  person.keys.push({
    ...{ assurance: 'token', keyId: keyIdOf(publicKey), publicKey: publicPem(publicKey), certificates: [pem(card)] },
  });
  await room.make({ kind: 'person.enrol', person });
  await room.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = room.app.server.address() as AddressInfo);
});
afterAll(async () => {
  await room.close();
  cards.remove();
  forger.remove();
});
beforeEach(() => {
  offsetMs = 0;
  rmSync(lists, { recursive: true, force: true });
  mkdirSync(lists);
  publish(root, []);
  publish(issuing, [revoked]);
});

const later = (ms: number) => {
  offsetMs = ms;
};
function publish(issuer: Issued, gone: readonly Issued[]): void {
  const list = cards.revocationList(
    issuer,
    gone.map((one) => [one, '260101000000Z'] as const),
    2,
  );
  copyFileSync(list, join(lists, `${issuer.name}.crl`));
}

function publishForged(): void {
  copyFileSync(forger.revocationList(forged, []), join(lists, 'issuing.crl'));
}

/** A browser with this card in its reader, over a connection of its own. */
function ask(method: string, path: string, shown: Issued | undefined, cookie = '', body?: object) {
  const identity = shown && { key: readFileSync(shown.key), cert: `${pem(shown)}${pem(issuing)}` };
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...{ cookie, origin: publicOrigin, 'keyway-session': '1' },
    ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(payload.length) }),
  };
  const to = { host: '127.0.0.1', port, ca: door.ca.certificatePem, agent: false, method, path, headers, ...identity };
  return new Promise<{ status: number; cookies: string[]; body: Record<string, unknown> }>((resolve, reject) => {
    const request = https.request(to, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const cookies = answer.headers['set-cookie'] ?? [];
        resolve({ status: answer.statusCode ?? 0, cookies, body: JSON.parse(text) as Record<string, unknown> });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}
const signIn = (shown?: Issued) => ask('POST', '/session', shown, '', { by: 'certificate' });

it('a card whose key is enrolled signs in with a second factor; the session then needs no card', async () => {
  const answer = await signIn(card);
  expect(answer).toMatchObject({
    status: 201,
    body: { person: { id: 'ME-2' }, mfa: true, session: { by: 'certificate' } },
  });
  expect(answer.cookies).toEqual([expect.stringMatching(/^__Host-keyway=.*; HttpOnly; Secure; SameSite=Strict$/)]);
  const [cookie = ''] = String(answer.cookies[0]).split(';');
  expect(await ask('GET', '/session', undefined, cookie)).toMatchObject({
    status: 200,
    body: { person: { id: 'ME-2' } },
  });
  expect(room.events('session.opened').at(-1)).toMatchObject({
    by: 'certificate',
    keyId: keyIdOf(card.x509.publicKey),
  });
});

it('a certificate that a rule names by its whole subject is that person', async () => {
  expect(await signIn(ruled)).toMatchObject({ status: 201, body: { person: { id: 'QA-1' }, mfa: true } });
});

it('who shows no certificate may sign in otherwise', async () => {
  expect(await signIn()).toMatchObject({
    status: 401,
    body: { detail: expect.stringContaining('showed no certificate') },
  });
  expect(await ask('GET', '/session/ways', undefined)).toMatchObject({ status: 200, body: { certificate: true } });
});

it.each<[string, Issued, RegExp, () => void]>([
  ['that was revoked', revoked, /was revoked on 2026-01-01/, () => {}],
  ['while the newest list is out of date', card, /out of date/, () => later(3 * dayMs)],
  ['while there is no list of its authority', card, /no revocation list/, () => rmSync(join(lists, 'issuing.crl'))],
  ['while there is no list above its authority', card, /no revocation list/, () => rmSync(join(lists, 'root.crl'))],
  ['whose authority was revoked', card, /"O=Test company, CN=issuing" was revoked/, () => publish(root, [issuing])],
  ['while its only list is one that another signed in that name', card, /no revocation list/, publishForged],
  ['for another purpose', server, /another purpose than signing in/, () => {}],
  ['that is over', ended, /was valid from/, () => {}],
  ['that vouches for itself', alone, /not issued by an authority/, () => {}],
  ['of nobody', stranger, /belongs to nobody here/, () => {}],
  ['with a folder that is gone', card, /cannot be read/, () => rmSync(lists, { recursive: true })],
])('a certificate %s does not sign in, and says why', async (_what, shown, why, prepare) => {
  prepare();
  const answer = await signIn(shown);
  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', detail: expect.stringMatching(why) } });
  expect(answer.cookies).toEqual([]);
});

it('a session ends with the key of the card', async () => {
  const answer = await signIn(card);
  const [cookie = ''] = String(answer.cookies[0]).split(';');
  await room.make({ kind: 'person.key-revoke', person: 'ME-2' as never, keyId: keyIdOf(card.x509.publicKey) });
  expect((await ask('GET', '/session', undefined, cookie)).status).toBe(401);
  expect(await signIn(card)).toMatchObject({ status: 401 });
});
