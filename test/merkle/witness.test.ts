import { describe, expect, it } from 'vitest';
import { formatNote } from '../../src/merkle/note.ts';
import {
  addSignatures,
  formatAddCheckpoint,
  formatTreeSize,
  parseAddCheckpoint,
  parseCosignatureLines,
  parseTreeSize,
} from '../../src/merkle/witness.ts';

const hashOf = (fill: number) => Buffer.alloc(32, fill);
const signature = { name: 'shop.example/ledger', keyId: Buffer.alloc(4, 1), signature: Buffer.alloc(64, 2) };
const checkpoint = formatNote(`shop.example/ledger\n7\n${hashOf(9).toString('base64')}\n`, [signature]);
const request = { oldSize: 3, proof: [hashOf(1), hashOf(2)], checkpoint };
const text = formatAddCheckpoint(request);
const [a, b] = request.proof.map((hash) => hash.toString('base64'));

describe('what a log asks of a witness', () => {
  it('is the old size, the proof, a blank line and the checkpoint, and reads back the same', () => {
    expect(text).toBe(`old 3\n${a}\n${b}\n\n${checkpoint}`);
    expect(parseAddCheckpoint(Buffer.from(text))).toEqual(request);
    const first = { oldSize: 0, proof: [], checkpoint };
    expect(formatAddCheckpoint(first)).toBe(`old 0\n\n${checkpoint}`);
    expect(parseAddCheckpoint(formatAddCheckpoint(first))).toEqual(first);
  });

  it.each([
    ['nothing', ''],
    ['no old line', `${a}\n\n${checkpoint}`],
    ['an old size with a zero before it', text.replace('old 3', 'old 03')],
    ['an old size with a sign', text.replace('old 3', 'old +3')],
    ['an old size that no tree has', text.replace('old 3', 'old 99999999999999999')],
    ['a proof for the empty tree', text.replace('old 3', 'old 0')],
    ['a hash that is too short', text.replace(`${a}`, Buffer.alloc(31).toString('base64'))],
    ['a hash without its padding', text.replace(`${a}`, `${a}`.replace('=', ''))],
    ['a carriage return', text.replace('old 3\n', 'old 3\r\n')],
    ['no checkpoint', `old 3\n${a}\n\n`],
    ['a checkpoint without a signature', `old 3\n${a}\n\nshop.example/ledger\n7\n${a}\n`],
    ['64 hashes', `old 3\n${`${a}\n`.repeat(64)}\n${checkpoint}`],
    ['a request of 17 kB', `old 3\n\n${checkpoint}${`— n ${'A'.repeat(80)}\n`.repeat(200)}`],
  ])('is refused with %s', (_what, bad) => {
    expect(() => parseAddCheckpoint(bad)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});

describe('what a witness answers', () => {
  const line = `— w.example ${Buffer.alloc(76, 3).toString('base64')}`;

  it('is cosignature lines, which go behind the log’s own', () => {
    expect(parseCosignatureLines(`${line}\n`)).toEqual([line]);
    expect(addSignatures(checkpoint, [line])).toBe(`${checkpoint}${line}\n`);
    for (const bad of ['', '\n', line, `${line}\n\n`, 'hello\n']) {
      expect(() => parseCosignatureLines(bad), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ code: 'malformed' }),
      );
    }
  });

  it('or the size that it has', () => {
    expect(parseTreeSize(formatTreeSize(50))).toBe(50);
    for (const bad of ['', '50', '050\n', '50\n\n', '-1\n', '5e1\n']) {
      expect(() => parseTreeSize(bad), JSON.stringify(bad)).toThrow(expect.objectContaining({ code: 'malformed' }));
    }
  });
});
