import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Dialect } from '../../../src/domain/nc.ts';
import { type ChangeClass, changeClasses, Difference } from '../../../src/domain/nc-difference.ts';
import { compareRevisions } from '../../../src/nc/compare/difference.ts';
import { pathJudge } from '../../../src/nc/compare/path-comparison.ts';
import { pathOf } from '../../../src/nc/path/path-of.ts';
import { seeded } from '../../helpers/seeded.ts';

fc.configureGlobal({ seed: 6 });

function difference(before: string, after: string, dialect: Dialect = 'iso'): Difference {
  const revision = (name: string, text: string) => ({
    name,
    bytes: Buffer.from(text, 'latin1'),
    dialect,
    descriptions: new Map<string, string>(),
  });
  return Difference.parse(compareRevisions(revision('old', before), revision('new', after)));
}

const classesIn = ({ counts }: Difference): ChangeClass[] => changeClasses.filter((one) => counts[one] > 0);

/** A program with three tools, whose blocks are all different. */
const program = (tools: readonly number[], feed = 20) =>
  [
    '%',
    'O1000(PART)',
    'G20',
    'G0G17G40G49G80G90',
    ...tools.flatMap((tool) => [
      `T${tool}M6`,
      `G0G90G54X${tool}.Y0.S1000M3`,
      `G43H${tool}Z.1M8`,
      `G1Z-.${tool}F${feed}.`,
      `X${tool}.5Y${tool}.25`,
      `X${tool}.75Y${tool}.`,
      'G0Z.1',
      'M5',
      'G91G28Z0.M9',
      'M01',
    ]),
    'M30',
    '%',
    '',
  ].join('\n');

