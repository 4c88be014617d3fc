import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Finding, ProgramFacts } from '../../../src/domain/findings.ts';
import { inspectFile } from '../../../src/nc/preflight/inspect-file.ts';

const good = ['%', 'O4471 (BRACKET)', 'G20 G17 G40 G80 G90', 'T1 M6', 'G0 X1. Y1.', 'M30', '%'];

/** Inspects a good program with `lines` put in before its end. */
const withLines = (...lines: string[]) => inspect([...good.slice(0, 5), ...lines, ...good.slice(5)]);
function inspect(lines: string[], name = 'O4471.NC', end = '\n') {
  return inspectFile({ name, bytes: Buffer.from(lines.join(end) + end, 'latin1') });
}
const rules = (found: { findings: Finding[] }) => found.findings.map((f) => `${f.severity} ${f.rule} ${f.line ?? '-'}`);

test('a good program has no findings, and says what it is', () => {
  expect(inspect(good)).toEqual({
    facts: {
      file: 'O4471.NC',
      dialect: 'iso',
      programNumber: 'O4471',
      programName: 'BRACKET',
      lines: 7,
      tools: [1],
      calls: [],
      units: 'inch',
      details: expect.objectContaining({ dialectBecause: ['it begins with an O-number'], programs: ['O4471'] }),
    },
    findings: [],
  });
});

describe('the text of a program', () => {
  const cases: [string, string, string[]][] = [
    ['a NUL byte blocks', 'G1 X1.\0', ['block control-byte 6', 'warn word-unknown 6']],
    ['a DC3 byte blocks, in a comment too', '(PUNCHED\x13)', ['block control-byte 6']],
    ['a tab warns', 'G1\tX1.', ['warn tab 6']],
    ['a letter that only looks like an X blocks', 'G1 \xd0\xa51.', ['block non-ascii-code 6', 'warn word-unknown 6']],
    ['a letter outside ASCII in a comment warns', '(L\xc4NGE)', ['warn non-ascii-comment 6']],
    [
      'a letter outside ASCII behind a semicolon blocks, for ISO has no such comment',
      'G1 X1. ; \xc4',
      ['block non-ascii-code 6', 'warn text-behind-semicolon 6', 'warn word-unknown 6'],
    ],
    ['a line of 257 bytes warns', `(${'A'.repeat(255)})`, ['warn line-long 6']],
    ['a line of 256 bytes is fine', `(${'A'.repeat(254)})`, []],
  ];
  test.each(cases)('%s', (_, line, expected) => {
    expect(rules(withLines(line))).toEqual(expected);
  });

  test('one kind of line end is fine, whichever it is', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(inspect(good, 'O4471.NC', end).findings).toEqual([]);
      expect(inspect(good, 'O4471.NC', end).facts.lines).toBe(7);
    }
  });

  test('two kinds of line ends warn', () => {
    expect(rules(withLines('G1 X1.\r'))).toEqual(['warn line-ends-mixed -']);
  });

  test('a last line without its end warns', () => {
    const bytes = Buffer.from(good.join('\n'));
    expect(rules(inspectFile({ name: 'O4471.NC', bytes }))).toEqual(['warn line-end-missing 7']);
  });
});

