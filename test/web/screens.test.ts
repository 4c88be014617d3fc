import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { greenPaper, isGreen } from '../helpers/green-paper.ts';
import { millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { lookAt, openWebStage, shownAt, visit, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let quality: Watched;
let author: Watched;
/** In force, and the one that is to take its place, which quality has yet to approve. */
let older: PackageId;
let newer: PackageId;
let controlled: PackageId;

const sample = join(import.meta.dirname, '..', '..', 'config', 'sample');
const textOf = (path: string) => readFileSync(join(sample, path));
const bracket = (revision: string, more: object = {}) => ({
  ...{
    part: 'BRKT-4471',
    revision,
    operation: '20',
    machineGroup: 'HAAS-VF',
    author: 'CAM-1',
    changeOrder: 'ECO-10291',
  },
  ...more,
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
  controlled = await floor.admitted(sidecarOf('SECRET-77', { classification: label, due: '2026-11-01' }), {
    'SECRET-77.NC': millProgram(77),
  });
});
afterAll(async () => {
  for (const { complaints } of [quality, author]) expect(complaints).toEqual([]);
  await stage.close();
});

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

  test('sees what changed by its consequence, beside the lines and the toolpath, each leading to the others', async () => {
    const { page } = quality;
    await page.getByRole('link', { name: 'BRKT-4471 rev E · op 20' }).click();
    const changes = page.getByRole('region', { name: 'Changes' });
    await changes.getByText(/The tool's path goes elsewhere by .* 0\.02 in, at line 104/).waitFor();
    const path = page.getByRole('region', { name: 'Toolpath' });
    await path.locator('canvas').waitFor();
    await page.getByLabel('Program O4471.NC', { exact: true }).getByText('(REV E  ECO-10291').waitFor();
    expect(await changes.getByText('(POCKET FLOOR Z-.88)').count()).toBe(0);
    await changes.getByRole('checkbox', { name: /comment/ }).check();
    expect(await changes.getByText('(POCKET FLOOR Z-.88)').count()).toBe(1);
    await changes.getByRole('checkbox', { name: /comment/ }).uncheck();

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await path.getByText('line 163').waitFor();
    const program = page.getByRole('textbox', { name: 'Program O4471.NC' });
    await program.locator('.kw-marked').getByText('G01 Z-.88 F20.').waitFor();
    // Lines that did not change are folded away until the tool is moved there.
    for (const segment of ['0', '40']) {
      await path.getByRole('slider').fill(segment);
      const line = Number(/^line (\d+) /.exec((await path.getByText(/^line \d/).textContent()) ?? '')?.[1]);
      const text =
        filesOf('rev-e/', 'BRKT-4471-E-OP20-SETUP.txt')['O4471.NC'].toString().split('\n')[line - 1]?.trim() ?? '';
      await program.locator('.kw-marked').getByText(text).waitFor();
    }
    expect(await path.getByText('line 163').count()).toBe(0);
    await lookAt(quality, 'package');
  });

  test('reads a setup sheet in PDF beside the program, under the label and in their own name', async () => {
    const { floor, origin } = stage;
    const files = [
      { name: 'PAPER-1.NC', role: 'main-program' },
      { name: 'SETUP.pdf', role: 'setup-sheet' },
    ];
    const papers = { 'PAPER-1.NC': millProgram(1), 'SETUP.pdf': await greenPaper() };
    const label = { jurisdiction: 'EAR', eccn: '9E991' };
    const id = await floor.admitted(sidecarOf('PAPER-1', { classification: label, files }), papers);
    const page = await quality.context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.goto(`${origin()}/app/packages/${id}`);
    const paper = page.getByRole('figure');
    await paper.getByText(/EAR 9E991.*Uncontrolled if printed · shown to .*QA-1/).waitFor();
    const seen = async () => isGreen(stage.browser, await paper.screenshot());
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
    await floor.core.http.releases.withdraw(
      { principal: { kind: 'local', account: 'keyway' }, context: { channel: 'local-socket', encrypted: true } },
      id,
      'Only looked at.',
    );
  });

  test('reads word for word what the passkey will sign, and it is what was signed', async () => {
    const { page } = quality;
    await page.keyboard.press('a');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Say which first article is needed, and why.').waitFor();
    await dialog.getByLabel('Partial').check();
    await dialog.getByLabel('Why').fill('Pocket depth only.');
    const asked = page.waitForResponse((answer) => answer.url().endsWith('/approvals/options'));
    await dialog.getByRole('button', { name: 'Show what I sign' }).click();
    const { payload } = (await (await asked).json()) as { payload: string };
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
    await dialog.getByText(statement.predicate.meaning).first().waitFor();
    expect(JSON.parse((await dialog.locator('pre').textContent()) ?? '')).toEqual(statement);
    const digest = digestOf(Buffer.from(payload, 'base64'));
    expect(await dialog.locator(`code[title="${digest}"]`).count()).toBe(1);
    await lookAt(quality, 'statement');
  });

  test('approves with it, and whoever looks on sees the release without doing anything', async () => {
    author = await stage.signIn(stage.floor.people.author, `/app/packages/${newer}`);
    await author.page.getByText('waits for approval').waitFor();
    await author.page.getByText('you hold none of these roles').first().waitFor();
    const { page } = quality;
    // A browser shows a passkey's question only in the page that people look at.
    await page.bringToFront();
    await page.getByRole('button', { name: 'Sign with passkey' }).click();
    await page.getByRole('dialog').getByText('The route is complete').waitFor();
    await author.page.getByText('released, in force').waitFor();
    expect(stage.floor.standing.openPackage(newer)).toBeUndefined();
    await page.getByRole('button', { name: 'Close' }).last().click();
  });

  test('hears of what came after the list and before its stream was open', async () => {
    const { page } = quality;
    const isListed = Promise.withResolvers<void>();
    const streams = /\/events(\?|$)/;
    await page.route(streams, async (route) => {
      await isListed.promise;
      await route.continue();
    });
    await visit(quality, '/app/programs');
    await page.reload();
    await page.getByText('BRKT-4471').first().waitFor();
    const { floor } = stage;
    await floor.admitted(sidecarOf('MEANWHILE-1'), { 'MEANWHILE-1.NC': millProgram(61) });
    isListed.resolve();
    await page.getByText('MEANWHILE-1').waitFor();
    await page.unroute(streams);
  });

  test('loses sight of what is withdrawn within a second', async () => {
    const { floor } = stage;
    const { page } = author;
    const gone = shownAt(author, 'Wrong fixture.');
    await floor.core.http.releases.withdraw(
      {
        principal: { kind: 'person', id: floor.people.engineer.person.id },
        context: { channel: 'https', encrypted: true, mfa: true },
      },
      newer,
      'Wrong fixture.',
    );
    const withdrawn = Date.now();
    expect((await gone) - withdrawn).toBeLessThan(1_000);
    await page.getByText('withdrawn', { exact: true }).waitFor();
  });
});

describe('a programmer', () => {
  test('drops files, is told what is missing, and has the deposit admitted', async () => {
    const { page } = author;
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Deposits' }).click();
    await page.locator('input[type=file]').setInputFiles([
      { name: 'O7001.NC', mimeType: 'text/plain', buffer: Buffer.from(millProgram(7001)) },
      { name: 'O7001-SETUP.txt', mimeType: 'text/plain', buffer: Buffer.from('Clamp it well.') },
    ]);
    await page.getByText('Still missing: the part, the revision').waitFor();
    for (const [label, value] of [
      ['Part', 'SPAR-12'],
      ['Revision', 'A'],
      ['Operation', '10'],
      ['Machine group', 'HAAS-VF'],
      ['Change order', 'ECO-5'],
    ] as const)
      await page.getByLabel(label).first().fill(value);
    await page.getByText('Still missing: the export classification.').waitFor();
    await page.getByLabel('EAR', { exact: true }).check();
    await page.getByLabel('ECCN').fill('nonsense');
    await lookAt(author, 'deposit-form');
    await page.getByRole('button', { name: 'Deposit', exact: true }).click();
    await page.getByRole('alert').getByText('ECCN').first().waitFor();
    await page.getByLabel('ECCN').fill('9E991');
    await page.getByRole('button', { name: 'Deposit', exact: true }).click();
    await page.getByText('Admitted: it waits for approval now.').waitFor();
    await page.getByRole('link', { name: 'Show the package, and what changed' }).click();
    await page.getByRole('heading', { name: 'SPAR-12 rev A · op 10' }).waitFor();
  });

  test('sees in place what keeps a deposit in quarantine', async () => {
    const { floor } = stage;
    const bad = '%\nO1\nG10 L2 P1 X0\nM98 P77\n#5221=1\n';
    await floor.deposit(sidecarOf('BAD-1'), { 'BAD-1.NC': bad }, floor.people.author);
    const { page } = author;
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Deposits' }).click();
    await page.getByRole('row').filter({ hasText: 'rejected' }).getByRole('link').click();
    await page.getByText('Line 4 calls O0077 (M98)').first().waitFor();
    await page.getByText('BAD-1.NC · line 3').waitFor();
    await lookAt(author, 'deposit');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Programs' }).click();
    await page.getByRole('row').getByText('BRKT-4471 · op 20').waitFor();
    await lookAt(author, 'programs');
  });
});

describe('whoever answers for a finding', () => {
  test('sees what inspection keeps back, and signs by passkey that it may stand', async () => {
    const { floor } = stage;
    const engineer = await stage.signIn(floor.people.engineer, '/app/packages?view=kept');
    const { page } = engineer;
    await page.getByText('Inspection keeps nothing back that you may see').waitFor();
    const { depositId } = await floor.deposit(
      sidecarOf('PROBE-1'),
      { 'PROBE-1.NC': '%\nO0042\nN10 G20 G90 G17\nN20 M98 P8100\nN40 M30\n%\n' },
      floor.people.author,
    );
    const row = page.getByRole('row').filter({ hasText: 'PROBE-1' });
    await row.getByText('ME · 1 finding').getByText('you').waitFor();
    await lookAt(engineer, 'kept-back');
    await row.getByRole('link', { name: 'PROBE-1 rev A · op 10' }).click();
    await page.getByText('Line 4 calls O8100').first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`/app/deposits/${depositId}`);
    await lookAt(engineer, 'deposit-kept-back');
    await page.getByRole('button', { name: 'Waive…' }).click();
    await page.getByLabel('Reason').fill('The control holds <img src=x onerror=window.stolen=4>.');
    await page.bringToFront();
    await page.getByRole('button', { name: 'Sign with passkey' }).click();
    await page.getByRole('link', { name: 'Show the package, and what changed' }).click();
    await page.getByRole('heading', { name: 'PROBE-1 rev A · op 10' }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await visit(engineer, '/app/packages?view=kept');
    await page.getByText('Inspection keeps nothing back that you may see').waitFor();
    expect(engineer.complaints).toEqual([]);
    await engineer.context.close();
  });

  test('compares any two packages of a part, and has it in the link', async () => {
    const { page } = author;
    await visit(author, `/app/packages/${older}`);
    await page.getByText('First release of this job').waitFor();
    await page.getByLabel('Compared with').selectOption(newer);
    await page.getByRole('heading', { name: 'Changed since rev E' }).waitFor();
    expect(page.url()).toContain(`against=${newer}`);
  });
});

describe('what strangers and outsiders see', () => {
  test('hostile texts stay texts, wherever they stand', async () => {
    const { floor } = stage;
    const hostile = `<img src=x onerror=window.stolen=1>`;
    const breaking = `"'></script><script>window.stolen=2</script>`;
    const program = `%\nO0099 (${hostile})\n(${breaking})\nN10 G20 G90 G17\nN20 G0 X0. Y0.\nN30 G1 X1. F20.\nN40 M30\n%\n`;
    // What no file may be called (< > " and more) does not get so far.
    const name = `SETUP '&lt;img onerror=window.stolen=3&gt;'.txt`;
    const made = await floor.deposit(
      {
        ...sidecarOf('XSS-1', { changeOrder: `${breaking}${hostile}` }),
        files: [
          { name: 'XSS-1.NC', role: 'main-program' },
          { name, role: 'setup-sheet' },
        ],
      },
      { 'XSS-1.NC': program, [name]: `${hostile}${breaking}` },
      floor.people.author,
    );
    const { page } = author;
    await page.goto(`${stage.origin()}/app/deposits/${made.depositId}`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    const id = 'packageId' in made.outcome ? made.outcome.packageId : undefined;
    expect(id).toBeDefined();
    await page.goto(`${stage.origin()}/app/packages/${id}`);
    await page.getByRole('textbox', { name: 'Program XSS-1.NC' }).getByText(hostile).waitFor();
    await page.getByText(breaking).first().waitFor();
    for (const at of [
      `/app/search?q=${encodeURIComponent(hostile)}`,
      `/app/${encodeURIComponent(breaking)}`,
      `/app/packages?part=${encodeURIComponent(hostile)}`,
    ]) {
      await page.goto(`${stage.origin()}${at}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('window.stolen')).toBeUndefined();
  });

  test('a person who is no US person finds nothing of an ITAR job: on no page, in no answer, in no file', async () => {
    const outsider = await stage.signIn(stage.floor.people.foreign, '/app/packages?view=all');
    const { page, heard, complaints } = outsider;
    await page.getByRole('link', { name: 'BRKT-4471 rev D · op 20' }).waitFor();
    for (const at of [
      `/app/packages/${controlled}`,
      '/app/programs',
      '/app/search?q=SECRET-77',
      `/app/search?q=${controlled}`,
      `/app/packages/${older}?against=${controlled}`,
    ]) {
      await page.goto(`${stage.origin()}${at}`);
      await page.getByRole('heading').first().waitFor();
    }
    await visit(outsider, `/app/packages/${controlled}`);
    await page.getByText('There is nothing here that you may see').waitFor();
    await lookAt(outsider, 'refused');
    const everything = [...heard.filter((text) => !text.startsWith('https://')), await page.content()].join('\n');
    expect(everything).toContain('BRKT-4471');
    expect(everything).not.toContain('SECRET-77.NC');
    expect(everything).not.toContain('VIII(h)","banner');
    expect(everything.replaceAll('"q":"SECRET-77"', '')).not.toMatch(/SECRET-77/);
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    await outsider.context.close();
  });

  test('a stranger gets the way in and no data', async () => {
    const stranger = await stage.stranger(`/app/packages/${older}`);
    await stranger.page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await lookAt(stranger, 'sign-in');
    expect(stranger.heard.join('\n')).not.toContain('BRKT');
    expect(stranger.complaints).toEqual([]);
    await stranger.context.close();
  });
});
