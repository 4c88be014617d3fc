import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkMacs } from '../../src/vault/chunk-macs.ts';

function macsOf(...chunks: Buffer[]): ChunkMacs {
  const macs = new ChunkMacs(chunks.length);
  for (const [index, chunk] of chunks.entries()) macs.set(index, chunk);
  return macs;
}

describe('the MACs of the chunks of a blob', () => {
  it('know each chunk again, at its own place and no other', () => {
    const chunks = [Buffer.from('one'), Buffer.from('two'), Buffer.from('one')];
    const macs = macsOf(...chunks);
    expect(chunks.map((chunk, index) => macs.isIts(index, Buffer.from(chunk)))).toEqual([true, true, true]);
    expect([macs.isIts(1, Buffer.from('one')), macs.isIts(3, Buffer.from('one'))]).toEqual([false, false]);
    expect(macs.bytes).toBe(48);
  });

  it('know nothing that was changed, shortened or lengthened by a bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(), (content, at) => {
        const chunk = Buffer.from(content);
        const macs = macsOf(chunk);
        const flipped = Buffer.from(content);
        flipped[(at >> 3) % flipped.length] = (flipped[(at >> 3) % flipped.length] ?? 0) ^ (1 << (at & 7));
        const others = [flipped, chunk.subarray(1), Buffer.concat([chunk, Buffer.alloc(1)]), Buffer.alloc(0)];
        expect(others.map((other) => macs.isIts(0, other))).toEqual([false, false, false, false]);
      }),
    );
  });
});
