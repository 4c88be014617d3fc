import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import { Difference } from '../../src/domain/nc-difference.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { asPerson, packageFacts } from '../../src/services/authority.ts';
import { EntrySight } from '../../src/services/entry-sight.ts';
import { machineAsker } from '../../src/services/shelf.ts';
import { mill, ReturnsPlace } from '../helpers/returns-place.ts';
import { makePerson } from '../helpers/test-keys.ts';
import { unsigned } from '../helpers/unsigned.ts';
import { itar } from '../policy/cases.ts';

const program = '%\nO4471\nN10 G20 G90 G17\nN20 G0 X0. Y0.\nN30 G1 X1. F20.\nN40 M30\n%\n';
const edited = program.replace('F20.', 'F12.');
/** As a Haas sends it: its own block ends, a leader, no blanks. */
const rewritten = `\0\0${program.replaceAll(' ', '').replaceAll('\n', '\r\n')}`;

let place: ReturnsPlace;
beforeEach(async () => {
  place = new ReturnsPlace();
  await place.register();
});
afterEach(() => place.close());

const verdicts = () => place.events('readback.verdict').map(({ data }) => data);
/** Whether the release may go to the mill again. */
function deliverable(releaseId: string): readonly string[] | 'yes' {
  const release = place.at.standing.release(releaseId);
  if (!release) return [];
  const facts = packageFacts(release.packageId, release.manifest);
  const { verdict, policies } = place.authority.decide(
    'deliver',
    machineAsker({ machine: mill.id, channel: 'sftp' }),
    facts,
  );
  return verdict === 'permit' ? 'yes' : policies;
}

describe('a program that comes back from a machine', () => {
  test('byte for byte is identical, by its delivery and release', async () => {
    const releaseId = await place.release('O4471.NC', program);
    const deliveryId = await place.deliver(releaseId);
    expect(await place.sendBack('O4471.NC', program)).toBe('identical');
    expect(verdicts()).toMatchObject([
      { verdict: 'identical', releaseId, matched: { deliveryId, releaseId, file: 'O4471.NC', by: 'name' } },
    ]);
    expect(deliverable(releaseId)).toBe('yes');
  });

  test('rewritten as its control does is equivalent, and both digests of both are on record', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    expect(await place.sendBack('O4471.NC', rewritten)).toBe('equivalent');
    const [said] = verdicts();
    expect(said?.received.digest).toBe(digestOf(rewritten));
    expect(said?.matched?.delivered.digest).toBe(digestOf(program));
    expect(said?.received.canonical).toBe(said?.matched?.delivered.canonical);
    expect(place.events('release.held', 'deposit.proposed', 'readback.compared')).toEqual([]);
    expect(deliverable(releaseId)).toBe('yes');
  });

  test.each([
    ['by its name, whatever the case', 'o4471.nc', program, 'name'],
    ['by its name without an extension', 'O4471', program, 'name'],
    ['by its content under another name', 'PROG.NC', program, 'content'],
    ['by the O-number in it', 'RECEIVED.TXT', edited, 'program-number'],
  ] as const)('is matched to its delivery %s', async (_how, name, content, by) => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(await place.release('O0017.NC', program.replace('4471', '0017')));
    await place.deliver(releaseId);
    await place.sendBack(name, content);
    expect(verdicts()).toMatchObject([{ releaseId, matched: { file: 'O4471.NC', by } }]);
  });

  test('is measured against the newest whole delivery, and not one that broke off', async () => {
    const old = await place.release('O4471.NC', program);
    await place.deliver(old);
    const newer = await place.release('O4471.NC', edited);
    await place.deliver(newer, 5);
    expect(await place.sendBack('O4471.NC', program)).toBe('identical');
    await place.deliver(newer);
    expect(await place.sendBack('O4471.NC', edited)).toBe('identical');
    expect(await place.sendBack('O4471.NC', program)).toBe('different');
    expect(verdicts().map(({ releaseId }) => releaseId)).toEqual([old, newer, newer]);
  });

  test('that was never delivered there is unmatched, whatever other machines got', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId, undefined, 'MILL-2' as never);
    expect(await place.sendBack('O4471.NC', program)).toBe('unmatched');
    expect(verdicts()[0]).not.toHaveProperty('matched');
  });
});

