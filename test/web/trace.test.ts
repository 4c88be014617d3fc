import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { EntryView } from '../../src/edges/http/contract/ledger.ts';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { openProof } from '../../src/merkle/proof.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { deliveredTo, millProgram, sentBackBy, sidecarOf } from '../helpers/screens-floor.ts';
import { lookAt, lookAtFailure, openWebStage, visit, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let quality: Watched;
let controlled: string;

const newKey = () => newSshKeyPair().public.trim().split(' ').slice(0, 2).join(' ');
const hostile = `"><img src=x onerror=alert(1)>{{7*7}}`;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  const job = (revision: string) =>
    sidecarOf('BRKT-4471', { revision, classification: { jurisdiction: 'EAR', eccn: '9E991' } });
  const program = (feed: number) => ({ 'BRKT-4471.NC': millProgram(4471, feed) });
  const first = await floor.release(await floor.admitted(job('C'), program(20)));
  await deliveredTo(floor, first, 'HAAS-VF-07', 'BRKT-4471.NC');
  await sentBackBy(floor, 'HAAS-VF-07', 'BRKT-4471.NC', millProgram(4471, 25).replace('X1.', 'X1.5'));
  for (const [workOrder, serials] of [
    ['WO-88120', ['0417', '0418']],
    [hostile, [hostile]],
  ] as const) {
    const run = { releaseId: first, machineId: 'HAAS-VF-07', workOrder, serials, operator: 'OP-11' };
    await floor.ask(floor.people.operator, 'POST', '/runs', { ...run, startedAt: '2026-11-12T14:03:00.000Z' });
  }
  await floor.release(await floor.admitted(job('D'), program(35)));
  await cutAndChanged('SHAFT-9', 'HAAS-VF-07', 'HAAS-VF');
  const secret = sidecarOf('SECRET-77', { classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } });
  controlled = await floor.release(await floor.admitted(secret, { 'SECRET-77.NC': millProgram(77) }));
  const mill = floor.standing.machine('HAAS-VF-07')?.machine as Machine;
  await floor.change({
    kind: 'machine.register',
    machine: { ...mill, id: 'HAAS-VF-09' as MachineId, sshKeys: [newKey()] },
  });
  await deliveredTo(floor, controlled, 'HAAS-VF-09', 'SECRET-77.NC');
  const cut = {
    releaseId: controlled,
    machineId: 'HAAS-VF-09',
    workOrder: 'WO-SECRET',
    serials: ['SN-SECRET'],
    operator: 'OP-11',
  };
  await floor.ask(floor.people.operator, 'POST', '/runs', { ...cut, startedAt: '2026-11-12T15:03:00.000Z' });
  quality = await stage.signIn(floor.people.quality, '/app/trace');
});
/** Delivered, and sent back with a hole that is elsewhere. */
async function cutAndChanged(part: string, machine: string, machineGroup: string): Promise<void> {
  const { floor } = stage;
  const name = `${part}.NC`;
  const program = (x: number) =>
    `%\nO0009\nN10 G20 G90 G17\nN20 G0 X0. Y0. Z1.\nN30 G1 Z-.5 F10.\nN40 X1. Y1.\nN50 G0 Z1.\nN60 X${x}.\nN70 M30\n%\n`;
  const packageId = await floor.admitted(sidecarOf(part, { machineGroup }), { [name]: program(2) });
  await deliveredTo(floor, await floor.release(packageId), machine, name);
  await sentBackBy(floor, machine, name, program(3));
}
const askFor = async (question: string): Promise<void> => {
  await visit(quality, `/app/trace?${question}`);
  await quality.page.getByRole('heading', { name: 'Timeline' }).waitFor();
};

afterEach(({ task }) => lookAtFailure(quality, task));
afterAll(() => stage.close());

test('from a serial quality sees the release, the runs, the timeline and what else is exposed', async () => {
  const { page } = quality;
  await page.getByText('Start from what you have in hand').waitFor();
  await page.getByLabel('What you have in hand').fill('0417');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('HAAS-VF-07 cut 0417, 0418 for work order WO-88120').waitFor();
  await page.getByText('3 serials · 1 machine').waitFor();
  const control = page.getByRole('region', { name: 'Difference at the control' });
  await control.getByText('1 move, 1 feed or speed').waitFor();
  await lookAt(quality, 'trace');
  await control.getByRole('button', { name: 'open' }).click();
  const opened = page.getByRole('region', { name: 'What HAAS-VF-07 changed' });
  await opened.getByRole('heading', { name: 'Changed at HAAS-VF-07' }).waitFor();
  await opened.getByText('N30 G1 X1. F20.').first().waitFor();
  await opened.getByRole('region', { name: 'Program' }).getByText('N30 G1 X1.5 F25.').waitFor();
  await lookAt(quality, 'trace-control');
  await page.getByRole('link', { name: hostile }).first().click();
  await page.getByRole('heading', { name: `Serial ${hostile}` }).waitFor();
  await page.getByLabel('Search by').selectOption('part');
  await page.getByLabel('What you have in hand').fill('BRKT-4471');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('cell', { name: 'superseded' }).waitFor();
});

