import { describe, expect, it } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { Text } from '../../src/domain/text.ts';
import { parseSidecar } from '../../src/services/sidecar.ts';

const good = `part: 4471-A
revision: C
operation: 20
machineGroup: 5AXIS-MILL
author: ME-2
changeOrder: "CO 118: deburr edge"
classification:
  jurisdiction: ITAR
  usmlCategory: VIII(h)
  cuiMarkings: [SP-EXPT]
files:
  - name: O4471.nc
    role: main-program
  - { name: setup.pdf, role: setup-sheet }
`;
const parse = (text: string | Buffer, name = '4471.keyway.yaml') => parseSidecar(name, Buffer.from(text));
function problems(text: string | Buffer, name?: string) {
  const parsed = parse(text, name);
  if ('sidecar' in parsed) throw new Error('it was accepted');
  for (const { message, field } of parsed.problems) {
    expect(Text.safeParse(message).error).toBeUndefined();
    expect((field ?? '').length).toBeLessThanOrEqual(200);
  }
  expect(parsed.problems.length).toBeLessThanOrEqual(limits.reasonsPerRejection);
  return parsed.problems;
}
const fields = (text: string | Buffer, name?: string) =>
  problems(text, name).map(({ code, field }) => `${code} ${field}`);
const without = (key: string) => good.replace(new RegExp(`^${key}:.*\n(  .*\n)*`, 'm'), '');

describe('a good sidecar', () => {
  it('may write an ECCN without quotes, which YAML takes for infinity', () => {
    const parsed = parse(
      good.replace(/ {2}jurisdiction: ITAR\n {2}usmlCategory: .*\n/, '  jurisdiction: EAR\n  eccn: 9E991\n'),
    );
    expect(parsed).toMatchObject({ sidecar: { classification: { jurisdiction: 'EAR', eccn: '9E991' } } });
  });

  it('is read from YAML, with the operation as it was written', () => {
    expect(parse(good)).toEqual({
      sidecar: {
        part: '4471-A',
        revision: 'C',
        operation: '20',
        machineGroup: '5AXIS-MILL',
        author: 'ME-2',
        changeOrder: 'CO 118: deburr edge',
        classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] },
        files: [
          { name: 'O4471.nc', role: 'main-program' },
          { name: 'setup.pdf', role: 'setup-sheet' },
        ],
      },
    });
  });

  it('says the same in JSON, indented with tabs, with or without a byte order mark', () => {
    const parsed = parse(good);
    if (!('sidecar' in parsed)) throw new Error('not accepted');
    const json = JSON.stringify({ ...parsed.sidecar, operation: 20 }, null, '\t');
    expect(parse(json, 'a.keyway.json')).toEqual(parsed);
    expect(parse(`\ufeff${json}`, 'a.keyway.JSON')).toEqual(parsed);
    expect(parse(good.replaceAll('\n', '\r\n'), 'a.keyway.yml')).toEqual(parsed);
  });

  it.each([
    ['010', '010'],
    ['4', '4'],
    ['"1.0"', '1.0'],
    ['99999999999999999999', '99999999999999999999'],
  ])('keeps the revision %s letter for letter', (written, kept) => {
    expect(parse(good.replace('revision: C', `revision: ${written}`))).toMatchObject({ sidecar: { revision: kept } });
  });
});

describe('nothing is coerced', () => {
  it.each([
    ['revision: C', 'revision: 1.0', 'sidecar-invalid revision'],
    ['revision: C', 'revision: 0x10', 'sidecar-invalid revision'],
    ['revision: C', 'revision: true', 'sidecar-invalid revision'],
    ['part: 4471-A', 'part: 4471', 'sidecar-invalid part'],
    ['part: 4471-A', 'part: 1e3', 'sidecar-invalid part'],
    ['author: ME-2', 'author: 2', 'sidecar-invalid author'],
    ['name: O4471.nc', 'name: 4471', 'sidecar-invalid files[0].name'],
  ])('%s as %s is refused and the quotes are asked for', (from, to, expected) => {
    const found = problems(good.replace(from, to));
    expect(found.map(({ code, field }) => `${code} ${field}`)).toEqual([expected]);
    expect(found[0]?.message).toContain('in quotes');
  });
});

