import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/merkle/checkpoint.ts';
import {
  formatNote,
  formatSignatureLine,
  formatVerifierKey,
  makeSigner,
  makeVerifier,
  parseNote,
  parseSignatureLine,
  parseVerifierKey,
  signNoteLine,
  verifyNote,
} from '../../src/merkle/note.ts';
import { readVectors } from './naive-tree.ts';

type Bad = { name: string; expect: string; says: string };
type Verified = { name: string; key: string; note: string; checkpoint?: { origin: string; size: number } };
const vectors = readVectors<{
  verified: Verified[];
  bad: (Bad & { note: string })[];
  badKeys: (Bad & { key: string })[];
}>('signed-notes');

const refusal = (code: string, says = '') =>
  expect.objectContaining({ name: 'MerkleError', code, message: expect.stringContaining(says) });
const ed25519 = () => generateKeyPairSync('ed25519').privateKey;
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const text = 'one line\n\nand another\n';

describe("other people's notes", () => {
  it.each(vectors.verified)('verify: $name', ({ key, note, checkpoint }) => {
    const verifier = parseVerifierKey(key);
    expect(verifyNote(parseNote(note), [verifier])).toHaveLength(1);
    expect(formatNote(parseNote(note).text, parseNote(note).signatures)).toBe(note);
    if (checkpoint) {
      expect(openCheckpoint(note, { origin: checkpoint.origin, verifiers: [verifier], required: 1 })).toMatchObject(
        checkpoint,
      );
    }
  });

  it.each(vectors.verified)('do not verify with one letter of the text changed: $name', ({ key, note }) => {
    const changed = note.startsWith('X') ? `Y${note.slice(1)}` : `X${note.slice(1)}`;
    expect(() => verifyNote(parseNote(changed), [parseVerifierKey(key)])).toThrow(refusal('bad-signature'));
  });

  it.each(vectors.verified)('keep their key: $name', ({ key }) => {
    const { name, keyId, algorithm } = parseVerifierKey(key);
    expect(key.startsWith(`${name}+${keyId.toString('hex')}+`)).toBe(true);
    expect([1, 2]).toContain(algorithm);
  });
});

describe('a malformed note', () => {
  it.each(vectors.bad)('is refused: $name', ({ note, expect: code, says }) => {
    expect(() => parseNote(note)).toThrow(refusal(code, says));
  });

  it('is refused: bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from([0xc3, 0x28, 0x0a, 0x0a]), Buffer.from('— a AAAAAAA=\n')]);
    expect(() => parseNote(bytes)).toThrow(refusal('malformed', 'UTF-8'));
  });

  it('is refused: more than 100 signatures', () => {
    const lines = (count: number) => `text\n\n${'— a AAAAAAA=\n'.repeat(count)}`;
    expect(parseNote(lines(100)).signatures).toHaveLength(100);
    expect(() => parseNote(lines(101))).toThrow(refusal('malformed', '100'));
  });

  it('is refused: more than 1 MB', () => {
    const sized = (bytes: number) => `${'x'.repeat(bytes - 20)}\n\n— a AAAAAAA=\n`;
    const largest = sized(1_000_000 - Buffer.byteLength(sized(100)) + 100);
    expect(Buffer.byteLength(largest)).toBe(1_000_000);
    expect(parseNote(largest).signatures).toHaveLength(1);
    expect(() => parseNote(`x${largest}`)).toThrow(refusal('malformed', 'larger'));
  });

  it.each([
    ['without a final newline', 'text', 1],
    ['with a control character', 'te\u007fx\u0007t\n', 1],
    ['without signatures', 'text\n', 0],
    ['with 101 signatures', 'text\n', 101],
  ])('is not written: one %s', (_, body, count) => {
    const signature = { name: 'a', keyId: Buffer.alloc(4), signature: Buffer.of(1) };
    expect(() =>
      formatNote(
        body,
        Array.from({ length: count }, () => signature),
      ),
    ).toThrow(refusal('malformed'));
  });

  it.each([
    ['a name with a space', { name: 'a b', keyId: Buffer.alloc(4), signature: Buffer.of(1) }],
    ['a key id of three bytes', { name: 'a', keyId: Buffer.alloc(3), signature: Buffer.of(1) }],
    ['an empty signature', { name: 'a', keyId: Buffer.alloc(4), signature: Buffer.alloc(0) }],
  ])('is not written: a line with %s', (_, signature) => {
    expect(() => formatSignatureLine(signature)).toThrow(refusal('malformed'));
  });
});

