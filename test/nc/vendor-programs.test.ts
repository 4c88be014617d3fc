import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Dialect } from '../../src/domain/nc.ts';
import { type ChangeClass, changeClasses } from '../../src/domain/nc-difference.ts';
import { canonicalBytes, canonicalDigests } from '../../src/nc/canon/canonical-digests.ts';
import { usualRules } from '../../src/nc/canon/readback-rules.ts';
import { writings } from '../../src/nc/canon/writing.ts';
import { compareRevisions } from '../../src/nc/compare/difference.ts';
import { detectDialect } from '../../src/nc/facts/dialect.ts';
import { Lexer } from '../../src/nc/syntax/lexer.ts';
import { lexicalRules } from '../../src/nc/syntax/rules.ts';
import { Tokens } from '../../src/nc/syntax/token.ts';
import { expected, tell, vendorPrograms } from '../helpers/nc-vendor.ts';

const programs = vendorPrograms();
const wanted = expected();

describe.each(programs)('$name', ({ name, bytes }) => {
  const { dialect } = detectDialect(name, bytes);
  const writing = writings[Dialect.parse(dialect)];
  const rules = usualRules(dialect);

  test('says its facts, findings and path as they were looked at', () => {
    expect(tell({ name, bytes })).toEqual(wanted[name]);
  });

  test('is its tokens, side by side', () => {
    const tokens = new Tokens();
    const lexer = new Lexer(lexicalRules[dialect], tokens);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      at = lexer.line(bytes, at, bytes.length);
      for (let token = 0; token < tokens.count; token++)
        pieces.push(bytes.subarray(tokens.start[token], tokens.start[token + 1]));
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  test('has a canonical form that stays what it is', () => {
    const once = canonicalBytes(bytes, writing, rules);
    expect(Buffer.from(canonicalBytes(once, writing, rules)).equals(Buffer.from(once))).toBe(true);
  });

  const revision = (text: Uint8Array) => ({ name, bytes: text, dialect, descriptions: new Map() });
  test('does not differ from itself', () => {
    const { verdict, hunks } = compareRevisions(revision(bytes), revision(bytes));
    expect([verdict, hunks]).toEqual(['identical', []]);
  });

  test('with one word changed differs there, in the class of the word, and in its canonical form', () => {
    const text = bytes.toString('latin1');
    const made = mutations.map((mutation) => ({ ...mutation, changed: replaced(text, mutation) }));
    const some = made.some(({ changed }) => changed !== undefined);
    const changes = some ? made : [{ ...anyValue, changed: replaced(text, anyValue, true) }];
    expect(changes.some(({ changed }) => changed !== undefined)).toBe(true);
    for (const { of, classes, changed } of changes) {
      if (!changed) continue;
      const { counts, verdict } = compareRevisions(revision(bytes), revision(changed));
      const met = Object.entries(counts).filter(([, count]) => count > 0);
      expect([`${of}`, verdict, met.length, classes.includes(met[0]?.[0] as ChangeClass) || met]).toEqual([
        `${of}`,
        'changed',
        1,
        true,
      ]);
      const digest = (text: Uint8Array) => canonicalDigests(text, writing, rules).canonical;
      expect(digest(changed)).not.toBe(digest(bytes));
    }
  });
});

test('every program has its expectation, and no other is there', () => {
  expect(Object.keys(wanted).sort()).toEqual(programs.map(({ name }) => name).sort());
  expect(new Set(programs.map(({ bytes }) => hash('sha256', bytes))).size).toBe(programs.length);
});

type Mutation = { of: RegExp; to: string; classes: readonly ChangeClass[] };
/** The first word of its kind that stands in a block of plain words, and what it becomes. */
const mutations: readonly Mutation[] = [
  {
    of: /^((?:N?\d+ ?)?(?:L |G0?[01] ?)?[XY])([-+]?\d+\.?\d*)(?=[ \r\n]*[YZMF\r\n])/m,
    to: '$1977.5',
    classes: ['geometry'],
  },
  { of: /( F)(\d+\.?\d*)(?= *[M\r\n])/m, to: '$177', classes: ['feed-speed', 'offset'] },
  { of: /(\sM)8(?=[ \r\n])/m, to: '$177', classes: ['m-code'] },
];

/** Where no block has plain words: a value of a macro, whatever that leads to. */
const anyValue: Mutation = {
  of: /(=\s*\[?|[XYZF,(]|P\d\d )([-+]?\d+)(?!\d)/m,
  to: '$1977',
  classes: changeClasses.filter((one) => !['comment', 'numbering', 'format'].includes(one)),
};

/** In the first block of which it speaks; of macros and data only where `everywhere`. */
function replaced(text: string, { of, to }: Mutation, everywhere = false): Buffer | undefined {
  const lines = text.split('\n');
  const passed = everywhere ? /^\s*[(;%]|^:|^O\d/ : /[(;#[=]|CYCL|G65|G66|G10|G4\b|G04/;
  const at = lines.findIndex((line) => !passed.test(line) && of.test(`${line}\n`));
  if (at === -1) return undefined;
  return Buffer.from(lines.with(at, `${lines[at]}\n`.replace(of, to).replace(/\n$/, '')).join('\n'), 'latin1');
}
