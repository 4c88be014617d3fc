import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MachineId } from '../../src/domain/ids.ts';
import { millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { lookAt, openWebStage, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let first: Watched;
let second: Watched;

const hostile = `"><img src=x onerror=alert(1)>{{7*7}}`;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  await floor.admitted(sidecarOf('SECRET-77'), { 'SECRET-77.NC': millProgram(77) });
  const zone = (id: string, holdsGateway: boolean) => ({ id, description: hostile, holdsGateway });
  await floor.change({ kind: 'zone.set', zone: zone('OFFICE', true) });
  await floor.change({ kind: 'zone.set', zone: zone('CELL-3', false) });
});
afterAll(() => stage.close());

const open = async (page: Watched['page'], name: string) => {
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }).click();
};

test('an administrator begins at the first steps, and every page of the console stands without technical data', async () => {
  const another = await stage.floor.enrol('ADM-10', ['administrator']);
  first = await stage.signIn(stage.floor.people.administrator);
  second = await stage.signIn(another, '/app/changes');
  const { page } = first;
  await page.getByText('Register a machine with its own key').waitFor();
  await lookAt(first, 'admin-start');
  for (const [name, text] of [
    ['Machines', 'What may flow where'],
    ['People', 'Choose somebody.'],
    ['Changes', 'No change waits for a signature'],
    ['Keys', 'passkey'],
    ['Policy', 'Rules in force'],
    ['Ledger', 'Storage'],
    ['Alarms', 'All is as it should be'],
  ] as const) {
    await open(page, name);
    await page.getByText(text).first().waitFor();
    await lookAt(first, `admin-${name.toLowerCase()}`);
  }
  expect(first.heard.join('\n')).not.toContain('SECRET-77');
});

test('what stops something one administrator signs by passkey; what starts it again waits for a second, who refuses or signs', async () => {
  const { page } = first;
  await open(page, 'Machines');
  await page.getByRole('button', { name: 'Suspend…' }).click();
  await page.getByLabel('Reason').fill(`Spindle noise ${hostile}`);
  await page.getByRole('button', { name: 'Sign with passkey' }).click();
  await page.getByText('suspended').waitFor();
  await page.getByRole('button', { name: 'Resume…' }).click();
  await page.getByLabel('Reason').fill('Spindle changed');
  await page.getByRole('button', { name: 'Sign with passkey' }).click();
  const other = second.page;
  await other.getByRole('heading', { name: 'Resume a machine' }).waitFor();
  await other.getByText('Spindle changed').waitFor();
  await lookAt(second, 'admin-change-waiting');
  await other.getByRole('button', { name: 'Sign it too' }).click();
  await other.getByText('No change waits for a signature').waitFor();
  await page.getByText('in use').waitFor();
  expect(stage.floor.standing.machine('HAAS-VF-07' as MachineId)?.suspended).toBe(false);
});

test('a person is shown with what they hold, and is invited by a link that is shown once', async () => {
  const { page } = first;
  await open(page, 'People');
  await page.getByRole('button', { name: 'OP-11' }).click();
  await page.getByText('What they still hold').waitFor();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText(/\/app\/setup#/).waitFor();
  await lookAt(first, 'admin-person');
});

test('nothing here broke a rule of the browser, and nobody else gets to the console', async () => {
  const outsider = await stage.signIn(stage.floor.people.quality, '/app/people');
  await outsider.page.getByRole('alert').first().waitFor();
  expect(outsider.heard.join('\n')).not.toContain('ADM-10');
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});
