import { X509Certificate } from 'node:crypto';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { MachineId, PersonId } from '../../src/domain/ids.ts';
import { passwordFits } from '../../src/platform/password.ts';
import { keyIdOf, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { anotherDevice, lookAt, openWebStage, visit, type Watched, type WebStage } from '../helpers/web-stage.ts';

let stage: WebStage;
let first: Watched;
let second: Watched;

/** What stands in every text that a form takes; in a browser that reads it as markup it would open a dialog. */
const hostile = `"><img src=x onerror=alert(1)>{{7*7}}</script><svg/onload=alert(2)>`;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  await floor.admitted(sidecarOf('SECRET-77'), { 'SECRET-77.NC': millProgram(77) });
  const zone = (id: string, holdsGateway: boolean) => ({ id, description: hostile, holdsGateway });
  await floor.change({ kind: 'zone.set', zone: zone('OFFICE', true) });
  await floor.change({ kind: 'zone.set', zone: zone('CELL-3', false) });
  const proposed = { userName: 'ME-77' as PersonId, name: `Ada ${hostile}`, active: true };
  await floor.commit(makeEvent('account.proposed', { kind: 'gateway' }, { user: proposed }));
  const another = await floor.enrol('ADM-10', ['administrator']);
  second = await stage.signIn(another, '/app/changes');
  first = await stage.signIn(floor.people.administrator);
});
afterAll(() => stage.close());

const open = async (page: Watched['page'], name: string) => {
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }).click();
};

/** In the page that people look at: no other is asked for a passkey. */
async function sign({ page }: Watched, button: string, reason: string, form: Locator | Page = page): Promise<void> {
  await page.bringToFront();
  await form.getByRole('button', { name: button }).click();
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Sign with passkey', exact: true }).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.waitFor({ state: 'detached' }).catch(async () => {
    throw new Error(`Not signed: ${await dialog.textContent()}`);
  });
}

async function signToo({ page }: Watched, heading: string): Promise<void> {
  await page.bringToFront();
  const change = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: heading }) });
  await change.getByRole('button', { name: 'Sign it too' }).click();
  await change.waitFor({ state: 'detached' });
}

test('an administrator begins at the first steps', async () => {
  await first.page.getByText('Register a machine with its own key').waitFor();
  await lookAt(first, 'admin-start');
});

test.each([
  ['Machines', 'What may flow where'],
  ['Keys', 'passkey'],
  ['Ledger', 'Storage'],
  ['Alarms', 'All is as it should be'],
])('they find %s, and no technical data there', async (name, text) => {
  const { page, heard } = first;
  await open(page, name);
  await page.getByText(text).first().waitFor();
  await lookAt(first, `admin-${name.toLowerCase()}`);
  expect(heard.join('\n')).not.toContain('SECRET-77');
});

test('what stops something one administrator signs by passkey; what starts it again waits for a second', async () => {
  const { page } = first;
  await open(page, 'Machines');
  await sign(first, 'Suspend…', `Spindle noise ${hostile}`);
  await page.getByText('suspended').waitFor();
  await sign(first, 'Resume…', 'Spindle changed');
  await second.page.getByText('Spindle changed').waitFor();
  await second.page.bringToFront();
  await lookAt(second, 'admin-change-waiting');
  await signToo(second, 'Resume a machine');
  await page.getByText('in use').waitFor();
  expect(stage.floor.standing.machine('HAAS-VF-07' as MachineId)?.suspended).toBe(false);
});

test('somebody is enrolled by form with the passkey that they touch, and given another key, each signed by two', async () => {
  const { page } = first;
  await open(page, 'People');
  await page.getByRole('link', { name: 'Enrol somebody…' }).click();
  await page.getByText('Still missing: the id').waitFor();
  await open(page, 'People');
  await page.getByRole('link', { name: 'Enrol ME-77?' }).click();
  expect(await page.getByLabel('Name').inputValue()).toBe(`Ada ${hostile}`);
  await page.getByLabel('Employer').fill(hostile);
  await page.getByRole('checkbox', { name: 'Manufacturing engineering' }).check();
  await page.getByLabel('US person').selectOption('yes');
  await page.getByLabel('What shows it').fill(`passport ${hostile}`);
  await page.getByLabel('It holds until').fill('2027-12-31');
  await page.getByLabel('Nationalities').fill('us');
  await page.bringToFront();
  await page.getByRole('button', { name: 'Make a passkey here' }).click();
  await page.getByText('Taken: passkey').waitFor();
  await lookAt(first, 'admin-enrol');
  await sign(first, 'Sign with passkey…', 'New engineer');
  await page.getByRole('heading', { name: 'Enrol a person' }).waitFor();
  await second.page.getByText('New engineer').waitFor();
  await signToo(second, 'Enrol a person');
  const known = () => stage.floor.standing.person('ME-77')?.person;
  expect(known()).toMatchObject({ name: `Ada ${hostile}`, nationalities: ['US'], keys: [{ assurance: 'passkey' }] });

  await open(page, 'People');
  await page.getByRole('button', { name: 'ME-77' }).click();
  await page.getByRole('button', { name: 'Another key…' }).click();
  const file = (text: string) => ({ name: 'key.pem', mimeType: 'text/plain', buffer: Buffer.from(text) });
  const input = page.getByLabel('Take a file…').last();
  await input.setInputFiles(file(hostile));
  await page.getByRole('alert').waitFor();
  const { certificatePem } = makeDevelopmentPki({ now: Date.now(), hostnames: ['card.example'], ips: [] }).tls;
  await input.setInputFiles(file(certificatePem));
  await page.getByText('Taken: card or token').waitFor();
  await page.getByTitle(keyIdOf(new X509Certificate(certificatePem).publicKey)).waitFor();
  await page.getByRole('button', { name: 'Take another' }).click();
  await input.setInputFiles(file(publicPem(newP256Key())));
  await page.getByText('Taken: key file').waitFor();
  await sign(first, 'Sign with passkey…', 'For the command line');
  await second.page.getByText('For the command line').waitFor();
  await signToo(second, 'Give a person a key');
  expect(known()?.keys.map(({ assurance }) => assurance)).toEqual(['passkey', 'file']);
});