describe('an ISO program', () => {
  const without = (line: string) => inspect(good.filter((l, at) => (line === '%' ? at > 0 : l !== line)));

  test('that does not begin with a percent sign warns', () => {
    expect(rules(without('%'))).toEqual(['warn percent-missing -']);
  });

  test('that does not end with a percent sign warns', () => {
    expect(rules(inspect(good.slice(0, -1)))).toEqual(['warn percent-missing -']);
  });

  test.each(['M30', 'M2', 'M02', 'M99', 'N900M30', 'm30'])('may end with %s', (end) => {
    expect(inspect([...good.slice(0, 5), end, '%']).findings).toEqual([]);
  });

  test.each(['(M30)', 'M3', 'M300', 'G0 X30.'])('that ends with %s has no end and is blocked', (end) => {
    expect(rules(inspect([...good.slice(0, 5), end, '%']))).toEqual(['block program-end-missing -']);
  });

  test.each(['G0 X1.', '%', '(TWO)', 'N10', '*'])('with %s behind its closing percent sign is blocked', (behind) => {
    expect(rules(inspect([...good, behind]))).toEqual(['block text-after-end 8']);
  });

  test('with code behind the closing percent sign on the same line is blocked', () => {
    expect(rules(inspect([...good.slice(0, 6), '% G0']))).toEqual(['block text-after-end 7']);
  });

  test('may be followed by blank lines', () => {
    expect(inspect([...good, '', '  ']).findings).toEqual([]);
  });

  test('does not count an end that stands behind the closing percent sign', () => {
    expect(rules(inspect([...good.slice(0, 5), '%', 'M30']))).toEqual([
      'block text-after-end 7',
      'block program-end-missing -',
    ]);
  });

  test('with its O-number on the line of the opening percent sign warns, for some controls skip that line', () => {
    expect(rules(inspect(['%O4471', ...good.slice(2)]))).toEqual(['warn percent-line-text 1']);
  });

  test.each(['(FACE (TOP)', '(FACE (TOP))', '(FACE', 'FACE)', 'G1 X1.) Y2.', '(A)) G1'])(
    'with the comment %s is blocked',
    (line) => {
      expect(rules(withLines(line))).toContain('block control-ambiguous 6');
    },
  );

  test('may have several comments in a line', () => {
    expect(withLines('(A) G1 (B) X1. (C)').findings).toEqual([]);
  });

  const warnings: [string, string, string[]][] = [
    ['G10 writes an offset', 'G10 L2 P1 X-10.', ['warn offset-write 6']],
    ['G10 with a leading zero', 'G010L2', ['warn offset-write 6']],
    ['G100 is another code', 'G100 X1.', []],
    ['an offset is assigned', '#5221=-10.', ['warn system-variable 6']],
    ['an offset is assigned with blanks', 'IF[#1EQ2]THEN # 5221 = 1.', ['warn system-variable 6']],
    ['a common variable is assigned', '#500=#501+1.', []],
    ['a system variable is read', '#100=#5221', []],
    ['a computed variable is assigned', '#[#1+5220]=0', ['warn system-variable 6']],
    ['DPRNT sends data', 'DPRNT[X#101[44]*Y#102[44]]', ['warn data-output 6']],
    ['POPEN opens a port', 'POPEN', ['warn data-output 6']],
    ['EXTCALL runs from outside', 'EXTCALL "DEMO"', ['warn external-call 6']],
    ['M198 runs from outside', 'M198 P1234', ['warn external-call 6']],
    ['a block can be skipped', '/G1 X1.', ['note block-skip 6']],
    ['a numbered block can be skipped', 'N10 /2 G1 X1.', ['note block-skip 6']],
    ['a division is no block skip', '#100=#101/2.', []],
    ['GOTO jumps nowhere', 'GOTO 999', ['warn goto-missing 6']],
    ['GOTO jumps to its own block', 'N50 GOTO 50', ['warn goto-backwards 6']],
    ['GOTO jumps to a computed block', 'IF[#1GT3]GOTO#2', ['warn goto-backwards 6']],
    ['a letter O stands for a zero', 'G1 X1O.', ['warn word-unknown 6', 'warn decimal-point 6']],
    ['a word is no ISO word', 'CYCLE81(5)', ['warn word-unknown 6']],
    ['a computed program is called', 'M98 P#100', ['warn call-computed 6']],
    ['a program is called by name', 'M98 <HOLES>', []],
    ['millimetres are switched on', 'G21', ['warn units 6']],
    ['another G70 is no unit', 'G70.1 G71', []],
  ];
  test.each(warnings)('%s: %s', (_, line, expected) => {
    expect(rules(withLines(line))).toEqual(expected);
  });

  test('GOTO back to an earlier block warns and names both', () => {
    expect(withLines('N100 G0 X1.', 'IF [#1 LT 5] GOTO 100').findings).toMatchObject([
      { rule: 'goto-backwards', line: 7, message: 'Line 7 jumps back to N100; check that the loop ends.' },
    ]);
  });

  test('without G20 or G21 warns, and says that its unit is unstated', () => {
    const found = without('G20 G17 G40 G80 G90');
    expect(rules(found)).toEqual(['warn units -']);
    expect(found.facts.units).toBe('unstated');
  });

  test('that returns to its caller runs in its unit, and need not state one', () => {
    const found = inspect(['%', 'O4471', 'X1. Y1.', 'M99', '%']);
    expect(found.findings).toEqual([]);
    expect(found.facts.units).toBe('unstated');
  });

  test('with G20 and G21 is mixed; G20.1 is neither', () => {
    expect(withLines('G21').facts.units).toBe('mixed');
    expect(withLines('G21.1').facts.units).toBe('inch');
  });

  test('without an O-number warns', () => {
    expect(
      rules(
        inspect(
          good.filter((line) => !line.startsWith('O')),
          'BRACKET.NC',
        ),
      ),
    ).toEqual(['warn program-number-missing -']);
  });

  test('may have a name in place of its number', () => {
    const found = inspect(['%', 'O<FLAP-TRACK>', ...good.slice(2)], 'FLAP.NC');
    expect(found.findings).toEqual([]);
    expect(found.facts).toMatchObject({ programName: 'FLAP-TRACK' });
  });

  test('may write its number with a colon', () => {
    expect(inspect(['%', ':4471', ...good.slice(2)]).facts.programNumber).toBe('O4471');
  });

  test('whose O-number differs from that of its file name warns', () => {
    expect(rules(inspect(good, 'O4472.NC'))).toEqual(['warn program-number-differs -']);
    expect(inspect(good, 'o04471.nc').findings).toEqual([]);
    expect(inspect(good, 'BRACKET-4472.NC').findings).toEqual([]);
  });

  test('lists its tools and calls once each, in their order', () => {
    const { facts } = withLines('T3 M6', 'T01', 'M98 P4472 L3', 'G65 P9810 Z.1', 'M98P4472');
    expect(facts).toMatchObject({ tools: [1, 3], calls: ['O4472', 'O9810'] });
  });

  test('that calls more programs than can be listed is blocked', () => {
    const calls = Array.from({ length: 301 }, (_, at) => `M98 P${at + 1}`);
    expect(rules(withLines(...calls))).toEqual(['block calls-too-many 306']);
  });

  test('names the first lines of a rule and counts the rest', () => {
    const { findings } = withLines(...Array.from({ length: 15 }, () => 'G10 L2 P1 X0.'));
    expect(findings).toHaveLength(11);
    expect(findings.at(-1)).toMatchObject({ rule: 'offset-write', message: 'The same in 5 more lines.' });
  });

  test('has what blocks in front, so that no cap can hide it', () => {
    const { findings } = withLines('/G10 L2 P1 X0.', 'G1 X1.\0');
    expect(findings.map((f) => f.severity)).toEqual(['block', 'warn', 'warn', 'note']);
  });
});

