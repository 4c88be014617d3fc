import { createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import type { LedgerStatus } from '../../src/edges/http/contract/ledger.ts';
import { formatCosignerKey, makeCosigner } from '../../src/merkle/cosignature.ts';
import { formatSignatureLine, parseNote, signNoteLine } from '../../src/merkle/note.ts';
import { addSignatures } from '../../src/merkle/witness.ts';
import { newEd25519Key } from '../../src/signing/keys.ts';
import { millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { lookAt, lookAtFailure, openWebStage, tabTo, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let engineer: Watched;
let waiting: PackageId;
const minute = 60_000;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  const job = sidecarOf('BRKT-4471', { classification: { jurisdiction: 'EAR', eccn: '9E991' } });
  waiting = await floor.admitted(job, { 'BRKT-4471.NC': millProgram(4471) });
  engineer = await stage.signIn(floor.people.engineer, '/app/packages?view=waiting');
});
afterEach(({ task }) => lookAtFailure(engineer, task));
afterAll(async () => {
  expect(engineer.complaints.filter((text) => !/ERR_(CONNECTION|EMPTY)/.test(text))).toEqual([]);
  await stage.close();
});

/** Changes what the gateway says of its ledger, on the way to the browser. */
async function tamper(change: (state: LedgerStatus) => LedgerStatus): Promise<void> {
  await engineer.context.route('**/ledger/state*', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: change((await answer.json()) as LedgerStatus) });
  });
}
const reload = async (): Promise<void> => {
  await engineer.page.reload();
  await engineer.page.getByRole('heading', { level: 1 }).waitFor();
};

test('the ledger is proven in the browser: signed by both its keys, and all that was seen before is in it', async () => {
  const { page } = engineer;
  await page.getByRole('button', { name: /ledger .* entries: no witness configured/ }).click();
  await page.getByText('Both keys of the ledger signed it').waitFor();
  await page.getByText('for the first time').waitFor();
  await stage.floor.commit();
  await reload();
  await page.getByRole('button', { name: /ledger .* entries: no witness configured/ }).click();
  await page.getByText(/It extends the \d+ entries that this browser saw/).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
});

test('who cosigned the checkpoint is verified in the browser and shown, and a cosignature that is not theirs is not', async () => {
  const { page } = engineer;
  const [first, second] = ['witness-1.example', 'witness-2.example'].map((name) => ({ name, key: newEd25519Key() }));
  if (!first || !second) throw new Error('no witnesses');
  const vkeys = [first, second].map(({ name, key }) => formatCosignerKey(name, createPublicKey(key)));
  const watched = (by: typeof first, quorum: number) => (state: LedgerStatus) => {
    const { size = 0, note = '' } = state.checkpoint ?? {};
    const line = signNoteLine(
      parseNote(note).text,
      makeCosigner(by.name, by.key, () => 1_790_000_000),
    );
    const witnessed = { quorum, of: 2, vkeys, size, at: '2026-11-12T14:03:00.000Z', ageSeconds: 90, reached: true };
    return { ...state, checkpoint: { size, note: addSignatures(note, [formatSignatureLine(line)]) }, witnessed };
  };
  const cases = [
    [watched(first, 1), /entries: witnessed/, '1 of 2 witnesses cosigned it; 1 is needed'],
    // The gateway's own word for it is not asked.
    [watched(first, 2), /entries: not witnessed/, '1 of 2 witnesses cosigned it; 2 are needed'],
    [watched({ ...first, key: second.key }, 1), /entries: not witnessed/, '0 of 2 witnesses cosigned it; 1 is needed'],
  ] as const;
  for (const [change, dot, said] of cases) {
    await tamper(change);
    await reload();
    await page.getByRole('button', { name: dot }).click();
    await page.getByText(said).waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'witness-1.example, ' }).count()).toBe(
      said[0] === '1' ? 1 : 0,
    );
    if (change === cases[0][0]) await lookAt(engineer, 'ledger-witnessed');
    await engineer.context.unroute('**/ledger/state*');
  }
});