test('a machine, the zone that it stands in and what may flow there are set by form, each signed by two', async () => {
  const { page } = first;
  const { floor } = stage;
  await open(page, 'Machines');
  await page.getByRole('link', { name: 'Set a zone…' }).click();
  await page.getByText(/Still missing: Zone, What is in it/).waitFor();
  await page.getByLabel(/^Zone\b/).fill('CELL-4');
  await lookAt(first, 'admin-zone');
  await open(page, 'Machines');
  await page.getByRole('link', { name: 'Let something flow…' }).click();
  await page.getByText('Still missing: To, By which doors, What is under.').waitFor();
  await page.getByLabel(/^To\b/).selectOption('CELL-3');
  await page.getByRole('checkbox', { name: 'FTP over TLS', exact: true }).check();
  await page.getByRole('checkbox', { name: 'EAR', exact: true }).check();
  await lookAt(first, 'admin-conduit');
  await sign(first, 'Sign with passkey…', `Cell 3 ${hostile}`);
  await signToo(second, 'Set a conduit');
  expect([...floor.standing.zones.conduits.values()]).toEqual([
    { from: 'OFFICE', to: 'CELL-3', channels: ['ftps'], jurisdictions: ['EAR'], cui: false },
  ]);

  await open(page, 'Machines');
  await page.getByRole('link', { name: 'Register a machine…' }).click();
  await page.getByLabel(/^Id\b/).fill('FANUC-12');
  for (const [label, value] of [
    ['Groups', 'HAAS-VF, FANUC-31'],
    ['Maker', hostile],
    ['Model', hostile],
    ['Control', hostile],
    ['Cell', 'C3'],
    ['Owner', hostile],
  ] as const)
    await page.getByLabel(new RegExp(`^${label}\\b`)).fill(value);
  await page.getByLabel('Zone', { exact: true }).selectOption('CELL-3');
  await page.getByRole('checkbox', { name: 'EAR', exact: true }).check();
  await page.getByText('Still missing: Its public keys (OpenSSH).').waitFor();
  await page.getByLabel('Channel').selectOption('ftps');
  await page.getByText('Still missing: its password.').waitFor();
  await page.getByLabel('Its password').fill('too short');
  await page.getByRole('button', { name: 'Take it' }).click();
  await page.getByRole('alert').getByText('password').first().waitFor();
  await page.getByLabel('Its password').fill('the control types this');
  await page.getByRole('button', { name: 'Take it' }).click();
  await page.getByText('Its password is taken as a hash.').waitFor();
  await lookAt(first, 'admin-machine');
  await sign(first, 'Sign with passkey…', 'A new machine');
  await signToo(second, 'Register a machine');
  const known = floor.standing.machine('FANUC-12' as MachineId)?.machine;
  expect(known).toMatchObject({ groups: ['HAAS-VF', 'FANUC-31'], zone: 'CELL-3', channel: 'ftps', owner: hostile });
  expect(await passwordFits('the control types this', known?.password)).toBe(true);
  expect([...first.heard, ...second.heard].join('\n')).not.toContain('the control types this');

  await open(page, 'Machines');
  const row = page.getByRole('row').filter({ hasText: 'FANUC-12' });
  await row.getByRole('link', { name: 'Change…' }).click();
  await page.getByLabel('Channel').selectOption('serial');
  await page.getByText('Still missing: Device.').waitFor();
  await page.getByLabel('Device').fill('/dev/ttyUSB0');
  await sign(first, 'Sign with passkey…', 'It has a line now');
  await signToo(second, 'Change a machine');
  expect(floor.standing.machine('FANUC-12' as MachineId)?.machine).toEqual({
    ...{ ...known, channel: 'serial', password: undefined },
    line: {
      ...{ at: { kind: 'device', path: '/dev/ttyUSB0' }, baud: 9600, dataBits: 7, parity: 'even', stopBits: 2 },
      ...{ protocol: 'xon-xoff', burst: 8, leader: 0, ending: 'none', waitsForXon: false },
      ...{ request: 'none', refusal: 'silence', stallSeconds: 600 },
    },
  });

  await open(page, 'Machines');
  await row.getByRole('link', { name: 'Change…' }).click();
  await page.getByLabel('Device').waitFor();
  const form = page.locator('form').filter({ hasText: 'Safeguard of a channel that is clear text' });
  await form.getByLabel(/^What protects/).fill(hostile);
  await form.getByLabel(/^Who answers for it/).fill('QA-1');
  await form.getByLabel(/^Until/).fill('2027-12-31');
  await lookAt(first, 'admin-machine-change');
  await sign(first, 'Sign with passkey…', 'The cable is in a pipe', form);
  await signToo(second, 'Record a safeguard');
  const safeguard = { protects: hostile, approver: 'QA-1', expires: '2027-12-31' };
  expect(floor.standing.machine('FANUC-12' as MachineId)?.safeguard).toEqual(safeguard);
});

