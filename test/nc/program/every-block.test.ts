import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProgramDetails, ProgramFacts } from '../../../src/domain/findings.ts';
import { inspectFile } from '../../../src/nc/preflight/inspect-file.ts';

const folder = new URL('../../vectors/nc', import.meta.url).pathname;
const inspect = (name: string) => inspectFile({ name, bytes: readFileSync(join(folder, name)) });
const factsOf = (name: string): ProgramFacts & { details: ProgramDetails } => {
  const { facts } = inspect(name);
  if (!facts.details) throw new Error(`${name} was not recognised`);
  return { ...facts, details: facts.details };
};
const found = (name: string, ...rules: string[]) =>
  inspect(name)
    .findings.filter(({ rule }) => rules.includes(rule))
    .map(({ rule, line }) => `${rule} ${line ?? '-'}`);

test.each(readdirSync(folder).filter((name) => name.includes('.')))('every word of %s is understood', (name) => {
  expect(found(name, 'word-unknown', 'dialect-unrecognised', 'control-ambiguous')).toEqual([]);
});

describe('FANUC ISO with macro B', () => {
  test('says its tools with what the comments say about them, and the offsets of the tool in the spindle', () => {
    expect(factsOf('every-block.NC').details.tools).toEqual([
      { tool: '1', line: 6, description: 'FACE MILL D50', offsets: ['H1', 'D1'] },
      { tool: '12', line: 9, description: 'DRILL 8.5', offsets: ['H12'] },
    ]);
  });

  test('says its name, unit, offsets, cycles, calls and variables', () => {
    const { programNumber, programName, units, calls, details } = factsOf('every-block.NC');
    expect([programNumber, programName, units]).toEqual(['O4471', 'BRACKET OP20', 'inch']);
    expect(calls).toEqual(['O9810', 'O9100', 'O51002', 'O1003']);
    expect(details).toMatchObject({
      workOffsets: ['G54', 'G154 P22'],
      cycles: ['G83'],
      spindle: { lowest: 3000, highest: 3000 },
      feed: { lowest: 10, highest: 40 },
      variablesWritten: ['#1', '#2', '#<_DEPTH>', '#3'],
    });
    expect(details.variablesRead).toEqual(expect.arrayContaining(['#1', '#2', '#9', '#[…]']));
  });

  test('writes offsets, calls what is not there and sends data', () => {
    expect(found('every-block.NC', 'offset-write', 'data-output', 'system-variable')).toEqual([
      'offset-write 38',
      'system-variable 24',
      'data-output 42',
      'data-output 43',
      'data-output 44',
    ]);
  });
});

describe('Mazak EIA', () => {
  test('has the tool for the next change beside the one of this', () => {
    expect(factsOf('every-block.EIA').details.tools).toEqual([
      { tool: '1', line: 4, offsets: ['H1'] },
      { tool: '2', line: 4, description: 'MILL D10', offsets: [] },
      { tool: '2.1', line: 13, offsets: [] },
    ]);
  });
  test('calls by number and by name, hands over to the next program, and ends with that', () => {
    expect(factsOf('every-block.EIA').calls).toEqual(['O9011', 'O1001', 'HOLES', 'O9012', 'NEXT']);
    expect(found('every-block.EIA', 'program-end-missing', 'offset-write')).toEqual(['offset-write 20']);
    expect(factsOf('every-block.EIA').details.workOffsets).toEqual(['G54.1 P3']);
  });
});

describe('Okuma OSP', () => {
  test('names its file, its offsets and what it calls; G20 is a home position and no unit', () => {
    const { programName, units, calls, details } = factsOf('mill.MIN');
    expect([programName, units]).toEqual(['FLANGE.MIN', 'unstated']);
    expect(calls).toEqual(['OO88', 'O2000', 'OSUB']);
    expect(details).toMatchObject({ workOffsets: ['H1'], cycles: expect.arrayContaining(['BHC', 'LAA']) });
  });
  test('writes zero and tool offsets through its variables', () => {
    expect(found('mill.MIN', 'offset-write', 'goto-missing')).toEqual(['offset-write 32', 'offset-write 33']);
  });
  test('of a lathe is understood with its LAP cycles and live tools', () => {
    expect(inspect('lathe.MIN').findings).toEqual([]);
    expect(factsOf('lathe.MIN').details).toMatchObject({ spindle: { highest: 2500 } });
  });
});

describe('Siemens 840D', () => {
  test('calls tools by name, its own subprograms and those outside', () => {
    const { calls, details, units } = factsOf('every-block.MPF');
    expect(units).toBe('millimetre');
    expect(details.tools.map(({ tool, offsets }) => [tool, offsets])).toEqual([['CUTTER 20', ['D1']]]);
    expect(calls).toEqual(['SUB.SPF', 'SUB2', 'L100', 'SUB1']);
    expect(details.cycles).toEqual(expect.arrayContaining(['CYCLE72', 'POCKET3', 'CYCLE83', 'HOLES1', 'CYCLE800']));
  });
  test('writes frames and tool data, and variables of the control in synchronous actions', () => {
    expect(found('every-block.MPF', 'offset-write', 'system-variable', 'external-call', 'goto-missing')).toEqual([
      'offset-write 40',
      'offset-write 41',
      'system-variable 41',
      'system-variable 61',
      'external-call 43',
    ]);
  });
});

describe('Heidenhain', () => {
  test('Klartext names tools, presets, cycles and the programs that it calls', () => {
    const { programName, units, calls, tools, details } = factsOf('every-block.H');
    expect([programName, units, tools]).toEqual(['ALL', 'inch', [5]]);
    expect(calls).toEqual(['TNC:\\DIR\\SUB.H', 'A.H']);
    expect(details.tools.map(({ tool }) => tool)).toEqual(['5', 'MILL_D10']);
    expect(details.workOffsets).toEqual(['preset 1']);
    expect(details.cycles).toEqual(expect.arrayContaining(['CYCL DEF 200', 'CYCL DEF 7.1', 'TCH PROBE 410']));
  });
  test('Klartext sends, reads of the control and jumps', () => {
    expect(found('every-block.H', 'data-output', 'call-computed', 'goto-missing', 'offset-write')).toEqual([
      'offset-write 3',
      'call-computed 39',
      'data-output 43',
      'goto-missing 42',
    ]);
  });
  test('DIN/ISO has labels, cycles with parameters and calls', () => {
    const { programName, units, calls, tools, details } = factsOf('every-block.I');
    expect([programName, units, tools]).toEqual(['PLATE', 'millimetre', [5]]);
    expect(calls).toEqual(['SUB']);
    expect(details.cycles).toEqual(expect.arrayContaining(['G83', 'G200']));
    expect(found('every-block.I', 'program-end-missing', 'goto-missing', 'text-after-end')).toEqual([]);
  });
});