describe('every mistake is named by its field', () => {
  it('all at once', () => {
    const text = good
      .replace('part: 4471-A', 'part: "44/71"')
      .replace('role: setup-sheet', 'role: sheet')
      .replace('VIII(h)', 'eight')
      .replace('name: O4471.nc', 'name: ../O4471.nc')
      .concat('priority: high\n');
    expect(fields(text)).toEqual([
      'sidecar-invalid part',
      'sidecar-invalid classification.usmlCategory',
      'sidecar-invalid files[0].name',
      'sidecar-invalid files[1].role',
      'sidecar-invalid priority',
    ]);
  });

  it.each(['part', 'revision', 'operation', 'machineGroup', 'author', 'changeOrder', 'files'])(
    'a missing %s',
    (key) => {
      const found = problems(without(key));
      expect(found).toMatchObject([{ code: 'sidecar-invalid', field: key }]);
      expect(found[0]?.message).toContain('is missing');
    },
  );

  it('an ITAR job without its category, or with a field that belongs to EAR', () => {
    expect(fields(good.replace('  usmlCategory: VIII(h)\n', ''))).toEqual([
      'sidecar-invalid classification.usmlCategory',
    ]);
    expect(fields(good.replace('  usmlCategory', '  eccn: EAR99\n  usmlCategory'))).toEqual([
      'sidecar-invalid classification.eccn',
    ]);
  });

  it.each([
    ['a list', '- part', undefined],
    ['a word', 'part 4471', undefined],
    ['files that are no list', good.replace(/files:[\s\S]*/, 'files: 3\n'), 'files'],
    ['no files', good.replace(/files:[\s\S]*/, 'files: []\n'), 'files'],
    ['a file that is a word', good.replace(/files:[\s\S]*/, 'files: [O4471.nc]\n'), 'files[0]'],
    [
      'too many files',
      good.replace(
        /files:[\s\S]*/,
        `files:\n${Array.from({ length: 65 }, (_, i) => `  - {name: f${i}, role: ${i ? 'other' : 'main-program'}}`).join('\n')}`,
      ),
      'files',
    ],
    [
      'a digest in capitals',
      good.replace('role: main-program', `role: main-program\n    sha256: ${'A'.repeat(64)}`),
      'files[0].sha256',
    ],
    ['a change order of two lines', good.replace(/changeOrder:.*/, 'changeOrder: "a\\nb"'), 'changeOrder'],
    [
      'a change order that is too long',
      good.replace(/changeOrder:.*/, `changeOrder: ${'a'.repeat(121)}`),
      'changeOrder',
    ],
    ['half a surrogate pair', good.replace(/changeOrder:.*/, 'changeOrder: "\\ud83d"'), 'changeOrder'],
  ])('%s', (_what, text, field) => {
    expect(fields(text)).toEqual([`sidecar-invalid ${field}`]);
  });

  it('names more mistakes than a rejection can carry up to its limit', () => {
    const found = problems(good + Array.from({ length: 40 }, (_, i) => `extra${i}: 1\n`).join(''));
    expect(found).toHaveLength(limits.reasonsPerRejection);
  });

  it('a key that would reach into the prototype is a key like any other: unknown', () => {
    expect(fields(`${good}__proto__: { part: x }\n`)).toEqual(['sidecar-invalid __proto__']);
    expect(fields(`${good}constructor: 1\n`)).toEqual(['sidecar-invalid constructor']);
  });
});

describe('the files of one job', () => {
  it('may not have one name, however it is written', () => {
    expect(fields(good.replace('setup.pdf', 'o4471.NC'))).toEqual(['sidecar-invalid files[1].name']);
  });
  it('have exactly one main program', () => {
    expect(fields(good.replace('setup-sheet', 'main-program'))).toEqual(['sidecar-invalid files']);
    expect(fields(good.replace('main-program', 'subprogram'))).toEqual(['sidecar-invalid files']);
  });
  it.each(['other.keyway.yaml', '4471.Keyway.JSON', '4471.rejected.txt'])('never include %s', (name) => {
    expect(fields(good.replace('setup.pdf', name))).toEqual(['sidecar-invalid files[1].name']);
  });
  it('are named even when the sidecar is refused, so that a door keeps the job together', () => {
    expect(parse(without('part'))).toMatchObject({ fileNames: ['O4471.nc', 'setup.pdf'] });
    expect(parse('a: [')).toMatchObject({ fileNames: [] });
  });
});

describe('a classification that nobody has made', () => {
  const classified = (text: string) => good.replace(/classification:\n( {2}.*\n)*/, text);
  it.each([
    ['absent', '', 'classification'],
    ['null', 'classification:\n', 'classification'],
    ['blank', 'classification: "  "\n', 'classification'],
    ['an empty mapping', 'classification: {}\n', 'classification.jurisdiction'],
    ['TBD', 'classification: TBD\n', 'classification'],
    ['to be determined', 'classification: To be determined\n', 'classification'],
    ['a question mark', 'classification: "?"\n', 'classification'],
    ['a jurisdiction to be determined', 'classification: { jurisdiction: tbd }\n', 'classification.jurisdiction'],
    ['no jurisdiction', 'classification: { eccn: EAR99 }\n', 'classification.jurisdiction'],
    ['an ECCN to be determined', 'classification: { jurisdiction: EAR, eccn: T.B.D. }\n', 'classification.eccn'],
    ['a blank category', 'classification: { jurisdiction: ITAR, usmlCategory: "" }\n', 'classification.usmlCategory'],
  ])('%s', (_what, text, field) => {
    expect(fields(classified(text))).toEqual([`classification-missing ${field}`]);
  });

  it('is not the same as a wrong one, and `none` is a statement', () => {
    expect(fields(classified('classification: { jurisdiction: ear }\n'))).toEqual([
      'sidecar-invalid classification.jurisdiction',
    ]);
    expect(fields(classified('classification: none\n'))).toEqual(['sidecar-invalid classification']);
    expect(parse(classified('classification: { jurisdiction: none }\n'))).toHaveProperty('sidecar');
  });
});

