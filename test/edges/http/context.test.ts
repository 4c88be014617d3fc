import { expect, test } from 'vitest';
import { AccountRegister } from '../../../src/catalog/account-register.ts';
import type { PersonKey } from '../../../src/domain/people.ts';
import { Authenticator, type DoorKind } from '../../../src/edges/http/authentication.ts';
import { Sites } from '../../../src/edges/http/sites.ts';
import { makePerson } from '../../helpers/test-keys.ts';
import { fakeIdentity, signed } from './http-door.ts';

const now = Date.parse('2027-01-15T12:00:00.000Z');
const someone = makePerson('ME-2', ['manufacturing-engineer']);
const [plain] = someone.person.keys as [PersonKey];
const { keyId, publicKey } = plain;

/** What the door says of a request that a key of this kind signed. */
function contextOf(held: PersonKey['assurance'], door: DoorKind, address?: string) {
  const kinds: Record<PersonKey['assurance'], PersonKey> = {
    file: plain,
    token: { assurance: 'token', keyId, publicKey, certificates: [] },
    passkey: { assurance: 'passkey', keyId, publicKey, credentialId: 'AA', rpId: 'x', origin: 'https://x', counter: 0 },
    service: { assurance: 'service', keyId, publicKey, name: 'robot', actions: ['view'], expires: '2099-12-31' },
  };
  const person = { ...someone.person, keys: [kinds[held]] };
  const authenticator = new Authenticator({
    standing: { personByKey: () => ({ person, index: 0 }), accounts: new AccountRegister() },
    ...{ identity: fakeIdentity(), clock: () => now, account: 'keyway' },
    sites: new Sites([{ cidr: '10.20.7.0/24', site: 'WERK-2', country: 'DE' }]),
  });
  const { path, headers = {} } = signed(someone, { path: '/packages' }, { created: now / 1_000 });
  return authenticator.asker(door, { method: 'GET', url: path, headers, address }).context;
}

test.each<[PersonKey['assurance'], DoorKind, boolean | undefined]>([
  ['token', 'tls', true],
  ['passkey', 'tls', true],
  ['file', 'tls', false],
  ['file', 'socket', undefined],
  ['token', 'socket', true],
  ['service', 'tls', undefined],
])('a request signed by a %s key, %s: a second factor is %s', (held, door, mfa) =>
  expect(contextOf(held, door).mfa).toBe(mfa),
);

test.each<[DoorKind, boolean | undefined]>([
  ['tls', false],
  ['socket', undefined],
])('a request that an API key came with, %s: a second factor is %s', (door, mfa) => {
  const authenticator = new Authenticator({
    standing: { personByKey: () => undefined, accounts: new AccountRegister() },
    identity: {
      ...fakeIdentity(),
      apiKeys: { use: () => ({ person: someone.person.id, actions: ['view'] }) } as never,
    },
    ...{ clock: () => now, account: 'keyway', sites: new Sites([]) },
  });
  const headers = { authorization: `Bearer ${'k'.repeat(43)}` };
  const asker = authenticator.asker(door, { method: 'GET', url: '/packages', headers });
  expect(asker.context.mfa).toBe(mfa);
  expect(asker.limitedTo).toEqual(['view']);
});

test('says where a request comes from, as far as the networks are known', () => {
  expect(contextOf('token', 'tls', '10.20.7.9')).toEqual({
    ...{ channel: 'https', encrypted: true, mfa: true, site: 'WERK-2', country: 'DE' },
  });
  expect(contextOf('token', 'tls', '192.0.2.1')).toEqual({ channel: 'https', encrypted: true, mfa: true });
  expect(contextOf('file', 'socket')).toEqual({ channel: 'local-socket', encrypted: true });
});
