import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { limits } from '../../src/domain/limits.ts';
import { type MonitorReport, nothingSaid } from '../../src/domain/monitoring.ts';
import { MonitoringService } from '../../src/services/monitoring.ts';
import type { Asker } from '../../src/services/principals.ts';
import { mill, ReturnsPlace, someDecision } from '../helpers/returns-place.ts';

const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
let place: ReturnsPlace;
let monitoring: MonitoringService;
beforeEach(async () => {
  place = new ReturnsPlace();
  const { catalog, standing } = place.at;
  monitoring = new MonitoringService({ catalog, standing, authority: place.authority, clock: () => place.now });
  await place.register({ ...mill, monitor: { url: 'http://127.0.0.1:5000', device: 'Mill' } });
});
afterEach(() => place.close());

const says = (said: string | null, comment: string | null = null): Promise<void> => {
  const observation = { ...nothingSaid, program: said, comment, execution: 'ACTIVE' };
  return monitoring.report({ kind: 'heard', machine: mill.id, observation } satisfies MonitorReport);
};
const state = async () => (await monitoring.list(local))[0];
const alarms = () => [...monitoring.alarms(place.now)].map(({ code }) => code);

test.each([
  ['its name', 'O4471.NC', null],
  ['its name in small letters', 'o4471.nc', null],
  ['its name without the ending', 'O4471', null],
  ['a path of the control', 'C:\\PROGS\\O4471.NC', null],
  ['a path of another control', '/USER/PATH1/O4471', null],
  ['its number', '4471', null],
  ['its number with zeros', 'O00004471', null],
  ['another name, and its number in the comment', 'MEM', 'O4471 (BRKT)'],
])('a machine that runs what was delivered, as it says by %s', async (_what, said, comment) => {
  const releaseId = await place.release('O4471.NC', program);
  await place.deliver(releaseId);
  await says(said, comment);
  expect(await state()).toMatchObject({ state: 'as-delivered', releaseId, execution: 'ACTIVE' });
  expect(alarms()).toEqual([]);
});

test.each(['O9999.NC', 'O44711.NC', 'SLOT.NC', '44'])(
  'one that says %s runs what was never delivered, and that is an alarm',
  async (said) => {
    await place.deliver(await place.release('O4471.NC', program));
    await says(said);
    expect(await state()).toMatchObject({ state: 'not-delivered', program: said });
    expect(alarms()).toEqual(['machine-mismatch']);
    const [alarm] = monitoring.alarms(place.now);
    expect(JSON.stringify(alarm)).not.toContain(said === '44' ? '"44"' : said);
    await says('O4471.NC');
    expect(alarms()).toEqual([]);
  },
);

test('one whose release was withdrawn meanwhile runs what is not in force, also when it says nothing new', async () => {
  const releaseId = await place.release('O4471.NC', program);
  await place.deliver(releaseId);
  await says('O4471.NC');
  const data = { releaseId, reason: 'NCR 1', decision: someDecision };
  await place.commit(makeEvent('release.withdrawn', local.principal, data));
  expect(await state()).toMatchObject({ state: 'not-in-force', releaseId });
  expect(alarms()).toEqual(['machine-mismatch']);
});

test('what is not known is shown as not known, and is no alarm', async () => {
  expect(await state()).toMatchObject({ state: 'unknown', program: null, reason: 'Its agent was not heard yet.' });
  await says(null);
  expect(await state()).toMatchObject({ state: 'unknown', reason: 'Its agent does not say which program.' });
  expect(alarms()).toEqual([]);
});

test('an agent that is away is shown since when, and is an alarm after a while', async () => {
  await place.deliver(await place.release('O4471.NC', program));
  await says('O4471.NC');
  await monitoring.report({ kind: 'away', machine: mill.id, reason: 'The agent answered 500.' });
  const since = new Date(place.now).toISOString();
  place.now += limits.monitorLateMs - 1;
  await monitoring.report({ kind: 'away', machine: mill.id, reason: 'The agent answered 500.' });
  expect(await state()).toMatchObject({ state: 'away', since, reason: 'The agent answered 500.', program: null });
  expect(alarms()).toEqual([]);
  place.now += 1;
  expect(alarms()).toEqual(['monitor-away']);
  await says('O4471.NC');
  expect(await state()).toMatchObject({ state: 'as-delivered', reason: undefined });
  expect(alarms()).toEqual([]);
});
