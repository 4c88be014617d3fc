import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { fingerprintOf } from '../../src/domain/fingerprint.ts';
import type { MachineId, ReleaseId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Sender } from '../../src/domain/sending.ts';
import { sequencedEntries } from '../../src/ledger/open.ts';
import { Burst } from '../../src/web/pages/operator/burst.ts';
import { readTraveller } from '../../src/web/pages/operator/traveller.ts';
import { deliveredTo, millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import {
  lookAt,
  lookAtFailure,
  openWebStage,
  pressByKey,
  scan,
  shownAt,
  tooSmall,
  visit,
  type Watched,
  type WebStage,
} from '../helpers/web-stage.ts';

let stage: WebStage;
let operator: Watched;
let bracket: ReleaseId;
let housing: ReleaseId;

/** Texts that would be markup, script or another line on a careless page. */
const hostile = `"><img src=x onerror=alert(1)>'{{7*7}}`;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  const file = (name: string, role: string) => ({ name, role });
  const label = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] };
  const papers = { 'SETUP.txt': `T1 first ${hostile}\nG54: corner of the fixture\n` };
  const job = sidecarOf('BRKT-4471', {
    ...{ revision: 'D', operation: '20', classification: label, changeOrder: hostile },
    files: [file('O4471.NC', 'main-program'), file('SETUP.txt', 'setup-sheet')],
  });
  bracket = (await floor.release(await floor.admitted(job, { 'O4471.NC': millProgram(4471), ...papers }))) as ReleaseId;
  const other = sidecarOf('HSG-0098');
  housing = (await floor.release(await floor.admitted(other, { 'HSG-0098.NC': millProgram(98) }))) as ReleaseId;
  const mill = floor.standing.machine('HAAS-VF-07')?.machine as Machine;
  const { sshKeys, ...facts } = mill;
  const server = {
    kind: 'sftp' as const,
    host: 'vf-08.example',
    port: 22,
    user: 'keyway',
    folder: '/current',
    secret: 'vf-08',
  };
  const push = { ...server, hostKey: sshKeys[0] as string, onRelease: false };
  await floor.change({
    kind: 'machine.register',
    machine: { ...facts, id: 'HAAS-VF-08' as MachineId, channel: 'push', sshKeys: [], push },
  });
  floor.core.sending.sendBy('push', slowSender());
  operator = await stage.signIn(floor.people.operator, '/app/m/HAAS-VF-08');
});
afterEach(({ task }) => lookAtFailure(operator, task));
afterAll(() => stage.close());

/** A door that opens the file as a push does, and brings it there when it is told. */
let arrive: () => Promise<void> = async () => {};
const slowSender = (): Sender => ({
  async send({ sendingId, machine, path }, onProgress) {
    const shelf = stage.floor.core.behind.shelves.through('sftp-push');
    const { deliveryId, size } = await shelf.open(machine, path, sendingId);
    onProgress({ sendingId, state: 'sending', bytes: 10 });
    arrive = async () => {
      await shelf.finish({ deliveryId, bytes: size, complete: true });
      onProgress({ sendingId, state: 'completed', bytes: size });
    };
    return { deliveryId, size };
  },
});

const at = async (path: string, shows: string): Promise<void> => {
  await visit(operator, `/app${path}`);
  await operator.page.getByText(shows, { exact: true }).waitFor();
};

/** How many orders to send something the ledger holds from this entry on. */
async function ordersSince(size: number): Promise<number> {
  await stage.floor.commit();
  const entries = [...sequencedEntries(stage.floor.reader, size, stage.floor.reader.size())];
  return entries.filter(({ event }) => event.type === 'sending.requested').length;
}

