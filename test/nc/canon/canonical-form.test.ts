import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import type { ReadbackRules } from '../../../src/domain/nc-canon.ts';
import { CanonicalForm, canonicalBytes, canonicalDigests } from '../../../src/nc/canon/canonical-digests.ts';
import { usualRules } from '../../../src/nc/canon/readback-rules.ts';
import { SpanReader, writings } from '../../../src/nc/canon/writing.ts';

fc.configureGlobal({ seed: 6 });

const everything: ReadbackRules = {
  blockEnds: 'any',
  blanks: 'ignored',
  smallLetters: 'ignored',
  sequenceNumbers: 'rewritten',
  comments: 'dropped',
  frame: 'ignored',
};
const nothing: ReadbackRules = {
  blockEnds: 'kept',
  blanks: 'kept',
  smallLetters: 'kept',
  sequenceNumbers: 'kept',
  comments: 'kept',
  frame: 'kept',
};
const latin = (text: string) => Buffer.from(text, 'latin1');
const digest = (text: string, rules: ReadbackRules, dialect: keyof typeof writings = 'iso') =>
  canonicalDigests(latin(text), writings[dialect], rules).canonical;
const text = (program: string, rules: ReadbackRules, dialect: keyof typeof writings = 'iso') =>
  Buffer.from(canonicalBytes(latin(program), writings[dialect], rules)).toString('latin1');

const number = fc
  .tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 99_999 }), fc.constantFrom(0, 1, 3, 4))
  .map(([sign, value, places]) => `${sign}${(value / 1000).toFixed(places)}${places === 0 ? '.' : ''}`);
const word = fc.oneof(
  fc.tuple(fc.constantFrom('X', 'Y', 'Z', 'I', 'J', 'R', 'F'), number).map(([letter, value]) => letter + value),
  fc.constantFrom('G0', 'G1', 'G2', 'G90', 'G91', 'G54', 'G55', 'G43H1', 'T3M6', 'S12000', 'M3', 'M8', 'D12'),
  fc.constantFrom('#100=#101+1.5', 'X#100', 'Y[#1*2.]', 'G10L2P1X0', '#5221=1.', 'M98P1000', 'G65P9010A1.B2'),
);
const flow = fc.constantFrom('GOTO 20', 'IF[#100GT5]GOTO 30', 'M99P20', '/M1', 'WHILE[#1LT3]DO1', 'END1');
const block = fc.oneof(
  { weight: 8, arbitrary: fc.array(word, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: flow.map((one) => [one]) },
);
/** Each word a string, so that a mutation hits a word and not what is between words. */
const program = fc.array(block, { minLength: 2, maxLength: 12 });

const write = (blocks: readonly (readonly string[])[]) =>
  `%\nO1234(PART)\n${blocks.map((words, i) => `N${10 * (i + 1)}${words.join('')}`).join('\n')}\nM30\n%\n`;

/** Each returns another program, or the same where it does not apply. */
const mutations: [string, (words: string) => string][] = [
  ['another digit', (one) => one.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))],
  ['the other sign', (one) => (one.includes('-') ? one.replace('-', '') : one.replace(/([XYZIJR])(?=[\d.])/, '$1-'))],
  ['a decimal point less', (one) => one.replace('.', '')],
  ['a decimal point elsewhere', (one) => one.replace(/(\d)\.(\d)/, '.$1$2')],
  ['another letter', (one) => one.replace(/[A-Z]/, (letter) => (letter === 'X' ? 'Y' : 'X'))],
  ['a block skip', (one) => (one.startsWith('/') ? one.slice(1) : `/${one}`)],
  ['a word more', (one) => `${one}M9`],
  ['a word less', () => ''],
  ['an operator', (one) => (one.includes('+') ? one.replace('+', '-') : one.replace('GT', 'LT').replace('*', '/'))],
  ['a letter O for a zero', (one) => one.replace('0', 'O')],
  ['a foreign letter', (one) => `${one}\xb5`],
  ['a part made a comment', (one) => `(${one})`],
];

