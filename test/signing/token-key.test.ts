import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11js from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derOfRaw, rawOfDer } from '../../src/signing/ecdsa.ts';
import { keyIdOf, newP256Key } from '../../src/signing/keys.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { TokenKey, type TokenKeyPlace } from '../../src/signing/token-key.ts';
import { onPath } from '../debian-packages.ts';
import { SoftToken, softModule } from '../helpers/soft-token.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const code = (wanted: string, message = /./) =>
  expect.objectContaining({ code: wanted, message: expect.stringMatching(message) });

describe.skipIf(!onPath('softhsm2-util') || !onPath('pkcs11-tool'))('a key in a token', () => {
  let token: SoftToken;
  let publicKey: string;
  const open = (over: Partial<TokenKeyPlace> = {}, known: { pin?: string } = { pin: token.pin }) =>
    TokenKey.open({ module: softModule, tokenLabel: token.label, keyLabel: 'quality', ...over }, known.pin);
  beforeAll(() => {
    token = new SoftToken(mkdtempSync(join(place.folder, 'token-')), 'CARD QA-1');
    Object.assign(process.env, token.environment);
    token.generate('quality', '01');
    publicKey = token.publicKey('01');
  });

  it('signs what its public half verifies, many at once', async () => {
    const key = await open();
    expect(key.keyId).toBe(keyIdOf(createPublicKey(publicKey)));
    expect(key.publicKey).toBe(publicKey);
    const texts = Array.from({ length: 20 }, () => randomBytes(50));
    const signatures = await Promise.all(texts.map((text) => key.sign(text)));
    for (const [at, text] of texts.entries())
      expect(verify('sha256', text, publicKey, signatures[at] ?? Buffer.alloc(0))).toBe(true);
    key.close();
  });

  it('cannot be read out by whoever has the PIN', () => {
    const { PKCS11 } = pkcs11js;
    const pkcs11 = new PKCS11();
    pkcs11.load(softModule);
    pkcs11.C_Initialize();
    try {
      const slot = pkcs11.C_GetSlotList(true).find((one) => pkcs11.C_GetTokenInfo(one).label.trim() === token.label);
      const session = pkcs11.C_OpenSession(slot ?? Buffer.alloc(0), pkcs11js.CKF_SERIAL_SESSION);
      pkcs11.C_Login(session, pkcs11js.CKU_USER, token.pin);
      pkcs11.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY }]);
      const key = pkcs11.C_FindObjects(session) ?? Buffer.alloc(0);
      pkcs11.C_FindObjectsFinal(session);
      const read = (type: number) => pkcs11.C_GetAttributeValue(session, key, [{ type }]);
      expect(read(pkcs11js.CKA_LABEL)[0]?.value?.toString()).toBe('quality');
      expect(() => read(pkcs11js.CKA_VALUE)).toThrow('CKR_ATTRIBUTE_SENSITIVE');
    } finally {
      pkcs11.C_Finalize();
      pkcs11.close();
    }
  });

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    [
      'with a wrong PIN',
      () => open({}, { pin: '000000' }),
      'config-invalid',
      /PIN of the token CARD QA-1 is not right/,
    ],
    ['without its PIN', () => open({}, {}), 'config-invalid', /asks for its PIN/],
    ['of another name', () => open({ tokenLabel: 'CARD QA-2' }), 'token-unavailable', /CARD QA-2 is not there/],
    ['without such a key', () => open({ keyLabel: 'cook' }), 'config-invalid', /no private key with the label cook/],
    ['of a module that is none', () => open({ module: '/etc/hostname' }), 'config-invalid', /cannot be loaded/],
  ])('%s is refused, and says why', async (_what, opening, expected, message) => {
    await expect(opening()).rejects.toThrow(code(expected, message));
  });

  it('is named where there are several', async () => {
    token.generate('other', '02');
    await expect(open({ keyLabel: undefined })).rejects.toThrow(code('config-invalid', /2 private keys; name one/));
    token.remove('privkey', '02');
    (await open({ keyLabel: undefined })).close();
  });

  it('that could be copied out, or of another kind, is refused', async () => {
    token.generate('loose', '03', 'EC:prime256v1', '--extractable');
    await expect(open({ keyLabel: 'loose' })).rejects.toThrow(code('config-invalid', /can be copied out/));
    token.generate('wide', '04', 'EC:secp384r1');
    await expect(open({ keyLabel: 'wide' })).rejects.toThrow(code('config-invalid', /not an ECDSA P-256 key/));
    token.generate('rsa', '05', 'rsa:2048');
    await expect(open({ keyLabel: 'rsa' })).rejects.toThrow(code('config-invalid', /not an ECDSA P-256 key/));
  });

  it('that signs with another key than the public one beside it is refused', async () => {
    token.generate('mine', '06');
    token.remove('pubkey', '06');
    token.generate('theirs', '07');
    token.remove('privkey', '07');
    token.setId('pubkey', '07', '06');
    await expect(open({ keyLabel: 'mine' })).rejects.toThrow(code('config-invalid', /another key/));
  });

  it('that is taken out signs no more and says so; put back it is opened again', async () => {
    const key = await open();
    key.requireThere();
    token.takeOut();
    try {
      expect(() => key.requireThere()).toThrow(code('token-unavailable', /put it back/));
      await expect(key.sign(Buffer.from('x'))).rejects.toThrow(code('token-unavailable'));
      key.close();
      await expect(open()).rejects.toThrow(code('token-unavailable', /is not there/));
    } finally {
      token.putBack();
    }
    const again = await open();
    expect(await again.sign(Buffer.from('x'))).toBeInstanceOf(Buffer);
    again.close();
  });
});

it('the two forms of a signature become each other, whatever zeros and high bits it starts with', async () => {
  const key = pemSigningKey(newP256Key());
  for (let i = 0; i < 600; i++) {
    const der = await key.sign(Buffer.from([i & 0xff, i >> 8]));
    expect(derOfRaw(rawOfDer(der))).toEqual(der);
  }
  const raw = Buffer.concat([Buffer.alloc(31), Buffer.from([1]), Buffer.alloc(30), Buffer.from([0x80, 0])]);
  expect(derOfRaw(raw).toString('hex')).toBe('30080201010203008000');
  expect(rawOfDer(derOfRaw(raw))).toEqual(raw);
});