describe('a verifier key', () => {
  it.each(vectors.badKeys)('is refused: $name', ({ key, expect: code, says }) => {
    expect(() => parseVerifierKey(key)).toThrow(refusal(code, says));
  });

  it.each([
    ['Ed25519', ed25519(), 1],
    ['ECDSA P-256', p256(), 2],
  ] as const)('of %s survives the way there and back', (_, privateKey, algorithm) => {
    const key = formatVerifierKey('example.com/log', createPublicKey(privateKey));
    const verifier = parseVerifierKey(key);
    expect(verifier).toMatchObject({ name: 'example.com/log', algorithm });
    expect(verifier.keyId).toEqual(makeSigner('example.com/log', privateKey).keyId);
  });

  it.each([
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['X25519', generateKeyPairSync('x25519')],
  ])('is not made of a %s key', (_, { publicKey, privateKey }) => {
    expect(() => makeVerifier('a', publicKey)).toThrow(refusal('malformed', 'kind'));
    expect(() => makeSigner('a', privateKey)).toThrow(refusal('malformed', 'kind'));
  });

  it('is not made with a name that no signature line could carry', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb']) {
      expect(() => makeSigner(name, ed25519())).toThrow(refusal('malformed', 'key name'));
    }
  });
});

describe('signing and verifying', () => {
  const [a, b] = [ed25519(), p256()];
  const signers = [makeSigner('log', a), makeSigner('log', b)] as const;
  const verifiers = [makeVerifier('log', createPublicKey(a)), makeVerifier('log', createPublicKey(b))];
  const note = parseNote(
    formatNote(
      text,
      signers.map((signer) => signNoteLine(text, signer)),
    ),
  );

  it('finds both signatures of a log and keeps a blank line inside the text', () => {
    expect(note.text).toBe(text);
    expect(verifyNote(note, verifiers, 2)).toEqual(note.signatures);
  });

  it('reads a signature line back', () => {
    const line = signNoteLine(text, signers[0]);
    expect(parseSignatureLine(formatSignatureLine(line))).toEqual(line);
  });

  it('ignores keys that it does not know, even under a known name or key id', () => {
    const strangers = [
      signNoteLine(text, makeSigner('log', ed25519())),
      { ...signNoteLine(text, signers[0]), name: 'other', signature: Buffer.alloc(64) },
    ];
    const more = { text, signatures: [...strangers, ...note.signatures] };
    expect(verifyNote(more, verifiers, 2)).toEqual(note.signatures);
    expect(() => verifyNote({ text, signatures: strangers }, verifiers)).toThrow(refusal('missing'));
  });

  it('refuses the whole note for one bad signature of a known key, also beside a good one', () => {
    for (const [at, good] of note.signatures.entries()) {
      const flipped = Buffer.from(good.signature);
      flipped[10] = (flipped[10] ?? 0) ^ 1;
      for (const signature of [flipped, Buffer.of(1), Buffer.alloc(64), Buffer.alloc(5_000, 1)]) {
        const replaced = { text, signatures: note.signatures.with(at, { ...good, signature }) };
        const added = { text, signatures: [...note.signatures, { ...good, signature }] };
        expect(() => verifyNote(replaced, verifiers)).toThrow(refusal('bad-signature'));
        expect(() => verifyNote(added, verifiers)).toThrow(refusal('bad-signature'));
      }
    }
  });

  it('counts a key once, however often it signed', () => {
    const [first] = note.signatures;
    const twice = { text, signatures: first ? [first, first] : [] };
    expect(verifyNote(twice, verifiers)).toHaveLength(1);
    expect(() => verifyNote(twice, verifiers, 2)).toThrow(refusal('missing', '1 of the 2'));
    const [one, another] = [signNoteLine(text, signers[1]), signNoteLine(text, signers[1])];
    expect(verifyNote({ text, signatures: [one, another] }, verifiers)).toEqual([one]);
  });

  it('refuses a list of trusted keys in which two cannot be told apart', () => {
    const [first] = verifiers;
    expect(() => verifyNote(note, first ? [first, first] : [])).toThrow(refusal('malformed', 'two trusted keys'));
  });
});
