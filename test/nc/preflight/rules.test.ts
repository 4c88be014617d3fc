import { describe, expect, test } from 'vitest';
import { inspectFile, type Job } from '../../../src/nc/preflight/inspect-file.ts';
import { MachineProfile, type MachineProfile as Profile } from '../../../src/nc/profile/profile.ts';

const mill: Profile = MachineProfile.parse({
  name: 'mill',
  groups: ['MILL'],
  control: 'FANUC 31i',
  dialect: 'iso',
  flavour: 'fanuc',
  kind: 'mill',
  unit: 'millimetre',
  unitAtStart: 'millimetre',
  withoutPoint: 'smallest-step',
  smallestStep: 0.001,
  travel: { X: [-500, 0], Y: [-400, 0], Z: [-300, 0], A: [-120, 120] },
  spindle: { highest: 10_000 },
  feed: { highestPerMinute: 20_000, highestPerRevolution: 5 },
  tools: { numbers: [[1, 30]], offsets: [[1, 99]], offsetIsTool: true },
  resident: { numbers: [[9000, 9999]], names: ['PROBE.NC'] },
  encoding: { longestLine: 80, lowerCase: false, lineEnds: ['lf'] },
  names: { numbers: [[1, 7999]], longest: 12, extensions: ['.NC'] },
  writableVariables: { numbers: [[5221, 5226]] },
});

const head = ['%', 'O1 (PLATE)', 'G21 G17 G40 G80 G90', 'T1 M6'];
const program = (...lines: string[]) => [...head, ...lines, 'M30', '%'];
function found(lines: readonly string[], job: Job = { profile: mill }, name = 'O1.NC', end = '\n') {
  const { findings } = inspectFile({ name, bytes: Buffer.from(lines.join(end) + end, 'latin1') }, job);
  return findings.map(({ rule, severity, role, line }) =>
    [rule, role ? `${severity} ${role}` : severity, line ?? 0].join(' '),
  );
}
const inMill = (...lines: string[]) => found(program(...lines));

test('a program that the machine can run has no findings', () => {
  const lines = ['S10000 M3', 'G54 G0 X-500. Y-400.', 'G43 Z0. H1', 'G1 X0. F20000.', 'M98 P9001', 'G10 L20 P1 X0.'];
  expect(inMill(...lines.slice(0, 5))).toEqual([]);
  expect(inMill('G53 G0 Z-300.', 'G53 G0 Z0.', 'T30 M6', 'G0 X1. M98 P9999')).toEqual([]);
});

test('positions of two work offsets are not taken together, nor those before and behind a shift', () => {
  expect(inMill('G54 G0 X-400.', 'G55 X101.', 'G92 X-400.', 'G0 X101.')).toEqual([]);
});

