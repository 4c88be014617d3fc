import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import { millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { lookAt, openWebStage, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let quality: Watched;
/** In force, and the one that is to take its place, which quality has yet to approve. */
let older: PackageId;
let newer: PackageId;

const sample = join(import.meta.dirname, '..', '..', 'config', 'sample');
const textOf = (path: string) => readFileSync(join(sample, path));
const bracket = (revision: string, due: object = {}) => ({
  ...{
    part: 'BRKT-4471',
    revision,
    operation: '20',
    machineGroup: 'HAAS-VF',
    author: 'CAM-1',
    changeOrder: 'ECO-10291',
  },
  ...due,
  classification: { jurisdiction: 'EAR', eccn: '9E991' },
  files: [
    { name: 'O4471.NC', role: 'main-program' },
    { name: 'O4472.NC', role: 'subprogram' },
    { name: 'SETUP.txt', role: 'setup-sheet' },
  ],
});
const filesOf = (folder: string, setup: string) => ({
  'O4471.NC': textOf(`${folder}O4471.NC`),
  'O4472.NC': textOf(`${folder}O4472.NC`),
  'SETUP.txt': textOf(`${folder}${setup}`),
});

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  older = await floor.admitted(bracket('D'), filesOf('', 'BRKT-4471-D-OP20-SETUP.txt'));
  await floor.release(older);
  newer = await floor.admitted(bracket('E', { due: '2026-11-27' }), filesOf('rev-e/', 'BRKT-4471-E-OP20-SETUP.txt'));
  await floor.approve(floor.people.engineer, 'manufacturing-engineer', newer);
  const label = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] };
  await floor.admitted(sidecarOf('SECRET-77', { classification: label, due: '2026-11-01' }), {
    'SECRET-77.NC': millProgram(77),
  });
});
afterAll(() => stage.close());

describe('an approver', () => {
  test('signs in by passkey and finds what waits, the most urgent first', async () => {
    quality = await stage.signIn(stage.floor.people.quality, '/app/packages?view=waiting');
    const { page } = quality;
    await page.getByRole('link', { name: 'BRKT-4471 rev E · op 20' }).waitFor();
    const parts = await page.getByRole('row').getByRole('link').allTextContents();
    expect(parts).toEqual(['SECRET-77 rev A · op 10', 'BRKT-4471 rev E · op 20']);
    expect(await page.getByLabel('Classification of what is on screen').textContent()).toContain('ITAR VIII(h)');
    await lookAt(quality, 'queue');
  });

  test('sees what changed by its consequence, beside the lines and the toolpath', async () => {
    const { page } = quality;
    await page.getByRole('link', { name: 'BRKT-4471 rev E · op 20' }).click();
    const changes = page.getByRole('region', { name: 'Changes' });
    await changes.getByText("The tool's path goes elsewhere by at least 0.02 in").waitFor();
    await page.getByRole('region', { name: 'Toolpath' }).locator('canvas').waitFor();
    await page
      .getByRole('textbox', { name: 'Program O4471.NC' })
      .or(page.locator('[aria-label="Program O4471.NC"]'))
      .first()
      .waitFor();
    expect(await changes.getByRole('listitem').filter({ hasText: 'geometry' }).count()).toBeGreaterThan(1);
    await changes.getByRole('checkbox', { name: /comment/ }).check();
    expect(await changes.getByText('(POCKET FLOOR Z-.88)').count()).toBe(1);
    await changes.getByRole('checkbox', { name: /comment/ }).uncheck();
    await lookAt(quality, 'package');
  });
});