describe('a program that does something else has another canonical digest', () => {
  it.each(mutations)('with %s', (_, mutate) => {
    fc.assert(
      fc.property(program, fc.nat(), fc.constantFrom(everything, usualRules('iso'), nothing), (blocks, pick, rules) => {
        const at = pick % blocks.length;
        const words = blocks[at] ?? [];
        const changed = words.map((one, i) => (i === (pick >> 8) % words.length ? mutate(one) : one));
        const [before, after] = [write(blocks), write(blocks.with(at, changed))];
        fc.pre(before !== after);
        expect(digest(after, rules)).not.toBe(digest(before, rules));
      }),
    );
  });

  it('with two blocks in the other order, or one of them gone', () => {
    fc.assert(
      fc.property(program, fc.nat(), (blocks, pick) => {
        const at = pick % (blocks.length - 1);
        const swapped = blocks.with(at, blocks[at + 1] ?? []).with(at + 1, blocks[at] ?? []);
        fc.pre((blocks[at] ?? []).join('') !== (blocks[at + 1] ?? []).join(''));
        expect(digest(write(swapped), everything)).not.toBe(digest(write(blocks), everything));
        expect(digest(write(blocks.toSpliced(at, 1)), everything)).not.toBe(digest(write(blocks), everything));
      }),
    );
  });

  it.each([
    ['a jump goes to another block', 'N10X1.\nN20GOTO10\n', 'N10X1.\nN20GOTO20\n'],
    ['the block that a jump goes to has its number elsewhere', 'N10X1.\nX2.\nGOTO10\n', 'X1.\nN10X2.\nGOTO10\n'],
    ['a contour of G71 ends elsewhere', 'G71P10Q20U.1\nN10X1.\nX2.\nN20X3.\n', 'G71P10Q20U.1\nN10X1.\nN20X2.\nX3.\n'],
    ['M99 returns elsewhere', 'N10X1.\nX2.\nM99P10\n', 'X1.\nN10X2.\nM99P10\n'],
    ['a computed code may be a jump', 'N10X1.\nX2.\nM#1P10\n', 'X1.\nN10X2.\nM#1P10\n'],
    ['what is behind the end has changed', 'M30\n%\nG0X1.\n', 'M30\n%\nG0X2.\n'],
    ['a blank goes between digits', 'X10\n', 'X1 0\n'],
    ['a comment does not close', 'X1.(A\nY2.)\n', 'X1.(B\nY2.)\n'],
    ['a program without a leading % has another start', 'G0X1.\n%\n', 'G0X2.\n%\n'],
    ['a variable is set before the first %', '#1=5\n%\nX#1\n%\n', '#1=6\n%\nX#1\n%\n'],
  ])('where %s', (_, before, after) => {
    expect(digest(after, everything)).not.toBe(digest(before, everything));
  });

  it('where blanks part names of a Siemens program, or a text has other blanks', () => {
    expect(digest('GOTOF END\n', usualRules('siemens'), 'siemens')).not.toBe(
      digest('GOTOFEND\n', usualRules('siemens'), 'siemens'),
    );
    const collapsed: ReadbackRules = { ...everything, blanks: 'collapsed' };
    expect(digest('T="A  1"\n', collapsed, 'siemens')).not.toBe(digest('T="A 1"\n', collapsed, 'siemens'));
  });
});

describe('a declared rewrite leaves the canonical digest as it is', () => {
  const rewrites: [string, (program: string) => string][] = [
    ['CR LF at the ends of blocks', (one) => one.replaceAll('\n', '\r\n')],
    ['LF CR CR at the ends of blocks', (one) => one.replaceAll('\n', '\n\r\r')],
    ['empty lines', (one) => one.replaceAll('\n', '\n\n')],
    ['NULs before and behind', (one) => `${'\0'.repeat(50)}\n${one}${'\0'.repeat(50)}`],
    ['DC2 before and DC4 behind', (one) => `\x12${one}\x14`],
    ['no % at the ends', (one) => one.slice(2, -2)],
    ['a leader before the first %', (one) => `FROM PUNCH\n${one}`],
    ['a blank between all words', (one) => one.replace(/(?<=[\d.])(?=[A-Z])/g, ' ')],
    ['small letters', (one) => one.toLowerCase()],
    ['no comments', (one) => one.replace(/\([^()\n]*\)/g, '')],
  ];

  it.each(rewrites)('%s', (_, rewrite) => {
    fc.assert(
      fc.property(program, (blocks) => {
        expect(digest(rewrite(write(blocks)), everything)).toBe(digest(write(blocks), everything));
      }),
    );
  });

  it('sequence numbers, where nothing refers to one', () => {
    const plain = fc.array(
      fc.array(
        word.filter((one) => !one.startsWith('M98')),
        { minLength: 1, maxLength: 4 },
      ),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(plain, (blocks) => {
        const before = write(blocks);
        expect(digest(before.replace(/^N(\d+)/gm, 'N$15'), everything)).toBe(digest(before, everything));
        expect(digest(before.replace(/^N(\d+)/gm, ''), everything)).toBe(digest(before, everything));
      }),
    );
  });

  it('but what is not declared changes it', () => {
    const before = write([
      ['X1.', 'Y2.'],
      ['G1', 'Z-1.'],
    ]);
    for (const [name, rewrite] of rewrites)
      expect(digest(rewrite(before), nothing), name).not.toBe(digest(before, nothing));
    expect(digest(before.replaceAll('N1', 'N9'), nothing)).not.toBe(digest(before, nothing));
  });
});

