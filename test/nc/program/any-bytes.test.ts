import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialects } from '../../../src/domain/nc.ts';
import { constantOf } from '../../../src/nc/program/expression-reader.ts';
import { readProgram } from '../../../src/nc/program/read-program.ts';
import { Lexer } from '../../../src/nc/syntax/lexer.ts';
import { lexicalRules } from '../../../src/nc/syntax/rules.ts';
import { Tokens } from '../../../src/nc/syntax/token.ts';
import { cutAt, hostileText, readIn } from '../../helpers/nc-programs.ts';

const seeded = { numRuns: 200, seed: 4471 };

describe.each(dialects)('the reader of %s, whatever the bytes are', (dialect) => {
  test('puts every byte into one token, side by side', () => {
    fc.assert(
      fc.property(hostileText(dialect), (bytes) => {
        const tokens = new Tokens();
        const lexer = new Lexer(lexicalRules[dialect], tokens);
        let at = 0;
        while (at < bytes.length) {
          const next = lexer.line(bytes, at, bytes.length);
          const starts = [...tokens.start.subarray(0, tokens.count + 1)];
          expect(starts[0]).toBe(at);
          expect(starts.at(-1)).toBe(next);
          // No token is empty, none lies over another.
          expect(starts.findIndex((start, index) => index > 0 && start <= (starts[index - 1] as number))).toBe(-1);
          at = next;
        }
        expect(at).toBe(bytes.length);
      }),
      seeded,
    );
  });

  test('says the same of a program in one piece and in many', () => {
    fc.assert(
      fc.property(hostileText(dialect), fc.array(fc.nat(400), { maxLength: 12 }), (bytes, places) => {
        expect(readIn(dialect, cutAt(bytes, places))).toEqual(readIn(dialect, [bytes]));
      }),
      seeded,
    );
  });

  test('counts every byte and line', () => {
    fc.assert(
      fc.property(hostileText(dialect), (bytes) => {
        let reached = 0;
        const ends = readProgram(bytes, dialect, {
          block({ start, end }) {
            expect(start).toBeGreaterThanOrEqual(reached);
            reached = end;
          },
        });
        expect(ends.bytes).toBe(bytes.length);
        expect(reached).toBeLessThanOrEqual(bytes.length);
      }),
      seeded,
    );
  });
});

describe('a line that nests without end', () => {
  const lines: [string, string][] = [
    ['sums', `#1=${'1+'.repeat(30_000)}1`],
    ['brackets', `#1=${'['.repeat(30_000)}`],
    ['signs', `X${'-'.repeat(30_000)}1`],
    ['variables of variables', `X${'#'.repeat(30_000)}1`],
    ['conditions', 'IF[1EQ1]THEN '.repeat(4_000)],
    ['functions', `#1=${'SIN['.repeat(15_000)}`],
    ['powers', `Q1 = ${'2 ^ '.repeat(15_000)}2`],
    ['lists', `CYCLE83(${'A('.repeat(15_000)}`],
    ['texts', `QS1 = ${'"A" || '.repeat(8_000)}"A"`],
  ];
  test.each(lines)('of %s is read in every dialect, and what came of it can be walked over', (_, line) => {
    for (const dialect of dialects)
      readProgram(Buffer.from(`${line}\n`), dialect, {
        block({ words, statements }) {
          for (let at = 0; at < words.count; at++) {
            const expression = words.expression(at);
            if (expression) constantOf(expression);
          }
          expect(() => JSON.stringify(statements)).not.toThrow();
        },
      });
  });
});