const openAtControl = async (part: string, machine: string) => {
  await askFor(`part=${part}`);
  const { page } = quality;
  await page.getByRole('region', { name: 'Difference at the control' }).getByRole('button', { name: 'open' }).click();
  return page.getByRole('region', { name: `What ${machine} changed` });
};

test('both paths of what a control changed stand over one another, each line leading to its move and back', async () => {
  const opened = await openAtControl('SHAFT-9', 'HAAS-VF-07');
  const path = opened.getByRole('region', { name: 'Toolpath' });
  await path.locator('canvas[data-drawn]').waitFor();
  for (const key of ['Before', 'Changed', 'Now']) await path.getByText(key, { exact: true }).waitFor();
  await path.getByText('X 3.0000  Y 1.0000  Z 1.0000 in').waitFor();
  const scrub = path.getByRole('slider', { name: 'How far the tool has come' });
  await scrub.fill('2');
  await path.getByText('line 6 ·').waitFor();
  const change = opened.getByRole('button', { name: /X2.*X3/ });
  expect(await change.getAttribute('aria-current')).toBe('false');
  await change.click();
  await path.getByText('line 8 ·').waitFor();
  await scrub.fill('1');
  await path.getByText('line 5 ·').waitFor();
  await scrub.fill('4');
  await expect.poll(() => change.getAttribute('aria-current')).toBe('true');
  await lookAt(quality, 'trace-control-path');
});

test('where no path can be drawn of what a control changed the page says so, and what to do', async () => {
  const { page } = quality;
  const path = async (part: string, machine: string) =>
    (await openAtControl(part, machine)).getByRole('region', { name: 'Toolpath' });
  const [part, machine] = ['LEVER-3', 'OLD-MILL-1'];
  const { floor } = stage;
  const mill = floor.standing.machine('HAAS-VF-07')?.machine as Machine;
  const old = { id: machine as MachineId, groups: ['OLD-MILL' as GroupId], sshKeys: [newKey()] };
  await floor.change({ kind: 'machine.register', machine: { ...mill, ...old } });
  await cutAndChanged(part, machine, 'OLD-MILL');
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  await (await path(part, machine)).getByText('No path is drawn, because the two could not be compared').waitFor();
  await lookAt(quality, 'trace-control-no-path');
  expect(asked.filter((url) => url.includes('/toolpath/'))).toEqual([]);

  const detail = 'This program could not be computed here in its time; look at its text.';
  const problem = { type: 'about:blank', title: 'Too large', status: 413, code: 'too-large', detail };
  const refused = { status: 413, contentType: 'application/problem+json', body: JSON.stringify(problem) };
  await page.reload();
  await quality.context.route('**/toolpath/delivered', (route) => route.fulfill(refused));
  const panel = await path('SHAFT-9', 'HAAS-VF-07');
  await panel.getByText(detail).waitFor();
  expect(await panel.locator('canvas').count()).toBe(0);
  await quality.context.unroute('**/toolpath/delivered');
});

test('the difference of any two of a part stands in the view that approvers have, and in the link', async () => {
  const { page } = quality;
  await askFor('part=BRKT-4471');
  const compare = page.getByRole('region', { name: 'Difference of any two' });
  const choose = async (label: string, revision: string) => {
    const option = compare
      .getByLabel(label)
      .locator('option')
      .filter({ hasText: `rev ${revision}` });
    await compare.getByLabel(label).selectOption(await option.innerText());
  };
  await choose('What was', 'C');
  await choose('What came', 'D');
  await compare.getByRole('heading', { name: 'Changed since rev C' }).waitFor();
  await compare.getByRole('button', { name: /F20.*F35/ }).waitFor();
  const path = compare.getByRole('region', { name: 'Toolpath' });
  await path.getByText('never says where Z is').waitFor();
  await path.getByText('X 1.0000  Y 0.0000  Z ? in').waitFor();
  await lookAt(quality, 'trace-difference');
  await choose('What was', 'D');
  await choose('What came', 'C');
  await compare.getByRole('button', { name: /F35.*F20/ }).waitFor();
  await page.reload();
  await compare.getByRole('heading', { name: 'Changed since rev D' }).waitFor();
});

