import { expect, test } from 'vitest';
import { Digest } from '../../src/domain/digest.ts';
import { fingerprintOf, fingerprintWords } from '../../src/domain/fingerprint.ts';
import { digestOf } from '../../src/platform/hash.ts';

test('a fingerprint is three short words that are the same for the same bytes for ever', () => {
  expect(fingerprintWords).toHaveLength(256);
  expect(new Set(fingerprintWords).size).toBe(256);
  for (const word of fingerprintWords) expect(word).toMatch(/^[a-z]{3,8}$/);
  expect(fingerprintOf(Digest.parse(`sha256:0001ff${'0'.repeat(58)}`))).toBe('acorn-adobe-otter');
  expect(fingerprintOf(digestOf('O4471'))).toBe(fingerprintOf(digestOf('O4471')));
  expect(fingerprintOf(digestOf('O4471'))).not.toBe(fingerprintOf(digestOf('O4472')));
});
