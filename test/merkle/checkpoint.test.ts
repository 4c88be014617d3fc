import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../src/merkle/checkpoint.ts';
import {
  formatCosignature,
  formatCosignerKey,
  makeCosigner,
  makeCosignerVerifier,
  parseCosignature,
  parseCosignerKey,
  verifyCosignatures,
} from '../../src/merkle/cosignature.ts';
import { emptyRoot, leafHash } from '../../src/merkle/hashes.ts';
import {
  formatNote,
  formatSignatureLine,
  formatVerifierKey,
  makeSigner,
  makeVerifier,
  parseNote,
  signNoteLine,
} from '../../src/merkle/note.ts';
import { formatProof, openProof, parseProof, type TlogProof } from '../../src/merkle/proof.ts';
import { inclusionProof } from '../../src/merkle/tree.ts';
import { grow, readVectors, sampleLeaf, sampleLeaves } from './naive-tree.ts';

const refusal = (code: string) => expect.objectContaining({ name: 'MerkleError', code });
const origin = 'example.com/log';
const root = emptyRoot.toString('base64');
const [logKey, otherKey, witnessKey] = [0, 1, 2].map(() => generateKeyPairSync('ed25519')) as [Keys, Keys, Keys];
type Keys = ReturnType<typeof generateKeyPairSync>;
const logSigner = makeSigner(origin, logKey.privateKey);
const verifiers = [makeVerifier(origin, logKey.publicKey)];
const signed = (text: string) => formatNote(text, [signNoteLine(text, logSigner)]);