describe('what the machine cannot do is held for a manufacturing engineer', () => {
  const held: [string, string[], string][] = [
    ['a position in G53 beyond its travel', ['G53 G0 Z10.'], 'travel hold manufacturing-engineer 5'],
    ['a span wider than its travel', ['G0 X-400.', 'G1 X101. F100.'], 'travel hold manufacturing-engineer 0'],
    ['a speed above its spindle', ['S10001 M3'], 'spindle-speed hold manufacturing-engineer 5'],
    ['a feed above its own', ['G1 X1. F20001.'], 'feed-rate hold manufacturing-engineer 5'],
    ['a feed above its own for a turn', ['G95', 'G1 X1. F5.1'], 'feed-rate hold manufacturing-engineer 6'],
    ['a tool that it does not have', ['T31 M6'], 'tool-unknown hold manufacturing-engineer 5'],
    ['an offset that it does not have', ['G43 Z1. H100'], 'offset-unknown hold manufacturing-engineer 5'],
    ['the offset of another tool', ['G43 Z1. H2'], 'offset-differs hold manufacturing-engineer 5'],
    ['a length without a point, which it counts in steps', ['G0 X100'], 'decimal-point hold manufacturing-engineer 5'],
    ['an arc that does not close', ['G0 X0. Y0.', 'G2 X10. Y0. I4.9 F100.'], 'arc-open hold manufacturing-engineer 6'],
    ['a word that is none', ['G1 X1. @'], 'word-unknown hold manufacturing-engineer 5'],
    ['two block skips', ['//G0 X1.'], 'block-skip-nested hold manufacturing-engineer 5'],
    ['a computed code', ['#100=1', 'G#100 X1.'], 'code-computed hold manufacturing-engineer 6'],
    ['a jump to nowhere', ['GOTO 99'], 'goto-missing hold manufacturing-engineer 5'],
    ['an endless loop', ['WHILE [1 EQ 1] DO1', 'END1'], 'loop-endless hold manufacturing-engineer 5'],
    ['data that leave the control', ['POPEN'], 'data-output hold manufacturing-engineer 5'],
    ['a program from outside', ['M198 P9001'], 'external-call hold manufacturing-engineer 5'],
    ['a second unit', ['G20'], 'units hold manufacturing-engineer 5'],
    ['a block behind a semicolon', ['G0 X1.;Y2.'], 'text-behind-semicolon hold manufacturing-engineer 5'],
  ];
  test.each(held)('%s', (_, lines, expected) => {
    expect(inMill(...lines)).toContain(expected);
  });
});

test('offset writes are held for quality, unless the profile lets programs write them', () => {
  expect(inMill('G10 L2 P1 X0.')).toEqual(['offset-write hold quality 5']);
  expect(inMill('#5241=1.')).toEqual(['system-variable hold quality 5']);
  expect(inMill('#5221=1.')).toEqual([]);
  expect(inMill('#100=1.', '#[#100+5220]=1.')).toEqual(['system-variable hold quality 6']);
});

describe('what protects the reading blocks on every machine', () => {
  const lenient: Profile = { ...mill, rules: { 'text-after-end': { verdict: 'off' }, units: { verdict: 'off' } } };
  const blocking: [string, string[], string][] = [
    ['text behind the end', [...program(), 'G0 X1.'], 'text-after-end block 7'],
    ['no end', [...head, 'G0 X1.', '%'], 'program-end-missing block 0'],
    ['a comment in a comment', program('(A (B) C)'), 'control-ambiguous block 5'],
    ['a slash inside of a block', program('G0 X1. /Y2.'), 'control-ambiguous block 5'],
    ['a control byte', program('G0 X1.\x11'), 'control-byte block 5'],
    ['a full-width X', program('G0 \xef\xbc\xb81.'), 'non-ascii-code block 5'],
    ['text that runs backwards', program('(A\xe2\x80\xaeB)'), 'invisible-character block 5'],
  ];
  test.each(blocking)('%s', (_, lines, expected) => {
    expect(found(lines, { profile: mill })).toContain(expected);
    expect(found(lines, { profile: lenient })).toContain(expected);
    expect(found(lines, {})).toContain(expected);
  });

  test('and what a machine needs every day may be switched off or be made graver', () => {
    const choose = (rules: Profile['rules']) => found(program('G20'), { profile: { ...mill, rules } });
    expect(choose({ units: { verdict: 'off' } })).toEqual([]);
    expect(choose({ units: { verdict: 'warn' } })).toEqual(['units warn 5']);
    expect(choose({ units: { verdict: 'block' } })).toEqual(['units block 5']);
    expect(choose({ units: { verdict: 'hold', role: 'quality' } })).toEqual(['units hold quality 5']);
  });
});