test('a scanner is told from fingers by its speed, and a traveller is read in any order', () => {
  const burst = new Burst();
  const typed = (text: string, gap: number) => [...text].map((key, at) => burst.press(key, 10_000 + at * gap)).at(-1);
  typed('BRKT', 20);
  expect(burst.press('Enter', 10_070)).toEqual({ code: 'BRKT', isInside: true });
  typed('BRKT', 200);
  expect(burst.press('Enter', 10_700)).toEqual({ isInside: false });
  const job = { part: 'BRKT-4471', revision: 'D', operation: '20' } as Parameters<typeof readTraveller>[1][number];
  expect(readTraveller('88120|brkt-4471|D|20', [job])).toMatchObject({ found: 'job', workOrder: '88120' });
  expect(readTraveller('OP=20;REV=D;PN=BRKT-4471', [job])).toEqual({ found: 'job', job });
  expect(readTraveller('88120|BRKT-4471|C|20', [job])).toMatchObject({ found: 'other-revision' });
  expect(readTraveller('88120|BRKT-4471|D|30', [job])).toEqual({ found: 'nothing' });
  expect(readTraveller('BRKT-447', [job])).toEqual({ found: 'nothing' });
});

test('an operator whose link leads to a machine signs in and is there, at one page and no other', async () => {
  const { page } = operator;
  await page.getByRole('heading', { name: 'Scan the traveller' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/app/m/HAAS-VF-08');
  expect(await page.getByRole('navigation').count()).toBe(0);
  await lookAt(operator, 'machine-scan');
  expect(await tooSmall(operator)).toEqual([]);
  await page.getByRole('link', { name: 'Another machine' }).click();
  await page
    .getByRole('link', { name: /HAAS-VF-08/ })
    .getByText('last time')
    .waitFor();
  await lookAt(operator, 'floor');
  expect(await tooSmall(operator)).toEqual([]);
});

test('a traveller of another revision, or of no job here, is refused by a whole card', async () => {
  await at('/m/HAAS-VF-08', 'Scan the traveller');
  const { page } = operator;
  await scan(operator, '88120|BRKT-4471|C|20');
  await page.getByRole('alert').getByText('Of BRKT-4471 revision D is released').waitFor();
  await lookAt(operator, 'machine-refused');
  expect(await tooSmall(operator)).toEqual([]);
  // The scanner's own Enter does not press the button that has the focus.
  await scan(operator, '88120|WING-1|A|10');
  await page.getByRole('button', { name: 'Understood' }).press('Enter');
  await scan(operator, `88120|${hostile}|10`);
  await page.getByText('names nothing that is released for it now').waitFor();
  await page.getByRole('button', { name: 'Understood' }).click();
});

test('the one right program is sent by keys alone, with progress, and its papers are at hand', async () => {
  await at('/m/HAAS-VF-08', 'Scan the traveller');
  const { page } = operator;
  await scan(operator, 'WO-88120|BRKT-4471|D|20');
  await page.getByRole('heading', { name: /BRKT-4471/ }).waitFor();
  expect(await page.getByLabel('Classification of what is on screen').textContent()).toContain('ITAR VIII(h)');
  await page.getByText('the control shows O4471, 7 blocks').waitFor();
  const digest = stage.floor.standing.release(bracket)?.manifest.files[0]?.digest as Digest;
  await page.getByText(fingerprintOf(digest), { exact: true }).waitFor();
  await pressByKey(operator, /^SEND TO MACHINE/);
  await page.getByText('10 of').waitFor();
  expect(await page.getByRole('button', { name: 'SEND TO MACHINE' }).isDisabled()).toBe(true);
  await lookAt(operator, 'machine-sending');
  expect(await tooSmall(operator)).toEqual([]);
  await arrive();
  await page.getByText('The machine took it').waitFor();
  await pressByKey(operator, /^SETUP.txt/);
  await page.getByText('G54: corner of the fixture').waitFor();
  expect(await tooSmall(operator)).toEqual([]);
  await pressByKey(operator, /^Close/);
  await page.getByText('G54: corner of the fixture').waitFor({ state: 'detached' });
});

test('serials are scanned, survive a lost connection and a reload, and are recorded once', async () => {
  await at(`/m/HAAS-VF-08?release=${bracket}`, 'What was made');
  const { page, context } = operator;
  await page.getByLabel('Work order').fill('WO-88120');
  await page.getByRole('heading', { name: 'What was made' }).click();
  for (const serial of ['0417', '0418', '0417']) await scan(operator, serial);
  await page.getByText('0417 is in the list already').waitFor();
  await page.getByLabel('Serial', { exact: true }).fill(hostile);
  await page.getByRole('button', { name: 'Add' }).click();
  // The first try arrives, and its answer gets lost on the way back.
  let tries = 0;
  await context.route('**/runs', async (route) => {
    tries += 1;
    if (tries === 1) await route.fetch();
    if (tries <= 2) await route.abort('connectionfailed');
    else await route.continue();
  });
  await pressByKey(operator, /^Record 3 parts/);
  await page.getByText('1 run is kept here and not recorded yet').waitFor();
  await page.reload();
  await page.getByText('3 parts are recorded').waitFor();
  await context.unroute('**/runs');
  const { floor } = stage;
  const { runs } = (await floor.ask(floor.people.quality, 'GET', '/runs?workOrder=WO-88120')).json<{
    runs: object[];
  }>();
  expect(runs).toMatchObject([{ serials: [hostile, '0417', '0418'].sort(), operator: 'OP-11' }]);
});

test('a gateway that is away is said, what was scanned stays, and a lost answer sends nothing twice', async () => {
  await at(`/m/HAAS-VF-08?release=${bracket}`, 'What was made');
  const { page, context } = operator;
  const before = stage.floor.reader.size();
  await context.route('**/sendings', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort('connectionfailed');
  });
  await page.getByRole('button', { name: 'SEND AGAIN' }).click();
  await page.getByText('Nothing is known of what you asked for').waitFor();
  await page.getByText('10 of').waitFor();
  await context.unroute('**/sendings');
  const plugIn = stage.unplug();
  await page.getByText('nothing is sent twice').waitFor();
  await scan(operator, '0500');
  await page.getByRole('button', { name: 'Remove 0500' }).waitFor();
  await lookAt(operator, 'machine-away');
  plugIn();
  await page.getByText('nothing is sent twice').waitFor({ state: 'detached' });
  await arrive();
  await page.getByRole('button', { name: 'SEND AGAIN' }).click();
  await page.getByText('Nothing is known of what you asked for').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Remove 0500' }).waitFor();
  expect(await ordersSince(before)).toBe(1);
});

test('a problem stops the program at this machine, and a machine that comes by itself says how to pull', async () => {
  await at(`/m/HAAS-VF-08?release=${bracket}`, 'What was made');
  const { page } = operator;
  await pressByKey(operator, /^Report a problem/);
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(`Wrong tool called ${hostile}`);
  expect(await tooSmall(operator)).toEqual([]);
  await pressByKey(operator, /^Stop it here/);
  await page.getByRole('alert').getByText('STOPPED').waitFor();
  await lookAt(operator, 'machine-stopped');
  await at('/m/HAAS-VF-07', 'Scan the traveller');
  await pressByKey(operator, /^HSG-0098/);
  await page.getByText('PULL FROM THE CONTROL').waitFor();
  await deliveredTo(stage.floor, housing, 'HAAS-VF-07', 'HSG-0098.NC');
  await page.getByText('The machine took it').waitFor();
  await lookAt(operator, 'machine-pull');
});

test('a release that is withdrawn leaves the screen within a second of its being withdrawn', async () => {
  await at(`/m/HAAS-VF-07?release=${housing}`, 'PULL FROM THE CONTROL');
  const { page } = operator;
  const { floor } = stage;
  const { packageId } = floor.standing.release(housing) ?? {};
  const gone = shownAt(operator, 'STOP: it is no longer released');
  await floor.ask(floor.people.quality, 'POST', `/packages/${packageId}/withdraw`, { reason: 'Wrong feed' });
  const withdrawn = Date.now();
  expect((await gone) - withdrawn).toBeLessThan(1_000);
  expect(await page.getByText('HSG-0098').count()).toBe(0);
});

test('nothing on these pages broke a rule of the browser, and nothing hostile became more than text', () => {
  expect(operator.complaints.filter((text) => !/ERR_(CONNECTION|EMPTY)/.test(text))).toEqual([]);
});
