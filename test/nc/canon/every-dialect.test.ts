import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/domain/nc.ts';
import type { ReadbackRules } from '../../../src/domain/nc-canon.ts';
import { canonicalDigests } from '../../../src/nc/canon/canonical-digests.ts';
import { usualRules } from '../../../src/nc/canon/readback-rules.ts';
import { writings } from '../../../src/nc/canon/writing.ts';

const seed = 66;
const everything: ReadbackRules = {
  blockEnds: 'any',
  blanks: 'collapsed',
  smallLetters: 'ignored',
  sequenceNumbers: 'rewritten',
  comments: 'dropped',
  frame: 'ignored',
};
const digest = (text: string, dialect: Dialect, rules: ReadbackRules) =>
  canonicalDigests(Buffer.from(text, 'latin1'), writings[dialect], rules).canonical;

/** Blocks that move, offset, change tools, feeds, speeds and M codes, call and jump, as each language writes them. */
const blocks: Partial<Record<Dialect, readonly string[]>> = {
  siemens: [
    'G1 X10.5 Y-2 F200',
    'X=IC(-R1*2) CR=12.5',
    'TRANS X10 Y=R3',
    'T="Mill 10" D1',
    'S3000 M3',
    '$P_UIFR[1,X,TR]=10.5',
    'CYCLE81(50,0,2,-10)',
    'IF R1>3 GOTOF END1',
    'REPEAT BEG P=2',
    'EXTCALL("Sub 1.SPF")',
    'X1.5EX2',
  ],
  klartext: [
    'L X+10.5 IY-2 R0 FMAX M3',
    'CR X+1 Y+2 R-5 DR+',
    'TOOL CALL "Mill 10" Z S2000 F300 DL+0.1',
    'CYCL DEF 7.1 X+60.5',
    'Q1 = Q2 * 3',
    'FN 9: IF +Q1 EQU +3 GOTO LBL 5',
    'CALL LBL 2 REP 3',
    'CALL PGM TNC:\\Sub.H',
    'PLANE SPATIAL SPA+27 SPB+0 SPC+45 STAY',
  ],
  okuma: [
    'G1 X10.5 Z-2 F.2',
    'T010203 M6',
    'VZOFX[1]=VC1+1.5',
    'CALL O100 PX=5',
    'IF [VC1 LT 4] N10',
    'G85 NLAP1 D4 U.4',
    'G15 H2',
    'S1000 M42',
  ],
  'heidenhain-iso': [
    'G01 G41 X+10.5 Y-2 F300 *',
    'T5 G17 S2000 DL+0.1 *',
    'G54 X+10 *',
    'D01 Q1 P01 +Q2 P02 +10 *',
    'L1,2 *',
    'G200 Q200=2 Q201=-20 *',
    'M3 *',
  ],
  mazak: ['G1X10.5Y-2.F200', 'T1T2M6', 'G10L2P1X-1.5', 'G68.2X0Y0Z0I0J30.K0', '#5221=1.5', 'M98P100H20', 'G65<SUB>A1.'],
  linuxcnc: ['G1 X10.5 Y#<Depth> F200', 'o<Sub 1> call [1] [2]', '#5221 = 1.5', 'T1 M6 G43', 'G10 L20 P1 X1.5'],
};

const mutations: readonly [string, (block: string) => string][] = [
  ['another digit', (one) => one.replace(/\d(?!.*\d)/, (digit) => String((Number(digit) + 1) % 10))],
  ['the other sign', (one) => (one.includes('-') ? one.replace('-', '+') : one.replace('+', '-'))],
  ['a decimal point elsewhere', (one) => one.replace(/(\d)\.(\d)/, '.$1$2')],
  ['another letter', (one) => one.replace(/[A-Z]/, (letter) => (letter === 'X' ? 'Y' : 'X'))],
  ['a block skip', (one) => `/${one}`],
  ['another block skip', (one) => `/2 ${one}`],
  ['a word more', (one) => `M9 ${one}`],
  ['nothing left', () => ''],
  ['a number in two', (one) => one.replace(/(\d)(\d)/, '$1 $2')],
  ['two blanks in a text', (one) => one.replace(/(["<][^">]*) ([^">]*[">])/, '$1  $2')],
  ['a text in capitals', (one) => one.replace(/["<][^">]*[">]/, (text) => text.toUpperCase())],
  ['its beginning on a line of its own', (one) => one.replace(' ', '\n')],
];

describe.each(Object.entries(blocks) as [Dialect, readonly string[]][])('a program of %s', (dialect, all) => {
  const numbered = (lines: readonly string[]): string =>
    lines.map((line, at) => (dialect === 'klartext' ? `${at} ${line}` : `N${at * 10 + 10} ${line}`)).join('\n');

  const applicable = mutations.filter(([, mutate]) => all.some((block) => mutate(block) !== block));
  it.each(applicable)('with %s has another canonical digest', (_, mutate) => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...all.filter((block) => mutate(block) !== block)),
        fc.nat(),
        fc.constantFrom(everything, usualRules(dialect)),
        (others, block, pick, rules) => {
          const at = pick % (others.length + 1);
          const [lines, changed] = [block, mutate(block)].map((one) => numbered(others.toSpliced(at, 0, one)));
          expect(digest(changed as string, dialect, rules)).not.toBe(digest(lines as string, dialect, rules));
        },
      ),
      { seed, numRuns: 60 },
    );
  });
});

describe('the canonical form keeps', () => {
  it.each([
    ['the program that a Haas names in brackets', 'iso', 'M98 (A.NC)\nM30\n', 'M98 (B.NC)\nM30\n'],
    [
      'the number that a jump builds from a text',
      'siemens',
      'N10 X1\nX2\nGOTOB "N"<<R1\n',
      'X1\nN10 X2\nGOTOB "N"<<R1\n',
    ],
    [
      'the empty line that ends a cycle of Klartext',
      'klartext',
      'CYCL DEF 200 ~\n\nQ201=-20\n',
      'CYCL DEF 200 ~\nQ201=-20\n',
    ],
    ['the block that a label of an Okuma names', 'okuma', 'NLAP1 G81\nX1\n', 'NLAP2 G81\nX1\n'],
  ] as const)('%s', (_, dialect, before, after) => {
    expect(digest(after, dialect, everything)).not.toBe(digest(before, dialect, everything));
  });

  it('nothing of the CR in a CR LF behind the ~ of Klartext', () => {
    const text = 'CYCL DEF 200 ~\nQ201=-20 ~\nQ206=150\n';
    expect(digest(text.replaceAll('\n', '\r\n'), 'klartext', everything)).toBe(digest(text, 'klartext', everything));
  });
});