describe('a checkpoint', () => {
  it('is three lines, with any size that a number can hold', () => {
    for (const size of [0, 1, 20_852_163, Number.MAX_SAFE_INTEGER]) {
      const text = formatCheckpoint({ origin, size, root: emptyRoot });
      expect(text).toBe(`${origin}\n${size}\n${root}\n`);
      expect(parseCheckpoint(text)).toEqual({ origin, size, root: emptyRoot });
    }
  });

  it.each([
    ['an empty origin', `\n1\n${root}\n`],
    ['a leading zero', `${origin}\n01\n${root}\n`],
    ['a sign', `${origin}\n+1\n${root}\n`],
    ['a negative size', `${origin}\n-1\n${root}\n`],
    ['hex', `${origin}\n0x1\n${root}\n`],
    ['an exponent', `${origin}\n1e3\n${root}\n`],
    ['digits of another script', `${origin}\n١\n${root}\n`],
    ['a size beyond 2^53', `${origin}\n9007199254740992\n${root}\n`],
    ['a space behind the size', `${origin}\n1 \n${root}\n`],
    ['a root of 31 bytes', `${origin}\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['a root without padding', `${origin}\n1\n${root.slice(0, -1)}\n`],
    ['an extension line', `${origin}\n1\n${root}\nmore\n`],
    ['an empty fourth line', `${origin}\n1\n${root}\n\n`],
    ['no final newline', `${origin}\n1\n${root}`],
    ['two lines', `${origin}\n1\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(refusal('malformed'));
  });

  it('is not written with an origin of two lines, a root of 31 bytes or a fraction', () => {
    const good = { origin, size: 1, root: emptyRoot };
    for (const bad of [
      { origin: 'a\nb' },
      { origin: '' },
      { root: emptyRoot.subarray(1) },
      { size: 0.5 },
      { size: -1 },
    ]) {
      expect(() => formatCheckpoint({ ...good, ...bad })).toThrow(refusal('malformed'));
    }
  });

  it('opens for the origin whose key signed it, and for no other', () => {
    const note = signed(formatCheckpoint({ origin, size: 7, root: emptyRoot }));
    expect(openCheckpoint(note, { origin, verifiers, required: 1 })).toEqual({ origin, size: 7, root: emptyRoot });
    const stranger = [makeVerifier(origin, otherKey.publicKey)];
    expect(() => openCheckpoint(note, { origin: 'example.com/fork', verifiers, required: 1 })).toThrow(
      refusal('bad-signature'),
    );
    expect(() => openCheckpoint(note, { origin, verifiers: stranger, required: 1 })).toThrow(refusal('missing'));
    expect(() => openCheckpoint(note, { origin, verifiers, required: 2 })).toThrow(refusal('missing'));
    expect(() => openCheckpoint(note.replace('\n7\n', '\n8\n'), { origin, verifiers, required: 1 })).toThrow(
      refusal('bad-signature'),
    );
  });

  it('never opens without a signature, whatever is asked for', () => {
    const note = signed(formatCheckpoint({ origin, size: 7, root: emptyRoot }));
    for (const required of [0, -1, Number.NaN, 0.5]) {
      expect(() => openCheckpoint(note, { origin, verifiers: [], required })).toThrow(refusal('malformed'));
    }
  });

  it('is refused when a trusted key signed something else', () => {
    expect(() => openCheckpoint(signed('good morning\n'), { origin, verifiers, required: 1 })).toThrow(
      refusal('malformed'),
    );
  });
});

describe('a cosignature', () => {
  const text = formatCheckpoint({ origin, size: 7, root: emptyRoot });
  const cosigner = makeCosigner('witness.example', witnessKey.privateKey, () => 1_679_315_147);
  const verifier = makeCosignerVerifier('witness.example', witnessKey.publicKey);
  const logLine = signNoteLine(text, logSigner);
  const line = signNoteLine(text, cosigner);
  const note = { text, signatures: [logLine, line] };

  type Vector = { name: string; key: string; note: string; timestamp: number };
  it.each(readVectors<{ cosigned: Vector[] }>('signed-notes').cosigned)('of other people verifies: $name', (vector) => {
    const found = verifyCosignatures(parseNote(vector.note), [parseCosignerKey(vector.key)]);
    expect(found.map(({ timestamp }) => timestamp)).toEqual([vector.timestamp]);
  });

  it('verifies with its time, beside the signature of the log', () => {
    expect(verifyCosignatures(note, [verifier])).toMatchObject([{ name: 'witness.example', timestamp: 1_679_315_147 }]);
    expect(verifyCosignatures({ text, signatures: [logLine] }, [verifier])).toEqual([]);
  });

  it('survives the way to a line and back', () => {
    const [cosignature] = verifyCosignatures(note, [verifier]);
    if (!cosignature) return expect.fail('no cosignature');
    expect(formatCosignature(cosignature)).toBe(formatSignatureLine(line));
    expect(parseCosignature(formatSignatureLine(line))).toEqual(cosignature);
    const key = parseCosignerKey(formatCosignerKey('witness.example', witnessKey.publicKey));
    expect(verifyCosignatures(note, [key])).toEqual([cosignature]);
  });

  it('is refused with another time, text or length', () => {
    const later = Buffer.from(line.signature);
    later[7] = (later[7] ?? 0) ^ 1;
    const farAway = Buffer.from(line.signature).fill(0xff, 0, 8);
    for (const signature of [
      later,
      farAway,
      line.signature.subarray(1),
      Buffer.concat([line.signature, Buffer.of(0)]),
    ]) {
      expect(() => verifyCosignatures({ text, signatures: [{ ...line, signature }] }, [verifier])).toThrow(
        refusal('bad-signature'),
      );
    }
    expect(() => verifyCosignatures({ ...note, text: text.replace('7', '8') }, [verifier])).toThrow(
      refusal('bad-signature'),
    );
    const short = formatSignatureLine({ ...line, signature: line.signature.subarray(1) });
    expect(() => parseCosignature(short)).toThrow(refusal('malformed'));
  });

  it("does not count as the log's signature, nor the log's key as a witness'", () => {
    const sameKeyAsLog = [makeVerifier('witness.example', witnessKey.publicKey)];
    expect(() => openCheckpoint(formatNote(text, [line]), { origin, verifiers: sameKeyAsLog, required: 1 })).toThrow(
      refusal('missing'),
    );
    expect(() => parseCosignerKey(formatVerifierKey(origin, createPublicKey(logKey.privateKey)))).toThrow(
      refusal('malformed'),
    );
  });

  it('is not made with a key other than Ed25519', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => makeCosigner('witness.example', privateKey, () => 0)).toThrow(refusal('malformed'));
  });
});