test('a person is shown with what they hold, and is invited by a link that is shown once', async () => {
  const { page } = first;
  await open(page, 'People');
  await page.getByRole('button', { name: 'OP-11' }).click();
  await page.getByText('What they still hold').waitFor();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText(/\/app\/setup#/).waitFor();
  await lookAt(first, 'admin-person');
  await page.getByRole('link', { name: 'Change…' }).click();
  await page.getByRole('heading', { name: 'Change what is recorded of OP-11' }).waitFor();
  expect(await page.getByRole('checkbox', { name: 'Operator' }).isChecked()).toBe(true);
});

test('a rule that nobody signed is tried on the past, and one that is none is refused with its reason', async () => {
  const { page } = first;
  await open(page, 'Policy');
  const panel = page.getByRole('region', { name: 'What if' });
  await panel.getByLabel('Rules (Cedar)').fill(`forbid ${hostile}`);
  await panel.getByRole('button', { name: 'Ask again' }).click();
  await panel.getByRole('alert').getByText('90-house.cedar').waitFor();
  const rule = '@id("none") @clause("house rule") @sentence("Nobody looks.") forbid (principal, action, resource);';
  await panel.getByLabel('Rules (Cedar)').fill(rule);
  await panel.getByRole('button', { name: 'Ask again' }).click();
  await panel.getByText(/of [0-9]+ decisions would be others/).waitFor();
  await panel.getByText(/of [0-9]+ cases differ/).waitFor();
  await lookAt(first, 'admin-what-if');
});

test('whoever is signed in makes keys for programs, and a passkey that administrators have yet to enrol', async () => {
  const { page } = first;
  await page.bringToFront();
  await page.getByRole('button', { name: /ADM-9/ }).click();
  await page.getByRole('menuitem', { name: 'My keys…' }).click();
  await page.getByText('Still missing: what it is for').waitFor();
  await page.getByLabel('What it is for').fill(hostile);
  await page.getByRole('checkbox', { name: 'administer' }).check();
  await page.getByLabel('Until').fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10));
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByText(/^keyway_/).waitFor();
  await page.getByText(hostile).first().waitFor();
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByText('This device holds a passkey of theirs already').waitFor();
  await anotherDevice(first);
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  const save = page.getByRole('button', { name: 'Save the file' });
  await save.waitFor();
  const [saved] = await Promise.all([page.waitForEvent('download'), save.click()]);
  expect(saved.suggestedFilename()).toBe('passkey-ADM-9.json');
  await lookAt(first, 'my-keys');
});

test('what programs may ask stands on a page of its own, from the description that the gateway gives of itself', async () => {
  const { page } = first;
  await visit(first, `/app/api?q=${encodeURIComponent(hostile)}`);
  await page.getByText('Nothing is called that').waitFor();
  await page.getByLabel('Find', { exact: true }).fill('what-if');
  await page.getByText('Which decisions of the past would be others').click();
  await page.getByText('for whomever policy allows administer.').waitFor();
  await page.getByText('since: string (date)').waitFor();
  await lookAt(first, 'api');
});

test('nothing here broke a rule of the browser, and nobody else gets to the console', async () => {
  const outsider = await stage.signIn(stage.floor.people.quality, '/app/people');
  await outsider.page.getByRole('alert').first().waitFor();
  expect(outsider.heard.join('\n')).not.toContain('ADM-10');
  await visit(first, `/app/people/${encodeURIComponent(hostile)}`);
  await first.page.getByText('Nobody of this id is enrolled').waitFor();
  expect(await first.page.locator('img').count()).toBe(0);
  expect(first.heard.join('\n')).not.toContain('SECRET-77');
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});
