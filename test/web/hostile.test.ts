import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import type { DepositId, MachineId, PackageId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { PersonKey, PersonRole } from '../../src/domain/people.ts';
import { deliveredTo, type Known, millProgram, sidecarOf } from '../helpers/screens-floor.ts';
import { makePerson } from '../helpers/test-keys.ts';
import { openWebStage, settled, visit, type Watched, type WebStage } from '../helpers/web-stage.ts';

/** What becomes an element, a script or an address on a careless page. `@` is the mark by which it is known again. */
const corpus = [
  `@"><img src=x onerror=alert('@')>`,
  `@'></script><script>alert('@')</script>`,
  `@<svg/onload=alert('@')><style>*{color:red}</style>`,
  `@<iframe srcdoc="<script>alert('@')</script>">`,
  `@</textarea></title><a href="javascript:alert('@')">x</a>`,
  `@{{7*7}}\${alert('@')}<math><mtext></table><embed src=x>`,
  `javascript:alert('@')//@`,
] as const;
/** A comment of a program ends at the first bracket. */
const inComment = `@"><img src=x onerror=alert'@'><svg/onload=x>`;
/** No file may be called what has < > " in it: what is left would be markup once more where a page decodes it. */
const inName = `@ '&lt;img src=x onerror=alert(1)&gt;'`;

/** Each of these has to be seen. */
const marks: string[] = [];
function evil(form: string = corpus[marks.length % corpus.length] ?? ''): string {
  const mark = `X${String(marks.length).padStart(2, '0')}X`;
  marks.push(mark);
  return form.replaceAll('@', mark);
}
/** On no page so far; it is given all the same, for the day when it is. */
const unseen = (form: string = corpus[0]): string => form.replaceAll('@', 'U');

let stage: WebStage;
let everybody: Known;
let administrator: Known;
let release: ReleaseId;
let waiting: PackageId;
let comment: string;
const deposits: DepositId[] = [];
const revision = `"><img src=x onerror=alert('part')>`;

beforeAll(async () => {
  stage = await openWebStage();
  const { floor } = stage;
  everybody = await person('ALL-1', ['programmer', 'manufacturing-engineer', 'quality', 'operator']);
  administrator = await person('ADM-2', ['administrator']);
  await machines();
  await programs();
  await theFloor();
  // Long enough for a monitor that is not heard to be an alarm.
  stage.passTime(limits.monitorLateMs);
  await floor.commit(
    makeEvent(
      'account.proposed',
      { kind: 'gateway' },
      { user: { userName: 'NEW-1' as PersonId, name: evil(), active: true } },
    ),
  );
});
afterAll(() => stage.close());

async function person(id: string, roles: PersonRole[]): Promise<Known> {
  const known = makePerson(id, roles, true);
  const keys: PersonKey[] = known.person.keys;
  const usPerson = { status: true, evidence: evil(), expires: '2099-12-31' };
  const facts = { ...known.person, keys, name: evil(), employer: evil(), usPerson };
  await stage.floor.change({ kind: 'person.enrol', person: facts });
  return { ...known, person: facts };
}

async function machines(): Promise<void> {
  const { floor } = stage;
  const { sshKeys: _keys, ...mill } = (floor.standing.machine('HAAS-VF-07') as { machine: Machine }).machine;
  const said = { make: evil(), model: evil(), control: evil(), owner: evil(), serial: evil() };
  const monitor = { url: 'http://10.20.7.4:5000', device: evil() };
  const machine = {
    ...mill,
    ...said,
    monitor,
    id: 'EVIL-1' as MachineId,
    channel: 'media' as const,
    sshKeys: [],
    zone: 'CELL-1',
  };
  await floor.change({ kind: 'zone.set', zone: { id: 'HERE', description: evil(), holdsGateway: true } });
  await floor.change({ kind: 'zone.set', zone: { id: 'CELL-1', description: evil(), holdsGateway: false } });
  const everything = { channels: ['media' as const, 'sftp' as const], jurisdictions: ['none' as const], cui: false };
  await floor.change({ kind: 'conduit.set', conduit: { from: 'HERE', to: 'CELL-1', ...everything } });
  await floor.change({ kind: 'conduit.set', conduit: { from: 'CELL-1', to: 'HERE', ...everything } });
  await floor.change({ kind: 'machine.register', machine });
  const protects = { protects: evil(), approver: 'QA-1' as PersonId, expires: '2099-12-31' };
  await floor.change({ kind: 'machine.safeguard', machineId: machine.id, safeguard: protects });
}

/** One in force, one that waits, one that inspection keeps back, one whose description is none. */
async function programs(): Promise<void> {
  const { floor } = stage;
  const files = (setup: string) => [
    { name: 'EVIL-1.NC', role: 'main-program' },
    { name: setup, role: 'setup-sheet' },
  ];
  const program = (feed: number, comment: string) => millProgram(1, feed).replace('O0001', `O0001 (${comment})`);
  const [setup, other] = [`${evil(inName)}.txt`, `${evil(inName)}.txt`];
  const first = sidecarOf('EVIL-1', { changeOrder: evil(), files: files(setup) });
  release = (await floor.release(
    await floor.admitted(first, { 'EVIL-1.NC': program(20, unseen(inComment)), [setup]: unseen() }),
  )) as ReleaseId;
  const second = sidecarOf('EVIL-1', { revision: 'B', changeOrder: evil(), files: files(other) });
  comment = evil(inComment);
  waiting = await floor.admitted(second, { 'EVIL-1.NC': program(30, comment), [other]: evil() }, everybody);
  const kept = `%\nO0002 (${unseen(inComment)})\nN10 G20 G90 G17\nN20 M98 P8100\nN40 M30\n%\n`;
  const { depositId } = await floor.deposit(sidecarOf('KEPT-1'), { 'KEPT-1.NC': kept }, everybody);
  const wrong = await floor.deposit(
    { ...sidecarOf('NONE-1'), revision, [unseen()]: unseen() },
    { 'NONE-1.NC': '%' },
    everybody,
  );
  deposits.push(depositId, wrong.depositId);
}

/** What is said and done at a machine, and what it sends back and says of itself. */
async function theFloor(): Promise<void> {
  const { floor } = stage;
  const machineId = 'EVIL-1' as MachineId;
  await deliveredTo(floor, release, machineId, 'EVIL-1.NC');
  const ask = async (who: Known, path: string, body: object) => {
    const answer = await floor.ask(who, 'POST', path, body);
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.body}`);
  };
  const run = { releaseId: release, machineId, workOrder: evil(), serials: ['SN-1', evil()], operator: 'ALL-1' };
  await ask(everybody, '/runs', { ...run, startedAt: '2026-11-12T14:03:00.000Z' });
  await ask(everybody, '/problems', { machineId, releaseId: release, reason: evil() });
  await ask(everybody, '/legal-holds', { releases: [release], reason: evil() });
  await ask(administrator, '/accounts/OP-11/suspend', { reason: evil() });
  const { retrievalId, file } = await floor.core.behind.returns.accept('media', machineId, `${evil(inName)}.NC`);
  const bytes = millProgram(1, 99);
  writeFileSync(file, bytes);
  await floor.core.behind.returns.arrived({ retrievalId, bytes: bytes.length, complete: true });
  const observation = { program: unseen(), comment: unseen(), edited: null, execution: 'ACTIVE' };
  await floor.core.monitoring.report({ kind: 'heard', machine: machineId, observation });
  await floor.core.monitoring.report({ kind: 'away', machine: machineId, reason: evil() });
}

/** Elements that only what was typed could have made. */
const made = `document.querySelectorAll('img, iframe, embed, object, math, style:not([data-kw]), [onerror], [onload], a[href^="javascript:" i]').length`;

/** What stands on a page, in its fields too. */
const shown = `document.body.innerHTML + [...document.querySelectorAll('input, textarea')].map((one) => one.value).join(' ')`;

type Walk = { paths: readonly string[]; until?: Record<string, () => Promise<unknown>> };

/** All that stood on these pages. `until`: what one of them is there with, which may be gone again when all is there. */
async function walk(watched: Watched, { paths, until = {} }: Walk): Promise<string> {
  const { page } = watched;
  const texts: string[] = [];
  for (const path of paths) {
    await visit(watched, `/app${path}`);
    texts.push(String(await until[path]?.()));
    await settled(watched);
    expect(await page.evaluate(made), path).toBe(0);
    texts.push(String(await page.evaluate(shown)));
  }
  return texts.join('\n');
}

test('whatever text people, files, machines and directories give stays text on every page', async () => {
  const q = encodeURIComponent(corpus[0]);
  const asUser = await stage.signIn(everybody, '/app/packages?view=all');
  const asAdministrator = await stage.signIn(administrator, '/app/start');
  const ofUser = [
    ...['/packages?view=all', '/packages?view=kept', `/packages?part=${q}`, `/packages/${waiting}`, '/programs'],
    ...['/deposits', ...deposits.map((id) => `/deposits/${id}`), `/search?q=${q}`, '/search?q=EVIL-1', `/${q}`],
    ...['part=EVIL-1', 'machine=EVIL-1', 'person=ALL-1', `serial=${q}`, `workOrder=${q}`].map((by) => `/trace?${by}`),
    ...['/m', '/m/EVIL-1', `/m/EVIL-1?release=${release}`, `/m/${q}`, '/me', `/api?q=${q}`],
  ];
  const ofAdministrator = [
    ...['/start', '/machines', '/machines/EVIL-1', `/machines/${q}`, '/machines/new', '/zones/CELL-1', `/zones/${q}`],
    ...['/people', '/people/new', '/people/ALL-1', '/people/ADM-2', '/changes', '/keys', '/policy', '/ledger'],
    '/alarms',
  ];
  const until = {
    '/machines': () => asAdministrator.page.getByText('Zones, and what may flow between them').waitFor(),
    [`/packages/${waiting}`]: () => asUser.page.getByText(comment).first().textContent(),
    '/people': () => asAdministrator.page.getByRole('button', { name: 'OP-11' }).click(),
  };
  let seen = '';
  const missing = (): string[] => marks.filter((mark) => !seen.includes(mark));
  // A busy machine may draw something after it was looked at: what is there is there the next time.
  for (let round = 0; round < 3 && (round === 0 || missing().length > 0); round++) {
    seen += await walk(asUser, { paths: ofUser, until });
    seen += await walk(asAdministrator, { paths: ofAdministrator, until });
  }
  expect(missing()).toEqual([]);
  expect([...asUser.complaints, ...asAdministrator.complaints]).toEqual([]);
}, 120_000);