describe('a proof file', () => {
  const { builder, reader } = grow(sampleLeaves(300));
  const checkpoint = signed(formatCheckpoint({ origin, size: 300, root: builder.root() }));
  const proof: TlogProof = { index: 260, hashes: inclusionProof(260, 300, reader), checkpoint };
  const text = formatProof(proof);
  const trust = { leafHash: leafHash(sampleLeaf(260)), origin, verifiers, required: 1 };

  it('is written as the specification says, and proves its entry', () => {
    expect(text.startsWith('c2sp.org/tlog-proof@v1\nindex 260\n')).toBe(true);
    expect(text.endsWith(`\n\n${checkpoint}`)).toBe(true);
    expect(parseProof(Buffer.from(text))).toEqual(proof);
    expect(openProof(text, trust)).toEqual({ index: 260, checkpoint: { origin, size: 300, root: builder.root() } });
  });

  it('may carry extra data, and no hashes for the only entry', () => {
    const single = grow(sampleLeaves(1)).builder.root();
    const small = signed(formatCheckpoint({ origin, size: 1, root: single }));
    const withExtra = { index: 0, hashes: [], checkpoint: small, extra: Buffer.from('salt') };
    expect(formatProof(withExtra)).toBe(`c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 0\n\n${small}`);
    expect(parseProof(formatProof(withExtra))).toEqual(withExtra);
    expect(openProof(formatProof(withExtra), { ...trust, leafHash: leafHash(sampleLeaf(0)) }).index).toBe(0);
  });

  it.each([
    ['another entry', text, { leafHash: leafHash(sampleLeaf(261)) }, 'bad-inclusion'],
    ['another index', text.replace('index 260', 'index 261'), {}, 'bad-inclusion'],
    ['a hash left out', text.replace(/(index 260\n)[^\n]+\n/, '$1'), {}, 'bad-inclusion'],
    ['another size', text.replace('\n300\n', '\n301\n'), {}, 'bad-signature'],
    ['another log', text, { origin: 'example.com/fork' }, 'bad-signature'],
    ['another key', text, { verifiers: [makeVerifier(origin, otherKey.publicKey)] }, 'missing'],
  ])('is refused for %s', (_, input, change, code) => {
    expect(() => openProof(input, { ...trust, ...change })).toThrow(refusal(code));
  });

  it.each([
    ['nothing', ''],
    ['another header', text.replace('@v1', '@v2')],
    ['no index', text.replace('index 260\n', '')],
    ['an index with a leading zero', text.replace('index 260', 'index 0260')],
    ['an index beyond the tree', text.replace('index 260', 'index 300')],
    ['two spaces before the index', text.replace('index 260', 'index  260')],
    ['empty extra data', text.replace('index', 'extra \nindex')],
    ['extra data behind the index', text.replace('index 260\n', 'index 260\nextra AAAA\n')],
    ['extra data that is not base64', text.replace('index', 'extra *\nindex')],
    ['a hash of 31 bytes', text.replace('index 260\n', `index 260\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['54 hashes', text.replace('index 260\n', `index 260\n${`${root}\n`.repeat(54)}`)],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['a checkpoint without signature', text.slice(0, text.indexOf('— '))],
    ['CRLF line ends', text.replaceAll('\n', '\r\n')],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(text), Buffer.of(0xff)])],
  ])('is refused with %s', (_, input) => {
    expect(() => parseProof(input)).toThrow(refusal('malformed'));
  });
});
