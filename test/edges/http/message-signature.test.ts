import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/domain/digest.ts';
import {
  contentDigest,
  parseContentDigest,
  parseRequestSignature,
  type SignableRequest,
  signatureBase,
  signRequest,
  verifyRequest,
} from '../../../src/edges/http/message-signature.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import { keyIdOf, newP256Key } from '../../../src/signing/keys.ts';

const key = newP256Key();
const keyId = keyIdOf(key);
const request: SignableRequest = {
  method: 'POST',
  path: '/packages/PKG-0123456789/approvals',
  query: 'rows=5',
  bodyDigest: digestOf('{}'),
};
const sign = (about = request) =>
  signRequest({ ...about, privateKey: key, keyId, created: 1_700_000_000, nonce: 'n0123456789abcdef' });
const parse = (headers: Record<string, string>) =>
  parseRequestSignature({ signatureInput: headers['signature-input'] ?? '', signature: headers.signature ?? '' });
const holds = (headers: Record<string, string>, about = request) =>
  verifyRequest(parse(headers), about, createPublicKey(key));

it('the signature base of RFC 9421 B.2.4 is built byte for byte, and the signature printed there is one over it', () => {
  const base = signatureBase(
    [
      ['@status', '200'],
      ['content-type', 'application/json'],
      [
        'content-digest',
        'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
      ],
      ['content-length', '23'],
    ],
    '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
  );
  expect(base).toBe(
    [
      '"@status": 200',
      '"content-type": application/json',
      '"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
      '"content-length": 23',
      '"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    ].join('\n'),
  );
  const publicKey = createPublicKey(
    [
      '-----BEGIN PUBLIC KEY-----',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf',
      'w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==',
      '-----END PUBLIC KEY-----',
      '',
    ].join('\n'),
  );
  const signature = Buffer.from(
    'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
    'base64',
  );
  expect(verify('sha256', Buffer.from(base), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
});

it('Content-Digest is written as RFC 9530 writes it, and read back', () => {
  // RFC 9530 B.1: the body is {"hello": "world"} and a line feed.
  const digest = digestOf('{"hello": "world"}\n');
  expect(contentDigest(digest)).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
  expect(parseContentDigest(contentDigest(digest))).toBe(digest);
});

it.each([
  ['two digests', 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, sha-512=:AA==:'],
  ['another algorithm', 'sha-512=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'],
  ['a digest that is too short', 'sha-256=:AAAA:'],
  ['base64 that is not canonical', 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDh=:'],
  ['no colons', 'sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg='],
])('a Content-Digest with %s is refused', (_what, field) => {
  expect(() => parseContentDigest(field)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
});

describe('a signed request', () => {
  it('holds, with raw r and s of 32 bytes each', () => {
    expect(parse(sign()).signature).toHaveLength(64);
    expect(holds(sign())).toBe(true);
  });

  it('holds without query and body, and then covers both as absent', () => {
    const bare = { method: 'GET', path: '/packages', query: '', bodyDigest: undefined };
    expect(parse(sign(bare)).components).toEqual(['@method', '@path', '@query']);
    expect(holds(sign(bare), bare)).toBe(true);
    expect(holds(sign(bare), { ...bare, query: 'rows=5' })).toBe(false);
  });

  it.each<[string, Partial<SignableRequest>]>([
    ['another method', { method: 'PUT' }],
    ['another path', { path: '/packages/PKG-0123456780/approvals' }],
    ['the same path, encoded in another way', { path: '/packages/PKG%2D0123456789/approvals' }],
    ['another query', { query: 'rows=6' }],
    ['another body', { bodyDigest: digestOf('{ }') as Digest }],
    ['no body', { bodyDigest: undefined }],
  ])('does not hold for %s', (_what, change) => {
    expect(holds(sign(), { ...request, ...change })).toBe(false);
  });

  it('does not hold under another key', () => {
    expect(verifyRequest(parse(sign()), request, createPublicKey(newP256Key()))).toBe(false);
  });

  it.each<[string, (input: string) => string]>([
    ['later', (input) => input.replace('created=1700000000', 'created=1700000001')],
    ['under another nonce', (input) => input.replace('n0123', 'm0123')],
    ['by another key', (input) => input.replace(/sha256:./, (id) => (id === 'sha256:0' ? 'sha256:1' : 'sha256:0'))],
    ['with the components in another order', (input) => input.replace('"@method" "@path"', '"@path" "@method"')],
  ])('does not hold when it says that it was made %s', (_what, change) => {
    const headers = sign();
    expect(holds({ ...headers, 'signature-input': change(headers['signature-input'] ?? '') })).toBe(false);
  });

  it.each<[string, string[]]>([
    ['less than is required', ['@method', '@path']],
    ['one thing twice instead of all', ['@method', '@path', '@path', 'content-digest']],
    ['more than is required', ['@method', '@path', '@query', 'content-digest', '@authority']],
  ])('does not hold where it covers %s, whatever the signature', (_what, components) => {
    expect(verifyRequest({ ...parse(sign()), components }, request, createPublicKey(key))).toBe(false);
  });

  it('may have its components and parameters in any order', () => {
    const parameters = `("content-digest" "@query" "@path" "@method");nonce="n0123456789abcdef";alg="ecdsa-p256-sha256";keyid="${keyId}";created=1700000000`;
    const parsed = parse({ ...sign(), 'signature-input': `keyway=${parameters}` });
    expect(parsed).toMatchObject({ created: 1_700_000_000, nonce: 'n0123456789abcdef', keyId, parameters });
    expect(parsed.components).toEqual(['content-digest', '@query', '@path', '@method']);
  });

  const input = sign()['signature-input'] ?? '';
  it.each([
    ['another label', input.replace('keyway=', 'sig1=')],
    ['two signatures', `${input}, ${input}`],
    ['a parameter twice', `${input};created=1700000000`],
    ['one parameter in the place of another', input.replace(/nonce="[^"]*"/, 'created=1700000000')],
    ['a parameter that is not known', `${input};expires=1800000000`],
    ['no nonce', input.replace(/;nonce="[^"]*"/, '')],
    ['a short nonce', input.replace(/nonce="[^"]*"/, 'nonce="short"')],
    ['a time with a fraction', input.replace('created=1700000000', 'created=1700000000.5')],
    ['another algorithm', input.replace('ecdsa-p256-sha256', 'hmac-sha256')],
    ['a key id of another form', input.replace('sha256:', 'sha512:')],
    ['a component with a parameter', input.replace('"@path"', '"@path";req')],
    ['a space too many', input.replace('" "', '"  "')],
    ['nothing', ''],
  ])('with %s is refused before any key is asked', (_what, signatureInput) => {
    const { signature = '' } = sign();
    expect(() => parseRequestSignature({ signatureInput, signature })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });

  it.each([
    ['ASN.1 instead of raw numbers', 'keyway=:MEUCIQDAAAAA:'],
    ['another label', (sign().signature ?? '').replace('keyway', 'other')],
    ['nothing', ''],
  ])('whose signature is %s is refused', (_what, signature) => {
    expect(() => parseRequestSignature({ signatureInput: input, signature })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });
});
