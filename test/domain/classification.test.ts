import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Classification,
  classificationBanner,
  distributionStatements,
  isControlled,
} from '../../src/domain/classification.ts';
import { covers, mostRestrictive } from '../../src/domain/combine-labels.ts';
import { Country } from '../../src/domain/countries.ts';
import { CuiMarkings, combineCui, readCui } from '../../src/domain/cui.ts';
import { UsmlCategory } from '../../src/domain/usml.ts';

const reads = (label: unknown) => Classification.safeParse(label).success;

describe('a label', () => {
  test.each(['VIII(h)', 'VIII(h)(1)', 'XI(a)(3)(ii)(A)', 'I(x)', 'XXI(b)', 'IV(h)(12)(iv)'])(
    'names the USML paragraph %s, which exists',
    (text) => expect(UsmlCategory.safeParse(text).success).toBe(true),
  );

  test.each([
    ['VIII', 'no paragraph'],
    ['VIII(e)', 'a reserved paragraph'],
    ['XXII(a)', 'no such category'],
    ['IIX(a)', 'no Roman number'],
    ['XVII(c)', 'past the last paragraph'],
    ['VIII(H)', 'a capital letter'],
    ['viii(h)', 'small Roman numerals'],
    ['VIII (h)', 'a space'],
    ['VIII(h)(0)', 'a paragraph zero'],
    ['\u0425I(a)', 'a Cyrillic letter'],
  ])('does not name %s: %s', (text) => expect(UsmlCategory.safeParse(text).success).toBe(false));

  test.each(['EAR99', '9E991', '9A610.x', '9E003.a.6', '0A501.y.1'])('names the ECCN %s', (eccn) =>
    expect(reads({ jurisdiction: 'EAR', eccn })).toBe(true),
  );

  test.each(['ear99', 'E\u0410R99', '9F991', '9E99', 'EAR 99', '9e991', ''])('does not name the ECCN "%s"', (eccn) =>
    expect(reads({ jurisdiction: 'EAR', eccn })).toBe(false),
  );

  test('states the strictest of its jurisdictions first, because rules ask for it', () => {
    const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
    const ear = { jurisdiction: 'EAR', eccn: '9E991' };
    expect(reads({ ...itar, also: [ear] })).toBe(true);
    expect(reads({ ...ear, also: [itar] })).toBe(false);
    expect(reads({ jurisdiction: 'none', also: [ear] })).toBe(false);
  });

  test.each([
    ['9E991', 'EAR 9E991'],
    ['EAR99', 'EAR99'],
  ])('%s is called %s over what is shown', (eccn, name) =>
    expect(classificationBanner({ jurisdiction: 'EAR', eccn })).toBe(name),
  );

  test('has a banner that says all of it', () => {
    const label = Classification.parse({
      ...{ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', also: [{ jurisdiction: 'EAR', eccn: '9A610.x' }] },
      ...{ cuiMarkings: ['SP-EXPT', 'NOFORN'], distribution: 'D' },
    });
    expect(classificationBanner(label)).toBe('CUI // SP-EXPT // NOFORN · ITAR VIII(h) + EAR 9A610.x · Distribution D');
  });
});

describe('CUI markings', () => {
  const problem = (markings: string[]) => CuiMarkings.safeParse(markings).error?.issues[0]?.message;

  test.each([
    [['SP-CTI']],
    [['PROPIN', 'SP-EXPT', 'NOFORN']],
    [['SP-CTI', 'REL TO USA, GBR, AUS']],
    [['SP-CTI', 'REL TO USA, GBR', 'DISPLAY ONLY USA, CAN']],
    [['FED ONLY']],
    [['DL ONLY', 'NOFORN']],
  ])('%j are good', (markings) => expect(problem(markings)).toBeUndefined());

  test.each([
    [['NOFORN', 'REL TO USA, GBR'], 'contradicts itself: NOFORN and REL TO USA, GBR'],
    [['DISPLAY ONLY USA, GBR', 'NOFORN'], 'contradicts itself: NOFORN and DISPLAY ONLY USA, GBR'],
    [['FED ONLY', 'FEDCON'], 'contradicts itself: FED ONLY and FEDCON'],
    [['FEDCON', 'NOCON'], 'contradicts itself: NOCON and FEDCON'],
    [['REL TO USA, GBR', 'REL TO USA, CAN'], 'has two lists of countries of one kind'],
    [['NOFORN', 'NOFORN'], 'says NOFORN twice'],
  ])('%j contradict', (markings, message) => expect(problem(markings)).toContain(message));

  test.each([
    ['REL TO GBR'],
    ['REL TO USA, XXX'],
    ['REL TO USA,GBR'],
    ['REL TO USA'],
    ['SP-NOSUCH'],
    ['noforn'],
    ['FOUO'],
  ])('%s is none', (marking) => expect(problem([marking])).toContain('must be a category of the CUI Registry'));

  test('are read as who may have what', () => {
    const meaning = readCui(['SP-CTI', 'REL TO USA, GBR', 'DISPLAY ONLY USA, CAN']);
    expect([...(meaning.foreign ?? [])]).toEqual([
      ['GB', 'release'],
      ['CA', 'display'],
    ]);
    expect(readCui(['SP-CTI']).foreign).toBeUndefined();
    expect(readCui(['NOFORN']).foreign?.size).toBe(0);
  });

  test.each([
    [['REL TO USA, GBR, CAN'], ['REL TO USA, CAN, AUS'], ['REL TO USA, CAN']],
    [['REL TO USA, GBR'], ['REL TO USA, CAN'], ['NOFORN']],
    [['REL TO USA, GBR'], ['DISPLAY ONLY USA, GBR'], ['DISPLAY ONLY USA, GBR']],
    [['REL TO USA, GBR'], ['SP-CTI'], ['REL TO USA, GBR', 'SP-CTI']],
    [['NOFORN'], ['REL TO USA, GBR'], ['NOFORN']],
    [['FEDCON'], ['NOCON'], ['FED ONLY']],
  ])('%j and %j together leave %j', (one, other, both) => expect(combineCui(one, other)).toEqual(both));
});

const control = fc.constantFrom(
  { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' },
  { jurisdiction: 'ITAR', usmlCategory: 'XI(c)' },
  { jurisdiction: 'EAR', eccn: '9E991' },
  { jurisdiction: 'EAR', eccn: '9A610.x' },
  { jurisdiction: 'EAR', eccn: 'EAR99' },
  { jurisdiction: 'none' },
);
const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const anyLabel = fc
  .record({
    control,
    cuiMarkings: some(
      fc.constantFrom(['SP-CTI'], ['NOFORN'], ['REL TO USA, GBR, CAN'], ['REL TO USA, CAN'], ['SP-EXPT', 'FEDCON']),
    ),
    distribution: some(fc.constantFrom(...distributionStatements)),
    owner: some(fc.constantFrom('Airframer', 'Engine maker')),
    authorizations: some(fc.constantFrom(['TAA-1'], ['TAA-1', 'DSP-5'])),
    reviewBy: some(fc.constantFrom('2027-01-31', '2028-06-30')),
  })
  .map(({ control, ...rest }) => {
    const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return Classification.parse({ ...control, ...said });
  });

describe('the label of a package', () => {
  test('is that of its files where they agree, as it was written', () => {
    const label = Classification.parse({ jurisdiction: 'EAR', eccn: '9E991', cuiMarkings: ['SP-EXPT', 'PROPIN'] });
    expect(mostRestrictive(label, { ...label })).toBe(label);
  });

  test('keeps what neither file outdoes', () => {
    const label = mostRestrictive(
      { jurisdiction: 'EAR', eccn: 'EAR99', distribution: 'B' },
      { jurisdiction: 'EAR', eccn: '9A610.x', distribution: 'D', owner: 'Airframer', reviewBy: '2028-01-01' },
      { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-CTI'], reviewBy: '2027-01-01' },
    );
    expect(label).toEqual({
      ...{ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', also: [{ jurisdiction: 'EAR', eccn: '9A610.x' }] },
      ...{ cuiMarkings: ['SP-CTI'], distribution: 'E', owner: 'Airframer', reviewBy: '2027-01-01' },
    });
  });

  test('keeps an authorisation only where it holds for every controlled file', () => {
    const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } as const;
    const first = { ...itar, authorizations: ['TAA-1', 'TAA-2'] };
    expect(mostRestrictive(first, { ...itar, authorizations: ['TAA-2'] })).toMatchObject({ authorizations: ['TAA-2'] });
    expect(mostRestrictive(first, itar)).not.toHaveProperty('authorizations');
    expect(mostRestrictive(first, { jurisdiction: 'none' })).toMatchObject({ authorizations: ['TAA-1', 'TAA-2'] });
  });

  test('is the same in whatever order and grouping the files come, covers each, and can be read again', () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        const all = mostRestrictive(a, b, c);
        const normal = mostRestrictive(all, a);
        expect(mostRestrictive(c, a, b)).toEqual(all);
        expect(mostRestrictive(mostRestrictive(a, b), c)).toEqual(mostRestrictive(a, mostRestrictive(b, c)));
        for (const label of [a, b, c]) expect(covers(normal, label)).toBe(true);
        expect(isControlled(all)).toBe([a, b, c].some(isControlled));
        expect(reads(all)).toBe(true);
      }),
      { numRuns: 300, seed: 4471 },
    );
  });
});

test.each(['XX', 'UK', 'EU', 'us', 'ZZ', ''])('"%s" is the code of no country', (code) =>
  expect(Country.safeParse(code).success).toBe(false),
);
