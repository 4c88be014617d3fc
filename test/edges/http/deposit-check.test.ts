import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Classification, classificationBanner } from '../../../src/domain/classification.ts';
import { Country } from '../../../src/domain/countries.ts';
import { CuiMarkings } from '../../../src/domain/cui.ts';
import { UsmlCategory } from '../../../src/domain/usml.ts';
import { DepositChecked } from '../../../src/edges/http/contract/deposits.ts';
import { Vocabulary } from '../../../src/edges/http/contract/vocabulary.ts';
import {
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';

let floor: ScreensFloor;
let outsider: Known;
const itar = Classification.parse({ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] });

beforeAll(async () => {
  floor = await openScreensFloor();
  outsider = await floor.enrol('CAM-FR', ['programmer'], false);
  await floor.admitted(sidecarOf('KNOWN-1'), { 'KNOWN-1.NC': millProgram(1) });
  await floor.admitted(sidecarOf('SECRET-1', { classification: itar }), { 'SECRET-1.NC': millProgram(2) });
});
afterAll(() => floor.close());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ask = (sidecar: object | string, over: object = {}, who: Known = floor.people.author) =>
  floor.ask(who, 'POST', '/deposits/check', {
    fileName: 'job.keyway.json',
    sidecar: base64(typeof sidecar === 'string' ? sidecar : JSON.stringify(sidecar)),
    ...over,
  });
const checked = async (...args: Parameters<typeof ask>) => DepositChecked.parse((await ask(...args)).json());

describe('a deposit that is only looked at', () => {
  test('that has all it needs is good, and leaves nothing behind', async () => {
    const size = floor.core.ledger.size;
    const files = ['NEW-1.NC'];
    expect(await checked(sidecarOf('NEW-1', { classification: itar }), { files })).toEqual({
      ...{ good: true, problems: [], missing: [], unlisted: [] },
      banner: classificationBanner(itar),
    });
    expect(floor.core.ledger.size).toBe(size);
  });

  test('names each field that is wrong or not said, as the deposit itself would', async () => {
    const { classification: _, ...said } = sidecarOf('bad part');
    const { good, problems } = await checked({ ...said, operation: '' });
    expect(good).toBe(false);
    expect(problems.map(({ code, field }) => [code, field])).toEqual(
      expect.arrayContaining([
        ['sidecar-invalid', 'part'],
        ['sidecar-invalid', 'operation'],
        ['classification-missing', 'classification'],
      ]),
    );
  });

  test('is told which files are listed and not there, and the other way round', async () => {
    expect(await checked(sidecarOf('NEW-1'), { files: ['OTHER.NC'] })).toMatchObject({
      ...{ good: false, problems: [], missing: ['NEW-1.NC'], unlisted: ['OTHER.NC'] },
    });
  });

  test.each<[string, object, string, string]>([
    ['for machines that nobody knows', { machineGroup: 'NOWHERE' }, 'group-unknown', 'machineGroup'],
    ['by an author who is not enrolled', { author: 'CAM-99' }, 'forbidden', 'author'],
    ['of somebody else', { author: 'ME-2' }, 'forbidden', 'author'],
  ])('%s is told so', async (_, over, code, field) => {
    const { good, problems } = await checked(sidecarOf('NEW-1', over));
    expect(good).toBe(false);
    expect(problems).toContainEqual(expect.objectContaining({ code, field }));
  });

  test('of a part whose label was stricter is told so, but not whoever may not see that part', async () => {
    const lowered = sidecarOf('SECRET-1', { revision: 'B' });
    const [problem] = (await checked(lowered)).problems;
    expect(problem).toMatchObject({ code: 'classification-conflict', message: expect.stringContaining('VIII(h)') });
    const answer = await checked({ ...lowered, author: 'CAM-FR' }, {}, outsider);
    expect(answer).toEqual(await checked({ ...sidecarOf('NEVER-SEEN'), author: 'CAM-FR' }, {}, outsider));
    expect(answer.good).toBe(true);
  });

  test('of a revision that another submitted is told so', async () => {
    const { problems } = await checked({ ...sidecarOf('KNOWN-1'), author: 'CAM-FR' }, {}, outsider);
    expect(problems).toMatchObject([{ code: 'revision-taken', field: 'revision' }]);
  });

  test.each<[string, Parameters<typeof ask>[0], object]>([
    ['a name that is no sidecar’s', sidecarOf('NEW-1'), { fileName: 'job.json' }],
    ['a name with a folder', sidecarOf('NEW-1'), { fileName: '../job.keyway.json' }],
    ['what is no base64', sidecarOf('NEW-1'), { sidecar: '<script>' }],
    ['too much', 'x'.repeat(65 * 1024), {}],
    ['names of files that are none', sidecarOf('NEW-1'), { files: ['../O1.NC'] }],
    ['too many files', sidecarOf('NEW-1'), { files: Array.from({ length: 65 }, (_, at) => `${at}.NC`) }],
    ['something else', sidecarOf('NEW-1'), { depositor: 'QA-1' }],
  ])('is not read with %s', async (_, sidecar, over) => {
    expect((await ask(sidecar, over)).json()).toMatchObject({ status: 400, code: 'request-invalid' });
  });

  test('that is hostile text is answered with text', async () => {
    const hostile = '"><img src=x onerror=alert(1)>';
    for (const text of ['', 'null', '[]', '{"a":1,"a":2}', hostile, '&a [*a]']) {
      const { good, problems } = await checked(text);
      expect([good, problems.length > 0]).toEqual([false, true]);
    }
    const { problems } = await checked(sidecarOf('NEW-1', { part: hostile }));
    expect(problems).toMatchObject([{ field: 'part' }]);
  });
});

test('the vocabulary offers exactly what inputs take', async () => {
  const words = Vocabulary.parse((await floor.ask(floor.people.author, 'GET', '/vocabulary')).json());
  for (const { category, paragraphs } of words.usml)
    for (const letter of paragraphs) UsmlCategory.parse(`${category}(${letter})`);
  for (const marking of words.cui.categories) CuiMarkings.parse([marking]);
  for (const control of words.cui.controls)
    expect(
      CuiMarkings.safeParse([
        'SP-EXPT',
        control.startsWith('REL') || control.startsWith('DISPLAY') ? `${control}, GBR` : control,
      ]).success,
    ).toBe(true);
  for (const code of words.countries) Country.parse(code);
  expect(words.roles).toContain('export-compliance');
});