describe('the canonical form', () => {
  it('of a FANUC program', () => {
    const program =
      '\0\0%\r\nO1234 (BRACKET  A)\r\nN10 G0 G90 X 1.5\r\n/N20 M98 P1000\r\nDPRNT[X = #100[53]]\r\n%\r\n\0';
    expect(text(program, usualRules('iso'))).toBe(
      'O1234(BRACKET  A)\nN10G0G90X1.5\n/N20M98P1000\nDPRNT[X = #100[53]]\n',
    );
    expect(text(program, everything)).toBe('O1234\nG0G90X1.5\n/M98P1000\nDPRNT[X = #100[53]]\n');
  });

  it('of a Klartext program: its block numbers go, its comments and texts stay', () => {
    const program =
      '0  BEGIN PGM A MM\n1  L  X+10   R0 FMAX ; go  there\n2 CYCL DEF 200 DRILLING ~\nQ200=2    ;CLEARANCE ~\nEND PGM A MM\n';
    expect(text(program, usualRules('klartext'), 'klartext')).toBe(
      'BEGIN PGM A MM\nL X+10 R0 FMAX ; go  there\nCYCL DEF 200 DRILLING ~\nQ200=2 ;CLEARANCE ~\nEND PGM A MM\n',
    );
  });

  it('says what it left out, and why sequence numbers were kept', () => {
    const found = canonicalDigests(latin('%\nN10 G0 (A)\nN20 GOTO 10\n%\n'), writings.iso, everything);
    expect(found).toMatchObject({
      numbersReferredTo: true,
      leftOut: { comments: 1, frameLines: 2, sequenceNumbers: 0 },
    });
    const other = canonicalDigests(latin('%\nN10 G0 (A)\nN20 X1.\n%\n'), writings.iso, everything);
    expect(other).toMatchObject({ numbersReferredTo: false, leftOut: { sequenceNumbers: 2, blanks: 3 } });
  });

  it('is the same however the program is cut into chunks', () => {
    const long = `X1.${' '.repeat(limits.canonicalLineBytes)}Y2.`;
    fc.assert(
      fc.property(program, fc.array(fc.integer({ min: 1, max: 40 })), fc.boolean(), (blocks, cuts, withLong) => {
        const bytes = latin(
          `\0FROM PUNCH\r\n${write(withLong ? [...blocks, [long]] : blocks).replaceAll('\n', '\r\n')}`,
        );
        const form = new CanonicalForm(writings.iso, everything);
        let at = 0;
        for (const cut of cuts) {
          form.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        form.push(bytes.subarray(at));
        expect(form.end()).toEqual(canonicalDigests(bytes, writings.iso, everything));
      }),
    );
  });

  it('with nothing declared is the program itself', () => {
    const bytes = fc.array(fc.constantFrom(...'N1X (%)\r\n\0;'.split('')), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, (characters) => {
        expect(text(characters.join(''), nothing)).toBe(characters.join(''));
      }),
    );
  });

  it('takes a line that is too long as it is', () => {
    const long = `X1. ${'('.repeat(limits.canonicalLineBytes)}`;
    expect(text(`G0 X1.\n${long}\nM30`, everything)).toBe(`G0X1.\n${long}\nM30\n`);
  });
});

describe('spans', () => {
  it('of any line follow one another without a gap, in every dialect', () => {
    const line = fc.array(fc.constantFrom(...'N1/ 2;("<[DPRNT]>)~*-X\t\0\xff=#'.split('')), { maxLength: 40 });
    fc.assert(
      fc.property(line, fc.constantFrom(...Object.values(writings)), (characters, writing) => {
        const bytes = latin(characters.join(''));
        let next = 0;
        new SpanReader(writing, (_, start, end) => {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          next = end;
        }).line(bytes, 0, bytes.length);
        expect(next).toBe(bytes.length);
      }),
    );
  });
});

describe('hostile programs', () => {
  it.each([
    ['open brackets', '('],
    ['variables', '#'],
    ['bare %', '%\n'],
    ['empty blocks', '\n'],
    ['texts that do not close', 'DPRNT[\n'],
  ])('of 4 MB of %s take linear time', (_, piece) => {
    const bytes = latin(piece.repeat(4_000_000 / piece.length));
    const began = performance.now();
    canonicalDigests(bytes, writings.iso, everything);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
