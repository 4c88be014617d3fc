import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteRanges } from '../../src/door/byte-ranges.ts';

describe('the bytes of a file that were sent', () => {
  it('are counted once each, in whatever order and overlap they were read', () => {
    const reads = fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { maxLength: 30 });
    fc.assert(
      fc.property(reads, (parts) => {
        const ranges = new ByteRanges(1000);
        const seen = new Set<number>();
        for (const [from, length] of parts) {
          ranges.add(from, from + length);
          for (let at = from; at < from + length; at++) seen.add(at);
          expect(ranges.count).toBe(seen.size);
        }
      }),
    );
  });

  it('are never over-counted when a client makes more islands than are kept', () => {
    const ranges = new ByteRanges(3);
    for (let at = 0; at < 100; at += 2) ranges.add(at, at + 1);
    expect(ranges.count).toBe(3);
    ranges.add(1, 2);
    expect(ranges.count).toBe(4);
    ranges.add(0, 100);
    expect(ranges.count).toBe(100);
  });
});