describe('a program in another language', () => {
  const dialects: [string, string, string[]][] = [
    [
      'klartext',
      'PLATE.H',
      ['0 BEGIN PGM PLATE MM', '1 TOOL CALL 5 Z S4000', '2 L X+10 Y+5 R0 FMAX M3', '3 END PGM PLATE MM'],
    ],
    ['klartext', 'PLATE.NC', ['BEGIN PGM PLATE MM', 'L X+10', 'END PGM PLATE MM']],
    ['heidenhain-iso', 'PLATE.NC', ['%PLATE G71 *', 'N10 G00 G40 G90 Z+100*', 'N99999999 %PLATE G71 *']],
    ['siemens', 'PLATE.MPF', ['N10 G0 X10 Y10', 'N20 G1 X20 F500', 'N30 M17']],
    ['siemens', 'PLATE.NC', ['%_N_PLATE_MPF', ';$PATH=/_N_MPF_DIR', 'N10 G0 X10', 'N20 R1=(2+(3*4))', 'M30']],
    ['okuma', 'PLATE.NC', ['$PLATE.MIN%', 'N1 G15 H1', 'N2 G0 X10', 'RTS']],
    ['okuma', 'PLATE.MIN', ['N1 G15 H1', 'G0 X10', 'M02']],
  ];
  test.each(dialects)('is read in its own: %s from %s', (dialect, name, lines) => {
    const { facts, findings } = inspect(lines, name);
    expect(findings).toEqual([]);
    expect(facts).toMatchObject({ dialect, lines: lines.length });
  });

  test('of people is judged by the rules of the text only', () => {
    const found = inspect(['THIS IS NOT A PROGRAM', 'BUT A LETTER ABOUT ONE', 'G0 X10'], 'PLATE.NC');
    expect(rules(found)).toEqual(['warn dialect-unrecognised -']);
    expect(found.facts).toEqual({
      file: 'PLATE.NC',
      dialect: 'unrecognised',
      tools: [],
      calls: [],
      units: 'unstated',
      lines: 3,
    });
  });

  test('has comments behind a semicolon, where a letter outside ASCII only warns', () => {
    const found = inspect(['N10 G0 X1 ; L\xc4NGE', 'N20 M17'], 'PLATE.MPF');
    expect(rules(found)).toEqual(['warn non-ascii-comment 1']);
  });

  test('is still blocked by a control byte', () => {
    expect(rules(inspect(['N10 G0 X1\0'], 'PLATE.MPF'))).toContain('block control-byte 1');
  });

  test('has comments that may hold an umlaut: a Klartext heading is warned about and not blocked', () => {
    const lines = ['BEGIN PGM TEST MM', '1 * - Au\xdfen schruppen', '2 L X+0 Y+0 R0 FMAX', '3 END PGM TEST MM'];
    expect(rules(inspect(lines, 'TEST.H'))).toEqual(['warn non-ascii-comment 2']);
  });
});

describe('whatever the bytes are', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '%',
      '(',
      ')',
      '\n',
      '\r',
      '\r\n',
      ' ',
      '/',
      '#',
      '=',
      '[',
      ']',
      '<',
      '>',
      ':',
      'G',
      'M98',
      'P',
      'O',
      'N1',
      'GOTO',
      '-',
      '.',
      '1',
      '99999999999',
      '\u00e9',
      '\0',
      'M30',
      'DPRNT[',
    ),
    fc.string({ maxLength: 5 }),
  );
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array({ maxLength: 200 }),
  );

  test('inspection never throws, and what it says can be recorded and shown', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const { facts, findings } = inspectFile({ name: 'ANY.NC', bytes: content });
        expect(ProgramFacts.safeParse(facts).error).toBeUndefined();
        for (const finding of findings) expect(Finding.safeParse(finding).error).toBeUndefined();
      }),
      { numRuns: 1500, seed: 4471 },
    );
  });
});