const numbered = (text: string, step: number) =>
  text
    .split('\n')
    .map((line, i) => (/^[GXYZTM#]/.test(line) ? `N${step * (i + 1)}${line}` : line))
    .join('\n');

describe('one changed block has the class of its consequence', () => {
  const cases: [string, string, string, ChangeClass[]][] = [
    ['a comment', 'G1X1.(ROUGH)', 'G1X1.(FINISH)', ['comment']],
    ['a sequence number', 'N10G1X1.', 'N20G1X1.', ['numbering']],
    ['blanks', 'G1X1.', 'G1 X1.', ['format']],
    ['zeros and a plus', 'G01X1.50', 'G1X+1.5', ['format']],
    ['the order of words', 'G1X1.Y2.', 'G1Y2.X1.', ['format']],
    ['a feed', 'G1X1.F20.', 'G1X1.F30.', ['feed-speed']],
    ['a speed', 'S1000M3', 'S2000M3', ['feed-speed']],
    ['a dwell', 'G4P100', 'G4P200', ['feed-speed']],
    ['a tool', 'T1M6', 'T2M6', ['tool']],
    ['a length offset', 'G43H1Z1.', 'G43H2Z1.', ['offset']],
    ['a work offset', 'G54', 'G55', ['offset']],
    ['a written offset', 'G10L2P1X0.', 'G10L2P1X.1', ['offset']],
    ['a written offset variable', '#5221=1.', '#5221=2.', ['offset']],
    ['a unit', 'G20', 'G21', ['modal']],
    ['absolute and incremental', 'G90', 'G91', ['modal']],
    ['a rotation', 'G68X0Y0R10.', 'G68X0Y0R20.', ['geometry']],
    ['a position', 'G1X1.', 'G1X1.001', ['geometry']],
    ['a lost decimal point', 'G1X1.', 'G1X1', ['geometry']],
    ['rapid for feed', 'G1X1.', 'G0X1.', ['geometry']],
    ['a position and a feed', 'G1X1.F20.', 'G1X2.F30.', ['feed-speed', 'geometry']],
    ['coolant', 'M8', 'M7', ['m-code']],
    ['a block skip', 'M8', '/M8', ['flow']],
    ['a called program', 'M98P1000', 'M98P2000', ['flow']],
    ['how often it is called', 'M98P1000L2', 'M98P1000L3', ['flow']],
    ['a condition', 'IF[#100GT5]GOTO10', 'IF[#100LT5]GOTO10', ['flow']],
    ['a jump', 'GOTO10', 'GOTO20', ['flow']],
    ['an argument of a macro', 'G65P9010A1.', 'G65P9010A2.', ['unknown']],
    ['something that nobody knows', 'G1X1.', 'G1X1.\xb5', ['unknown']],
    ['a comment that does not close', 'G1X1.', 'G1X1.(', ['unknown']],
    ['a variable that nothing here reads', '#900=1.', '#900=2.', ['unknown']],
  ];

  it.each(cases)('%s', (_, before, after, classes) => {
    const found = difference(
      `%\nO1\nM8\n${before}\nN10M9\nN20M5\nM30\n%\n`,
      `%\nO1\nM8\n${after}\nN10M9\nN20M5\nM30\n%\n`,
    );
    expect(classesIn(found)).toEqual(classes);
    expect(found.verdict).toBe(
      classes.every((one) => ['comment', 'numbering', 'format'].includes(one)) ? 'harmless' : 'changed',
    );
  });

  it.each<[string, string, ChangeClass]>([
    ['a feed', 'G1X1.F#1', 'feed-speed'],
    ['a position', 'G1X#1', 'geometry'],
    ['a position, by another variable', '#2=#1*2.\nG1X#2', 'geometry'],
    ['a feed and a jump', 'G1X1.F#1\nIF[#1GT5]GOTO10', 'flow'],
  ])('a variable has the class of what it steers: %s', (_, use, expected) => {
    const with1 = (value: number) => `O1\n#1=${value}.\n${use}\nN10M9\nM30\n`;
    expect(classesIn(difference(with1(4), with1(6)))).toEqual([expected]);
  });

  it('a longer difference shows the words that changed', () => {
    const { hunks } = difference('O1\nG1X1.F20.\nM30\n', 'O1\nG1X2.F20.\nM30\n');
    expect(hunks).toMatchObject([
      {
        kind: 'changed',
        class: 'geometry',
        before: { from: 2, to: 2 },
        after: { from: 2, to: 2 },
        shown: [{ changes: [{ class: 'geometry', what: 'position X', before: 'X1.', after: 'X2.' }] }],
      },
    ]);
  });
});

describe('a renumbered program', () => {
  it('matches block by block, and one change in it is found', () => {
    const found = difference(
      numbered(program([1, 2, 3]), 10),
      numbered(program([1, 2, 3]).replace('X2.5Y', 'X2.6Y'), 5),
    );
    expect(found).toMatchObject({
      resequenced: true,
      counts: { geometry: 1 },
      blocks: { changed: 1, added: 0, removed: 0 },
    });
    expect(found.hunks).toHaveLength(1);
    expect(found.sentences.join(' ')).toMatch(
      /What T2 cuts changed: geometry.*No geometry changed for T1 and T3.*Resequenced/,
    );
  });

  it('still jumps to the same blocks, or the difference says that it does not', () => {
    const before = 'O1\nN10X1.\nN20X2.\nN30GOTO10\nM30\n';
    const right = 'O1\nN100X1.\nN200X2.\nN300GOTO100\nM30\n';
    const wrong = 'O1\nN100X1.\nN200X2.\nN300GOTO200\nM30\n';
    const stale = 'O1\nX1.\nN10X2.\nN30GOTO10\nM30\n';
    expect(classesIn(difference(before, right))).toEqual(['numbering']);
    expect(classesIn(difference(before, wrong))).toEqual(['numbering', 'flow']);
    expect(classesIn(difference(before, stale))).toEqual(['numbering', 'flow']);
    const computed = (number: number) => `O1\nN${number}X1.\nGOTO#1\nM30\n`;
    expect(classesIn(difference(computed(10), computed(20)))).toEqual(['numbering', 'flow']);
  });
});

describe('tools', () => {
  it('whose work cuts at another place of the order are found, the same inside or not', () => {
    const same = difference(numbered(program([1, 2, 3]), 10), numbered(program([3, 1, 2]), 10));
    expect(same.tools).toMatchObject({
      reordered: true,
      added: [],
      removed: [],
      orderBefore: ['T1', 'T2', 'T3'],
      orderAfter: ['T3', 'T1', 'T2'],
    });
    expect(same.tools.sections).toMatchObject([
      { tool: 'T3', moved: true, state: 'same' },
      { tool: 'T1', moved: false },
      { tool: 'T2', moved: false },
    ]);
    expect(same.sentences.join(' ')).toMatch(/No geometry changed.*T3 cuts at another place \(the same inside\)/);
    expect(same.hunks).toMatchObject([{ kind: 'moved', blocks: 10, classes: [] }]);
    expect(same.impact.proposal).toBe('partial');

    const changed = difference(program([1, 2, 3]), program([3, 1, 2]).replace('Z-.3F20.', 'Z-.3F30.'));
    expect(changed.tools.sections[0]).toMatchObject({
      tool: 'T3',
      moved: true,
      state: 'changed',
      classes: ['feed-speed'],
    });
  });

  it('in the reverse order are all found', () => {
    const found = difference(program([1, 2, 3, 4, 5]), program([5, 4, 3, 2, 1]));
    expect(found.blocks).toMatchObject({ added: 0, removed: 0, changed: 0 });
    expect(found.tools.sections.filter(({ moved }) => moved)).toHaveLength(4);
  });

  it('that come and go are said', () => {
    const found = difference(program([1, 2, 3]), program([1, 3, 4]));
    expect(found.tools).toMatchObject({ added: ['T4'], removed: ['T2'], reordered: false });
    expect(found.tools.sections).toMatchObject([
      { tool: 'T1' },
      { tool: 'T3' },
      { tool: 'T4', state: 'added' },
      { tool: 'T2', state: 'removed' },
    ]);
  });

  it('that do what another one did are said', () => {
    const found = difference(program([1, 2]), program([1, 2]).replace('T2M6', 'T9M6'));
    expect(found.tools.sections[1]).toMatchObject({ tool: 'T9', toolBefore: 'T2', classes: ['tool'] });
    expect(found.sentences.join(' ')).toContain('T9 does now what T2 did.');
  });
});

describe('the draft for the first article', () => {
  const base = program([1, 2]);
  it.each([
    ['never says that none is needed, even for equal bytes', base, 'none-found', /No trigger found.*quality decides/],
    [
      'of a comment',
      base.replace('PART', 'PART REV B'),
      'none-found',
      /No trigger found.*event that AS9102 names; quality decides/,
    ],
    ['of one position', base.replace('X2.5Y', 'X2.6Y'), 'partial', /partial first article.*Quality decides/],
    ['of a feed', base.replace('Z-.1F20.', 'Z-.1F30.'), 'partial', /partial first article/],
    ['of a unit', base.replace('G20', 'G21'), 'full', /full first article.*Quality decides/],
    ['of a jump', base.replace('M30', 'GOTO 10'), 'full', /full first article/],
    ['of what nobody knows', base.replace('M8', 'M8\xb5'), 'full', /full first article/],
  ])('%s', (_, after, proposal, statement) => {
    const { impact } = difference(base, after);
    expect(impact).toMatchObject({ proposal, decidedBy: 'quality' });
    expect(impact.statement).toMatch(statement);
  });

  it('names the tools whose characteristics are touched, and why', () => {
    const { impact } = difference(base, base.replace('X2.5Y', 'X2.6Y'));
    expect(impact.touched).toMatchObject([{ tool: 'T2', classes: ['geometry'], lines: { from: 15, to: 26 } }]);
    expect(impact.reasons).toMatchObject([{ class: 'geometry', blocks: 1, tools: ['T2'] }]);
  });
});

describe('what does something else is never called harmless', () => {
  const word: fc.Arbitrary<string> = fc.constantFrom(
    'X1.5',
    'Y-2.',
    'Z.1',
    'F20.',
    'S900',
    'G1',
    'G0',
    'G90',
    'G54',
    'T3',
    'M6',
    'M8',
    'H1',
    'D2',
    '#100=5.',
    'X#100',
    'M98P1000',
    'GOTO10',
    '/M1',
    'G65P9010A1.',
  );
  const blocks = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 15 });
  const write = (all: readonly (readonly string[])[]) =>
    `%\nO1\n${all.map((words, i) => `N${i + 1}0${words.join('')}`).join('\n')}\nM30\n%\n`;

  it.each<[string, (text: string) => string]>([
    ['another digit in a word', (one) => one.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))],
    ['a lost point', (one) => one.replace('.', '')],
    ['a lost sign', (one) => one.replace('-', '')],
    ['another letter', (one) => one.replace(/[A-Z]/, (letter) => (letter === 'X' ? 'Y' : 'X'))],
    ['a word more', (one) => `${one}M9`],
    ['a word less', () => ''],
    ['a letter O for a zero', (one) => one.replace('0', 'O')],
  ])('%s', (_, mutate) => {
    fc.assert(
      fc.property(blocks, fc.nat(), (all, pick) => {
        const at = pick % all.length;
        const words = all[at] ?? [];
        const mutated = words.map((one, i) => (i === (pick >> 8) % words.length ? mutate(one) : one));
        fc.pre(mutated.join('') !== words.join(''));
        // The same word twice says the same once.
        fc.pre(new Set(words).size === words.length);
        expect(difference(write(all), write(all.with(at, mutated))).verdict).toBe('changed');
      }),
    );
  });

  it('two blocks in the other order', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (all, pick) => {
        const at = pick % (all.length - 1);
        fc.pre((all[at] ?? []).join('') !== (all[at + 1] ?? []).join(''));
        const swapped = all.with(at, all[at + 1] ?? []).with(at + 1, all[at] ?? []);
        expect(difference(write(all), write(swapped)).verdict).toBe('changed');
      }),
    );
  });

  it('but renumbering, blanks and comments are', () => {
    const quiet = blocks.map((all) => all.map((words) => words.filter((one) => !/GOTO|M98|G65|#/.test(one))));
    fc.assert(
      fc.property(quiet, (all) => {
        const before = write(all);
        const after = before.replace(/^N(\d+)/gm, 'N$15 ').replace('O1\n', 'O1 (NEW)\n');
        expect(difference(before, after).verdict).toBe('harmless');
      }),
    );
  });
});

describe('hostile revisions', () => {
  const random = seeded(6);
  it.each<[string, string, string]>([
    ['1 MB of open brackets', '('.repeat(1_000_000), `${'('.repeat(999_999)}[`],
    ['1 MB of #', '#'.repeat(1_000_000), '#'.repeat(999_999)],
    ['a line of 2 MB', 'X1.'.repeat(700_000), 'X2.'.repeat(700_000)],
    ['100,000 equal blocks, and 100,000 other ones', 'M8\n'.repeat(100_000), 'M9\n'.repeat(100_000)],
    ['100,000 tools in the other order', tools((i) => i), tools((i) => 100_000 - i)],
    ['100,000 jumps', '#1=GOTO10\nGOTO10\n'.repeat(50_000), '#1=GOTO20\nGOTO20\n'.repeat(50_000)],
    ['random bytes', noise(), noise()],
    ['nothing, and something', '', 'G1X1.\n'],
  ])('%s cost linear time', (_, before, after) => {
    const began = process.cpuUsage();
    const found = difference(before, after);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(4_000);
    expect(found.verdict).toBe('changed');
  });

  function tools(number: (i: number) => number): string {
    return Array.from({ length: 100_000 }, (_, i) => `T${number(i)}M6\n`).join('');
  }
  function noise(): string {
    return Buffer.from(Uint8Array.from({ length: 300_000 }, () => random() * 256)).toString('latin1');
  }
});

describe('how far the path goes elsewhere', () => {
  const base = program([1, 2]);
  const measured = (after: string): Difference => {
    const revision = (text: string) => ({
      name: 'P',
      bytes: Buffer.from(text),
      dialect: 'iso' as const,
      descriptions: new Map(),
    });
    const [older, newer] = [revision(base), revision(after)];
    return Difference.parse(compareRevisions(older, newer, pathJudge(pathOf(older), pathOf(newer))));
  };

  it('is measured, with its line and tool, in the unit of the program', () => {
    const { path } = measured(base.replace('X2.5Y2.25', 'X2.5Y2.37'));
    expect(path).toMatchObject({
      state: 'differs',
      unit: 'inch',
      beforeLine: 19,
      afterLine: 19,
      tool: 'T2',
      atLeast: false,
    });
    expect(path.state === 'differs' ? path.largest : 0).toBeCloseTo(0.12, 6);
  });

  it('is found where a mode changes the meaning of blocks that are written as before', () => {
    expect(measured(base.replace('G20', 'G21')).path).toMatchObject({ state: 'differs' });
    expect(measured(base.replace('G0G90G54X2.', 'G0G91G54X2.')).path.state).not.toBe('same');
  });

  it('is measured for a block put in between', () => {
    const { path } = measured(base.replace('X2.5Y2.25', 'X2.5Y2.25\nX2.5Y2.75'));
    expect(path.state === 'differs' ? path.largest : 0).toBeCloseTo(0.5, 2);
  });

  it('is none where a block only went another way to the same points', () => {
    expect(measured(base.replaceAll('F20.', 'F30.')).path).toMatchObject({ state: 'same' });
  });

  it('is not known where a program is called that is not there, and never none', () => {
    const path = measured(base.replace('M30', 'M98P999\nM30')).path;
    expect(path).toMatchObject({ state: 'not-known' });
  });
});

describe('the NIST plates, four revisions of one part', () => {
  const nist = new URL('../../../../shared/nist/nc/', import.meta.url);
  if (!existsSync(nist)) {
    test.skip('the NIST programs are not on this machine, so that none was compared', () => {});
    return;
  }
  const plate = (number: number) => readFileSync(new URL(`NIST_MTC_CRADA_PLATE-${number}.NC`, nist));
  const compare = (before: number, after: number) => {
    const revision = (number: number) => ({
      name: `PLATE-${number}`,
      bytes: plate(number),
      dialect: 'iso' as const,
      descriptions: new Map(),
    });
    const [older, newer] = [revision(before), revision(after)];
    return Difference.parse(compareRevisions(older, newer, pathJudge(pathOf(older), pathOf(newer))));
  };

  test('1 to 2: resequenced, T7 cuts first now, other feeds, and no geometry changed', () => {
    const found = compare(1, 2);
    expect(found).toMatchObject({
      verdict: 'changed',
      resequenced: true,
      path: { state: 'same' },
      tools: { reordered: true, added: [], removed: [] },
    });
    expect(found.counts).toMatchObject({
      'feed-speed': 7,
      geometry: 0,
      modal: 0,
      offset: 0,
      tool: 0,
      'm-code': 0,
      flow: 0,
      unknown: 0,
    });
    expect(found.tools.sections.filter(({ moved }) => moved)).toMatchObject([
      { tool: 'T7', classes: ['feed-speed'], changedBlocks: 1 },
    ]);
    expect(found.sentences[0]).toMatch(/^No geometry changed/);
    expect(found.impact).toMatchObject({ proposal: 'partial', decidedBy: 'quality' });
  });

  test('2 to 3: feeds of all seven tools, and nothing else', () => {
    const found = compare(2, 3);
    expect(classesIn(found)).toEqual(['comment', 'feed-speed']);
    expect(found).toMatchObject({ resequenced: false, path: { state: 'same' }, tools: { reordered: false } });
    expect(found.cycleTime).toMatchObject({ state: 'estimated' });
  });

  test('3 to 4: four tools gone, T5 cuts less, and no geometry changed for the two others', () => {
    const found = compare(3, 4);
    expect(found.tools).toMatchObject({ removed: ['T7', 'T15', 'T3', 'T4'], added: [], reordered: false });
    expect(found.sentences).toContain('No geometry changed for T1 and T23.');
    expect(found.path).toMatchObject({ state: 'differs', unit: 'inch', tool: 'T5' });
  });
});

describe('the sample job', () => {
  test('from revision D to E changed a depth and a feed, and the difference says which tools', () => {
    const read = (path: string) => readFileSync(new URL(`../../../config/sample/${path}`, import.meta.url), 'latin1');
    const found = difference(read('O4471.NC'), read('rev-e/O4471.NC'));
    expect(classesIn(found)).toEqual(['comment', 'feed-speed', 'geometry']);
    expect(found.tools.sections.filter(({ state }) => state === 'changed').map(({ tool }) => tool)).toEqual([
      'T2',
      'T3',
    ]);
  });
});