describe('a stock box', () => {
  const stock = { low: [0, 0, -20], high: [100, 50, 0] } as const;
  const rapids: [string, string[], number[]][] = [
    ['a plunge in rapid', ['G0 X50. Y25. Z5.', 'G0 Z-1.'], [6]],
    ['a crossing below the face', ['G0 X-10. Y25. Z-5.', 'G0 X110.'], [6]],
    ['a slanting way through a corner', ['G0 X-10. Y25. Z5.', 'G0 X20. Z-10.'], [6]],
    ['a way over the face', ['G0 X-10. Y25. Z0.', 'G0 X110.'], []],
    ['a way along a side', ['G0 X-10. Y50. Z-5.', 'G0 X110.'], []],
    ['a plunge with feed and its retract', ['G0 X50. Y25. Z5.', 'G1 Z-5. F100.', 'G0 Z5.'], []],
    ['a place that is not known', ['G91 G28 Z0.', 'G90 G0 X50. Y25.'], []],
    ['another zero', ['G92 X0. Y0. Z0.', 'G0 X50. Y25. Z-5.'], []],
  ];
  test.each(rapids)('and %s', (_, lines, expected) => {
    const said = found(program(...lines), { stock, profile: { ...mill, travel: {} } });
    expect(said).toEqual(expected.map((line) => `rapid-into-stock hold manufacturing-engineer ${line}`));
  });

  test('of Klartext stands in the program', () => {
    const lines = [
      '0 BEGIN PGM A MM',
      '1 BLK FORM 0.1 Z X+0 Y+0 Z-20',
      '2 BLK FORM 0.2 X+100 Y+50 Z+0',
      '3 L X+50 Y+25 Z+5 R0 FMAX',
      '4 L Z-5 R0 FMAX',
      '5 END PGM A MM',
    ];
    expect(found(lines, {}, 'A.H')).toEqual(['rapid-into-stock warn 5']);
  });
});

describe('the frame that a control wants', () => {
  test('has a file name that it shows', () => {
    expect(found(program(), { profile: mill }, 'BRACKET-4471.NC')).toEqual(['file-name warn 0']);
    expect(found(program(), { profile: mill }, 'O1.TXT')).toEqual(['file-name warn 0']);
  });
  test('has a number that it takes', () => {
    expect(found(['%', 'O8000', 'G21', 'M30', '%'], { profile: mill }, 'A.NC')).toEqual([
      'program-number-range hold manufacturing-engineer 0',
    ]);
  });
  test('has lines that it holds, in letters and ends that it reads', () => {
    expect(inMill(`(${'A'.repeat(80)})`)).toEqual(['line-long warn 5']);
    expect(inMill('g0 x1.')).toEqual(['lower-case warn 5']);
    expect(found(program(), { profile: mill }, 'O1.NC', '\r\n')).toEqual(['line-ends-differ warn 0']);
    expect(found(program('G0 X1.\r'))).toContain('line-ends-mixed hold manufacturing-engineer 0');
  });
  test('names its unit', () => {
    expect(found(['%', 'O1', 'G0 X1.', 'M30', '%'])).toEqual(['units hold manufacturing-engineer 0']);
  });
});

test('what a tool list names takes the place of what the machine holds', () => {
  expect(found(program('T31 M6', 'T2 M6'), { tools: [1, 31] })).toEqual(['tool-unknown warn 6']);
});

test('a program that looks like another language than the machine reads is held, however much of it can be read', () => {
  const siemens = ['N10 G0 X10. Y5.', 'N20 G1 X20. F500.', 'N30 R1=5', 'N40 CYCLE81(5,0,2,-10)', 'N50 M30'];
  expect(found(siemens, { profile: mill }, 'A.NC')).toContain('dialect-differs hold manufacturing-engineer 0');
  const mazak: Profile = { ...mill, dialect: 'mazak' };
  expect(found(program(), { profile: mazak })).toEqual([]);
});

test('a program in another language than the machine reads is held', () => {
  const lines = ['0 BEGIN PGM A MM', '1 TOOL CALL 5 Z S4000', '2 L X+10 Y+5 R0 FMAX M3', '3 END PGM A MM'];
  expect(found(lines, { profile: mill }, 'A.NC')).toContain('dialect-unrecognised hold manufacturing-engineer 0');
});
