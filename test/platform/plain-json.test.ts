import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, isCanonicalJson } from '../../src/platform/hash.ts';
import { isPlainCanonicalJson } from '../../src/platform/plain-json.ts';
import { loadEvent } from '../helpers/ledger-load.ts';

const isCanonical = (text: string): boolean => {
  try {
    return isCanonicalJson(Buffer.from(text, 'utf8'), JSON.parse(text));
  } catch {
    return false;
  }
};
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '0',
  '1',
  '9',
  '-',
  '.',
  'e',
  'a',
  'b',
  ' ',
  '\\',
  'true',
  'null',
  'é',
  '{"a":1}',
];
const edited = fc
  .tuple(fc.jsonValue(), fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...pieces)), { maxLength: 4 }))
  .map(([value, edits]) => {
    let text = canonicalJson(value).toString('utf8');
    for (const [place, cut, piece] of edits) {
      const at = place % (text.length + 1);
      text = text.slice(0, at) + piece + text.slice(at + cut);
    }
    return text;
  });

it('what passes as plain canonical JSON is canonical JSON, whatever was done to it', () => {
  let passed = 0;
  fc.assert(
    fc.property(edited, (text) => {
      if (!isPlainCanonicalJson(text)) return true;
      passed += 1;
      return isCanonical(text);
    }),
    { numRuns: 20_000, seed: 8785 },
  );
  expect(passed).toBeGreaterThan(1_000);
});

it('every event of a busy gateway passes, so that the fast way is the usual one', () => {
  for (let n = 0; n < 400; n++) expect(isPlainCanonicalJson(canonicalJson(loadEvent(n)).toString('utf8'))).toBe(true);
});

it.each([
  ['keys out of order', '{"b":1,"a":2}'],
  ['a key twice', '{"a":1,"a":1}'],
  ['a longer key before its beginning', '{"ab":1,"a":1}'],
  ['a space', '{"a": 1}'],
  ['a leading zero', '[01]'],
  ['minus zero', '[-0]'],
  ['an exponent', '[1e3]'],
  ['more digits than a double keeps', '[12345678901234567890]'],
  ['a comma too many', '[1,]'],
  ['something after the end', '{}{}'],
  ['an open string', '["a'],
  ['an open object', '{"a":1'],
  ['nothing', ''],
  ['a word', '[nul]'],
  ['a key that is no string', '{1:1}'],
  ['forty levels', '['.repeat(40) + ']'.repeat(40)],
])('%s does not pass', (_what, text) => {
  expect(isPlainCanonicalJson(text)).toBe(false);
});