describe('whoever reads the ledger', () => {
  test('sees of what came back what they may see of the package that it came from', async () => {
    const inspector = makePerson('QA-9', ['quality']);
    await place.commit(makeEvent('person.enrolled', { kind: 'gateway' }, { person: inspector.person, ...unsigned }));
    await place.deliver(await place.release('O4471.NC', program, itar));
    await place.sendBack('O4471.NC', program);
    await place.sendBack('O4471.NC', program, { complete: false });
    await place.sendBack('STRAY.NC', 'G1');
    const sight = new EntrySight({ catalog: place.at.catalog, authority: place.authority });
    const asker = asPerson(inspector.person.id, { channel: 'https', encrypted: true });
    const started = place.events('retrieval.started');
    const seen = await Promise.all(started.map((event) => sight.maySee(asker, event)));
    expect(seen).toEqual([false, false, true]);
  });
});

describe('a program that comes back changed', () => {
  test('holds its release for that machine alone, in the same act', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    const before = place.at.ledger.size;
    expect(await place.sendBack('O4471.NC', edited)).toBe('different');
    expect(place.events('release.held')).toMatchObject([{ data: { releaseId, machineId: mill.id } }]);
    expect(deliverable(releaseId)).toEqual(['deliver-not-while-readback-differs']);
    await place.register({ ...mill, id: 'MILL-2' as never, sshKeys: ['ssh-ed25519 BBBB'] });
    const release = place.at.standing.release(releaseId);
    const other = machineAsker({ machine: 'MILL-2' as never, channel: 'sftp' });
    if (release)
      expect(place.authority.decide('deliver', other, packageFacts(release.packageId, release.manifest)).verdict).toBe(
        'permit',
      );
    expect(place.at.ledger.size).toBeGreaterThan(before);
  });

  test('is kept as a proposal in quarantine, by the machine, and the release stays as it is', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    await place.sendBack('O4471.NC', edited);
    expect(place.events('deposit.proposed')).toMatchObject([
      {
        actor: { kind: 'machine', id: mill.id },
        data: { releaseId, name: 'O4471.NC from MILL-1', file: { name: 'O4471.NC', digest: digestOf(edited) } },
      },
    ]);
    expect(place.at.standing.release(releaseId)?.manifest.files[0]?.digest).toBe(digestOf(program));
    expect(place.vault.has(digestOf(edited))).toBe(false);
  });

  test('is told apart by consequence, and the whole difference is kept', async () => {
    await place.deliver(await place.release('O4471.NC', program));
    await place.sendBack('O4471.NC', edited);
    await place.readback.settled();
    const [compared] = place.events('readback.compared');
    expect(compared?.data.sentences.join(' ')).toMatch(/feed/i);
    const digest = compared?.data.difference?.digest ?? digestOf('');
    const kept = Difference.parse(JSON.parse((await place.vault.read(digest, 1_000_000)).toString()));
    expect([kept.verdict, kept.before.digest, kept.after.digest]).toEqual([
      'changed',
      digestOf(program),
      digestOf(edited),
    ]);
  });

  test('is compared after the next start where the gateway did not come to it', async () => {
    await place.deliver(await place.release('O4471.NC', program));
    await place.readback.stop();
    await place.sendBack('O4471.NC', edited);
    await place.readback.settled();
    expect(place.events('readback.compared')).toEqual([]);
    const next = place.openReadback();
    await next.resume();
    await next.settled();
    expect(place.events('readback.compared')).toHaveLength(1);
    await next.resume();
    await next.settled();
    expect(place.events('readback.compared')).toHaveLength(1);
  });

  test('the same way again is on record, and holds and proposes nothing more', async () => {
    await place.deliver(await place.release('O4471.NC', program));
    await place.sendBack('O4471.NC', edited);
    await place.sendBack('O4471.NC', edited);
    const [first, second] = verdicts();
    expect(second).toMatchObject({ verdict: 'different', sameAs: first?.retrievalId });
    expect(place.events('release.held', 'deposit.proposed')).toHaveLength(2);
  });

  test('is different by any byte where no profile says what its control rewrites, and the sentences say so', async () => {
    const odd = { ...mill, id: 'ODD-1' as MachineId, groups: ['NO-PROFILE' as GroupId], sshKeys: ['ssh-ed25519 CCCC'] };
    await place.register(odd);
    await place.deliver(await place.release('O4471.NC', program, undefined, 'NO-PROFILE'), undefined, odd.id);
    expect(await place.sendBack('O4471.NC', rewritten, { machine: odd.id })).toBe('different');
    await place.readback.settled();
    expect(place.events('readback.compared')).toMatchObject([
      { data: { sentences: ['No machine profile says how its program is to be read.'] } },
    ]);
  });
});