describe('look-alike letters', () => {
  it.each([
    [
      'EAR99 with a Cyrillic А',
      good.replace(/ {2}jurisdiction: ITAR\n.*\n/, '  jurisdiction: EAR\n  eccn: E\u0410R99\n'),
      'classification.eccn',
      'U+0410, number 2',
    ],
    ['ITAR with a Ukrainian І', good.replace('ITAR', '\u0406TAR'), 'classification.jurisdiction', 'U+0406, number 1'],
    ['a part with a full-width digit', good.replace('4471-A', '447\uff11-A'), 'part', 'U+FF11, number 4'],
    [
      'a role with a zero-width space',
      good.replace('main-program', 'main\u200b-program'),
      'files[0].role',
      'U+200B, number 5',
    ],
  ])('%s', (_what, text, field, where) => {
    const found = problems(text);
    expect(found).toMatchObject([{ code: 'sidecar-invalid', field }]);
    expect(found[0]?.message).toContain('not plain ASCII');
    expect(found[0]?.message).toContain(where);
  });

  it('in a key', () => {
    const found = problems(good.replace('classification:', 'cl\u0430ssification:'));
    expect(found.map(({ code }) => code).sort()).toEqual(['classification-missing', 'sidecar-invalid']);
    expect(found.find(({ code }) => code === 'sidecar-invalid')?.message).toContain('U+0430');
  });
});

describe('notation that two readers could understand differently', () => {
  it.each([
    ['a key twice', `${good}part: 4472\n`, 'part'],
    [
      'a key twice in a file',
      good.replace('role: main-program', 'role: main-program\n    role: other'),
      'files[0].role',
    ],
    [
      'an alias',
      good.replace('author: ME-2', 'author: &a ME-2').replace(/changeOrder:.*/, 'changeOrder: *a'),
      'author',
    ],
    ['a tag', good.replace('operation: 20', 'operation: !!str 20'), 'operation'],
    ['a tag of our own', good.replace('operation: 20', 'operation: !op 20'), undefined],
    [
      'a merge key',
      good.replace('classification:\n', 'classification:\n  <<: { jurisdiction: none }\n'),
      'classification.<<',
    ],
    ['a second document', `${good}---\npart: x\n`, undefined],
    ['a YAML 1.1 directive', `%YAML 1.1\n---\n${good}`, undefined],
    ['a tag directive', `%TAG ! tag:example.com,2026:\n---\n${good}`, undefined],
    ['a list as key', `${good}? [a]\n: 1\n`, undefined],
    ['a tab as indentation', good.replace('  jurisdiction', '\tjurisdiction'), undefined],
    ['an empty file', '', undefined],
    ['only a comment', '# nothing yet\n', undefined],
    ['a byte that is not UTF-8', Buffer.concat([Buffer.from(good), Buffer.from([0xe9, 0x0a])]), undefined],
    ['more than a sidecar may have', `${good}# ${'x'.repeat(limits.sidecarBytes)}`, undefined],
  ])('%s is refused', (_what, text, field) => {
    const [first] = problems(text);
    expect(first).toMatchObject({ code: 'sidecar-invalid' });
    expect(first?.field).toBe(field);
  });

  it.each([
    ['a key twice', '{"part":"a","part":"b"}', 'part'],
    ['an escaped key twice', '{"part":"a","p\\u0061rt":"b"}', 'part'],
    ['a trailing comma', '{"part":"a",}', undefined],
    ['a comment', '{} # none', undefined],
    ['YAML', good, undefined],
  ])('%s is refused in JSON', (_what, text, field) => {
    expect(problems(text, 'a.keyway.json')[0]).toMatchObject(
      field ? { code: 'sidecar-invalid', field } : { code: 'sidecar-invalid' },
    );
  });

  it.each([
    ['[', 60_000],
    ['- ', 30_000],
    ['{a: ', 15_000],
    ['? ', 30_000],
    ['"', 60_000],
    ['&a ', 20_000],
    ['---\n', 15_000],
  ])('%j written over and over is refused in good time', (text, times) => {
    const start = performance.now();
    expect(problems(text.repeat(times)).length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('thousands of keys are read in good time', () => {
    const start = performance.now();
    problems(Array.from({ length: 8_000 }, (_, i) => `k${i}:`).join('\n'));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