test('the browser proves an entry by itself, with the keys of the gateway or with a trust file from elsewhere', async () => {
  const { page } = quality;
  await askFor('part=BRKT-4471');
  await page
    .getByRole('button', { name: /Prove entry/ })
    .last()
    .click();
  await page.getByText('Proven here').waitFor();
  for (const said of [/Both keys of the ledger signed the tree/, /The leaf is in the tree/, /make the commitment/])
    await page.getByText(said).waitFor();
  await lookAt(quality, 'trace-proof');
  const chooser = page.getByLabel(/Check with a trust file/);
  const file = { name: 'trust.json', mimeType: 'application/json' };
  await chooser.setInputFiles({ ...file, buffer: canonicalJson(stage.floor.keys.trust.file) });
  await page.getByText('from the trust file that you chose').waitFor();
  await page.getByText('Proven here').waitFor();
  await chooser.setInputFiles({ ...file, buffer: Buffer.from('{"root":{}}') });
  await page.getByText('This is not a trust file.').waitFor();
});

test('an answer that was tampered with on the way is shown as broken, whatever was changed', async () => {
  const { page, context } = quality;
  await askFor('part=BRKT-4471');
  const change = (text = '') => `${text.slice(0, 8)}${text[8] === 'A' ? 'B' : 'A'}${text.slice(9)}`;
  const tampered: ((entry: EntryView) => EntryView)[] = [
    ({ proven, ...rest }) => ({ ...rest, proven: { ...proven, body: change(proven.body) } }),
    ({ proven, ...rest }) => ({ ...rest, proven: { ...proven, proof: proven.proof.map(change) } }),
    (entry) => ({ ...entry, checkpoint: entry.checkpoint.replace(/\n(\d+)\n/, '\n9$1\n') }),
  ];
  for (const [at, tamper] of tampered.entries()) {
    await context.route('**/ledger/entries/*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: tamper((await answer.json()) as EntryView) });
    });
    await page
      .getByRole('button', { name: /Prove entry/ })
      .nth(at)
      .click();
    await page.getByText('BROKEN: do not rely on this entry').waitFor();
    expect(await page.getByText('Proven here').count()).toBe(0);
    if (at === 1) await lookAt(quality, 'trace-broken');
    await context.unroute('**/ledger/entries/*');
  }
});

test('a freeze is placed with its reason and seen beside the release, and a pack of evidence is taken away', async () => {
  const { page } = quality;
  await askFor('part=BRKT-4471');
  await page.getByRole('button', { name: 'Freeze…' }).click();
  await page.getByLabel('Reason').fill(`Part out of tolerance ${hostile}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Freeze' }).click();
  await page.getByText('frozen by QA-1').first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Evidence pack…' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('evidence-BRKT-4471.zip');
  requireWhole(await download.path());
});

/** Of other people's programs: unzip and sha256sum; and by the keys of the trust file alone that its entries are in the ledger. */
function requireWhole(zip: string): void {
  const { folder } = stage.floor;
  const pack = join(folder, 'pack');
  execFileSync('unzip', ['-q', zip, '-d', pack]);
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: pack });
  const { origin, ledgerVerifiers: verifiers } = stage.floor.keys.trust;
  const proofs = readdirSync(join(pack, 'proofs'));
  expect(proofs.length).toBeGreaterThan(10);
  for (const name of proofs) {
    const leaf = readFileSync(join(pack, 'leaves', name.replace('.tlog-proof', '.json')));
    openProof(readFileSync(join(pack, 'proofs', name)), { leafHash: leafHash(leaf), origin, verifiers, required: 2 });
  }
}

test('whoever may not see the release learns nothing from the trace, and no rule of the browser was broken', async () => {
  const foreign = await stage.signIn(stage.floor.people.foreign, '/app/trace?part=NOT-THERE');
  await foreign.page.getByText('Nothing leads from there').waitFor();
  for (const question of ['part=SECRET-77', 'serial=SN-SECRET', 'workOrder=WO-SECRET', `release=${controlled}`]) {
    await visit(foreign, `/app/trace?${question}`);
    await foreign.page.getByText('Nothing leads from there').waitFor();
    expect(await foreign.page.getByRole('button', { name: /Freeze|Evidence/ }).count()).toBe(0);
  }
  await visit(foreign, '/app/trace?machine=HAAS-VF-09');
  await foreign.page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await foreign.context.close();
  const answers = foreign.heard.filter((text) => text.startsWith('{')).join('\n');
  expect(answers).toContain('HAAS-VF-09');
  expect(answers).not.toMatch(/SECRET|VIII/);
  expect(foreign.complaints).toEqual([]);
  expect(quality.complaints).toEqual([]);
});
