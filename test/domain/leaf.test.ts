import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTypeNames } from '../../src/domain/events.ts';
import { decodeLeaf, encodeLeaf, Leaf } from '../../src/domain/leaf.ts';

/** The same by JSON and schema, as the format is defined. */
function bySchema(bytes: Buffer): Leaf | 'refused' {
  try {
    const leaf = Leaf.parse(JSON.parse(bytes.toString('latin1')));
    return encodeLeaf(leaf).equals(bytes) ? leaf : 'refused';
  } catch {
    return 'refused';
  }
}
function byPattern(bytes: Buffer): Leaf | 'refused' {
  try {
    return decodeLeaf(bytes);
  } catch {
    return 'refused';
  }
}

const leaf = fc
  .tuple(
    fc.stringMatching(/^[0-9a-f]{64}$/),
    fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
    fc.constantFrom(...eventTypeNames),
  )
  .map(([body, date, type]): Leaf => ({ body, time: date.toISOString(), type, v: 1 }));

it('every leaf reads as the schema reads it', () => {
  fc.assert(
    fc.property(leaf, (one) => {
      expect(decodeLeaf(encodeLeaf(one))).toEqual(one);
      expect(bySchema(encodeLeaf(one))).toEqual(one);
    }),
    { numRuns: 1_000, seed: 6962 },
  );
});

it('whatever differs from a leaf is refused where the schema refuses it', () => {
  const digits = fc.constantFrom(...'0123456789');
  fc.assert(
    fc.property(
      leaf,
      fc.nat(),
      fc.oneof(digits, fc.string({ minLength: 0, maxLength: 2, unit: 'binary' })),
      (one, at, text) => {
        const bytes = encodeLeaf(one).toString('latin1');
        const place = at % (bytes.length + 1);
        const other = Buffer.from(bytes.slice(0, place) + text + bytes.slice(place + 1), 'latin1');
        expect(byPattern(other)).toEqual(bySchema(other));
      },
    ),
    { numRuns: 20_000, seed: 6962 },
  );
});

it.each([
  ['2023-02-29T00:00:00.000Z', false],
  ['2024-02-29T23:59:59.999Z', true],
  ['2100-02-29T00:00:00.000Z', false],
  ['2024-13-01T00:00:00.000Z', false],
  ['2024-00-10T00:00:00.000Z', false],
  ['2024-04-31T00:00:00.000Z', false],
  ['2024-04-30T24:00:00.000Z', false],
  ['2024-04-30T23:60:00.000Z', false],
  ['2024-04-30T23:59:60.000Z', false],
  ['0000-01-01T00:00:00.000Z', true],
])('a leaf of %s: %s', (time, isTime) => {
  const bytes = encodeLeaf({ body: 'a'.repeat(64), time, type: 'deposit.received', v: 1 });
  expect(bySchema(bytes) !== 'refused').toBe(isTime);
  expect(byPattern(bytes) !== 'refused').toBe(isTime);
});
