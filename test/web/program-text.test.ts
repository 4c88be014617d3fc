import { expect, test } from 'vitest';
import { foldSpans } from '../../src/web/parts/program-text/fold-spans.ts';

test('unchanged lines of a program are folded away, but not those around a change or a finding', () => {
  const change = [30, 31] as const;
  expect(foldSpans(60, [change])).toEqual([
    [1, 26],
    [34, 60],
  ]);
  const findings = [1, 12, 36, 60, 999].map((line) => [line, line + 1] as const);
  expect(foldSpans(60, [change, ...findings])).toEqual([
    [16, 26],
    [40, 56],
  ]);
  expect(foldSpans(60, [])).toEqual([[1, 60]]);
  expect(foldSpans(7, [])).toEqual([]);
});
