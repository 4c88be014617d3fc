import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isCanonicalJson } from '../../src/platform/hash.ts';

const attempt = <T>(make: () => T): T | 'refused' => {
  try {
    return make();
  } catch {
    return 'refused';
  }
};
const library = (value: unknown) => attempt(() => Buffer.from(canonicalize(value) ?? raise(), 'utf8'));
const raise = (): never => {
  throw new TypeError('no JSON form');
};

/** Keys that JavaScript treats in a way of its own, beside arbitrary ones. */
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('10', '9', '01', '__proto__', 'toJSON', 'é', '\ud800', 'B', 'a'),
);
const { value: anyJson } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', '\\ud800', ' ', '\u007f'),
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, false, undefined, -0, 1e21, 1e-7),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));

describe('canonical JSON', () => {
  it('is what the library of RFC 8785 writes, and refused where that refuses', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(attempt(() => canonicalJson(value))).toEqual(library(value));
      }),
      { numRuns: 3_000, seed: 8785 },
    );
  });

  it('is known by its bytes, and so is whatever differs from it by one', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const bytes = attempt(() => canonicalJson(value));
        if (bytes === 'refused') return;
        expect(isCanonicalJson(bytes, JSON.parse(bytes.toString()))).toBe(true);
        const other = Buffer.from(bytes);
        other[at % other.length] = (other[at % other.length] ?? 0) ^ change;
        const parsed = attempt(() => JSON.parse(other.toString()) as unknown);
        const wanted = library(parsed);
        const isOne = wanted !== 'refused' && wanted.equals(other);
        expect(parsed !== 'refused' && attempt(() => isCanonicalJson(other, parsed)) === true).toBe(isOne);
      }),
      { numRuns: 3_000, seed: 8785 },
    );
  });

  it.each([
    ['keys out of order', '{"b":1,"a":2}'],
    ['keys in the order of numbers', '{"9":1,"10":2}'],
    ['a key twice', '{"a":1,"a":1}'],
    ['white space', '{"a": 1}'],
    ['another form of a number', '{"a":1.0}'],
    ['an escape that is not needed', '{"a":"\\u0041"}'],
  ])('%s is not canonical', (_what, text) => {
    expect(isCanonicalJson(Buffer.from(text), JSON.parse(text))).toBe(false);
  });

  it('bytes that are not UTF-8 are not canonical, although they read as a replacement character', () => {
    const bytes = Buffer.concat([Buffer.from('"'), Buffer.of(0xf0, 0x9f, 0x92), Buffer.from('"')]);
    expect(isCanonicalJson(bytes, JSON.parse(bytes.toString()))).toBe(false);
  });
});
