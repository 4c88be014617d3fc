import { describe, expect, test } from 'vitest';
import type { FileRole } from '../../../src/domain/manifest.ts';
import { inspectPackage } from '../../../src/nc/preflight/inspect-package.ts';

const program = (name: string, number: string, ...lines: string[]) => ({
  name,
  role: 'main-program' as FileRole,
  bytes: Buffer.from(['%', number, 'G20', ...lines, 'M30', '%', ''].join('\n')),
});
const sub = (name: string, number: string, ...lines: string[]) => ({
  ...program(name, number, ...lines),
  role: 'subprogram' as FileRole,
});
const blocks = (files: Parameters<typeof inspectPackage>[0]) =>
  inspectPackage(files)
    .findings.filter((f) => f.severity === 'block')
    .map((f) => f.message);

describe('a package', () => {
  test('that holds what it calls has no findings', () => {
    const found = inspectPackage([program('O4471.NC', 'O4471', 'M98 P4472'), sub('O4472.NC', 'O4472')]);
    expect(found.findings).toEqual([]);
    expect(found.facts.map((f) => f.file)).toEqual(['O4471.NC', 'O4472.NC']);
  });

  test.each([
    ['M98 P4473', 'Line 4 calls O4473 (M98), which is not in this package.'],
    ['G65 P8810 Z.1', 'Line 4 calls O8810 (G65), which is not in this package.'],
    ['M98 P12', 'Line 4 calls O0012 (M98), which is not in this package.'],
    ['M98 <HOLES>', 'Line 4 calls HOLES (M98), which is not in this package.'],
  ])('that calls a program it does not hold is blocked: %s', (line, message) => {
    expect(blocks([program('O4471.NC', 'O4471', line), sub('O4472.NC', 'O4472')])).toEqual([message]);
  });

  test("that calls a builder's macro, which stays in the control, is warned about", () => {
    const { findings } = inspectPackage([program('O4471.NC', 'O4471', 'G65 P9810 Z.1')]);
    expect(findings).toMatchObject([{ severity: 'warn', rule: 'call-outside-package', line: 4 }]);
  });

  test.each([
    ['by an O-number inside a file', 'M98 P4472', sub('HOLES.NC', 'O4472')],
    ['by the O-number of a file name', 'M98 P4472', sub('O4472.NC', 'G90')],
    ['with the repeats in front of the number', 'M98 P54472', sub('O4472.NC', 'O4472')],
    ['as the second program of one file', 'M98 P4473', sub('HOLES.NC', 'O4472', 'M99', 'O4473')],
  ])('holds a program %s', (_, line, held) => {
    expect(blocks([program('O4471.NC', 'O4471', line), held])).toEqual([]);
  });

  test('with one O-number in two files warns', () => {
    const { findings } = inspectPackage([program('A.NC', 'O4471'), sub('B.NC', 'O4471')]);
    expect(findings).toMatchObject([{ rule: 'program-number-twice', file: 'B.NC', severity: 'warn' }]);
  });

  test('is inspected in its programs only', () => {
    const sheet = {
      name: 'SETUP.txt',
      role: 'setup-sheet' as FileRole,
      bytes: Buffer.from('\0 (not ( a program\tM98 P1'),
    };
    const found = inspectPackage([program('O4471.NC', 'O4471'), sheet]);
    expect(found.findings).toEqual([]);
    expect(found.facts).toHaveLength(1);
  });

  test.each([
    ['Okuma', 'A.MIN', 'G0 X1\nCALL O1\nM2\n', 'Line 2 calls O0001 (CALL), which is not in this package.'],
    ['Siemens', 'A.MPF', 'G0 X1\nL10\nM30\n', 'Line 2 calls L10 (L), which is not in this package.'],
    [
      'Klartext',
      'A.H',
      'BEGIN PGM A MM\nCALL PGM TNC:\\SUB.H\nEND PGM A MM\n',
      'Line 2 calls TNC:\\SUB.H (CALL PGM), which is not in this package.',
    ],
  ])('in the language of %s is blocked by what it calls and does not hold', (_, name, text, message) => {
    expect(blocks([{ name, role: 'main-program', bytes: Buffer.from(text) }])).toEqual([message]);
  });

  test('puts what blocks in any of its programs first', () => {
    const found = inspectPackage([program('O4471.NC', 'O4471', 'G10 L2 P1'), sub('O4472.NC', 'O4472', 'M98 P1')]);
    expect(found.findings.map((f) => [f.severity, f.file])).toEqual([
      ['block', 'O4472.NC'],
      ['warn', 'O4471.NC'],
    ]);
  });
});