test('a checkpoint that is forged, shrunk, rewritten or without growth is shown in red, and the one seen before beside it', async () => {
  const { page } = engineer;
  const note = ({ checkpoint }: Pick<LedgerStatus, 'checkpoint'>) => checkpoint ?? { size: 0, note: '' };
  const honest = stage.floor.core.http.ledgerBrowse.state();
  const forged: [string, (state: LedgerStatus) => LedgerStatus][] = [
    [
      'does not verify',
      (state) => ({ ...state, checkpoint: { ...note(state), note: note(state).note.replace(/\n(\d+)\n/, '\n9$1\n') } }),
    ],
    ['nothing shows that it extends', ({ growth: _, ...state }) => state],
    ['the growth', (state) => ({ ...state, growth: (state.growth ?? []).map((hash) => `A${hash.slice(1)}`) })],
    ['this browser saw it with', (state) => ({ ...state, checkpoint: note(honest) })],
  ];
  await stage.floor.enrol('ME-3', ['manufacturing-engineer']);
  await reload();
  await page.getByRole('button', { name: /entries: no witness configured/ }).waitFor();
  for (const [why, change] of forged) {
    await stage.floor.enrol(`OP-${why.length}`, ['operator']);
    await tamper(change);
    await reload();
    await page.getByRole('button', { name: /NOT PROVEN/ }).click();
    await page.getByRole('alert').getByText(why).waitFor();
    await page.getByText('What this browser saw before').waitFor();
    if (why === 'does not verify') await lookAt(engineer, 'ledger-forged');
    await engineer.context.unroute('**/ledger/state*');
  }
  await reload();
  await page.getByRole('button', { name: /entries: no witness configured/ }).waitFor();
});

test('an approver goes through the queue and signs by keyboard alone, and an old session signs nothing without the passkey', async () => {
  stage.passTime(10 * minute);
  const { page, devtools } = engineer;
  await page.goto(`${stage.origin()}/app/packages?view=waiting`);
  await page.getByRole('link', { name: /^BRKT-4471 rev A/ }).waitFor();
  await tabTo(engineer, /^BRKT-4471 rev A/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /BRKT-4471 rev A/ }).waitFor();
  await page.keyboard.press('a');
  await page.getByRole('dialog').waitFor();
  await tabTo(engineer, /^Show what I sign/);
  await page.keyboard.press('Enter');
  await tabTo(engineer, /^Sign with passkey/);
  const { authenticatorId } = engineer;
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign with passkey' }).and(page.locator(':not([data-loading])')).waitFor();
  expect(stage.floor.standing.openPackage(waiting)?.approvals).toEqual([]);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await tabTo(engineer, /^Sign with passkey/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Recorded').waitFor();
  expect(stage.floor.standing.openPackage(waiting)?.approvals).toMatchObject([{ person: 'ME-2' }]);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a session that nobody used is locked: nothing stays on the screen, and who signs in again is where they were', async () => {
  const { page } = engineer;
  await page.goto(`${stage.origin()}/app/packages/${waiting}`);
  await page.getByRole('heading', { name: /BRKT-4471 rev A/ }).waitFor();
  stage.passTime(16 * minute);
  await page.getByText(/Your session .* Sign in again/).waitFor();
  expect(await page.content()).not.toContain('BRKT');
  expect(await page.title()).toBe('Keyway');
  await lookAt(engineer, 'locked');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('heading', { name: /BRKT-4471 rev A/ }).waitFor();
});

test('an act that wants the person there asks an old session once more, and then goes on by itself', async () => {
  const administrator = await stage.signIn(stage.floor.people.administrator, '/app/people');
  const { page } = administrator;
  stage.passTime(6 * minute);
  await page.getByText('OP-11').first().click();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('heading', { name: 'Is it still you?' }).waitFor();
  await lookAt(administrator, 'again');
  await page.getByRole('button', { name: 'Show it with your passkey' }).click();
  await page.getByText(/It is good once/).waitFor();
  await administrator.context.close();
});

test('who prints a page has on paper what it is, who printed it and when, and that it is uncontrolled', async () => {
  const { page } = engineer;
  await page.goto(`${stage.origin()}/app/packages/${waiting}`);
  await page.getByRole('heading', { name: /BRKT-4471 rev A/ }).waitFor();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.clock.setFixedTime('2031-01-02T03:04:05Z');
  await page.evaluate(`window.dispatchEvent(new Event('beforeprint'))`);
  const stamp = page.getByText('Uncontrolled if printed');
  await stamp.waitFor();
  expect(await stamp.textContent()).toMatch(/\(ME-2\), 2 Jan 2031 03:04/);
  expect(await page.getByLabel('Classification of what is on screen').textContent()).toContain('EAR 9E991');
  expect(await page.getByRole('navigation').count()).toBe(0);
  await page.screenshot({ path: 'test/screenshots-out/printed.png', fullPage: true });
});
