import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heldBy } from '../../src/catalog/queries/returns.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { ReleaseId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import { openArrivalFile } from '../../src/door/arrival-file.ts';
import { openTarget } from '../../src/edges/push/open-target.ts';
import { Pushes } from '../../src/edges/push/pushes.ts';
import type { Asker } from '../../src/services/principals.ts';
import { ResidueService } from '../../src/services/residue.ts';
import { ScheduledReadback } from '../../src/services/scheduled-readback.ts';
import { mill, ReturnsPlace, someDecision } from '../helpers/returns-place.ts';
import { FakeShelf } from '../helpers/sftp-fake-shelf.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';
import { silentLog } from '../helpers/test-ledger.ts';

const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
const edited = program.replace('X1.', 'X2.');
const hour = 60 * 60 * 1000;
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};

let share: ReturnType<typeof temporaryFolder>;
let place: ReturnsPlace;
let readback: ScheduledReadback;
let residue: ResidueService;
beforeEach(async () => {
  share = temporaryFolder();
  mkdirSync(join(share.folder, 'mill'));
  place = new ReturnsPlace();
  const { ledger, catalog, standing } = place.at;
  const shelf = new FakeShelf();
  const pushes = new Pushes({
    ...{ shelves: shelf, returns: place.returns, openArrival: openArrivalFile, openBlob: shelf.openBlob, drainMs: 10 },
    openTarget: (link) => openTarget(link, { folders: [share.folder], secrets: {}, answerMs: 2_000 }),
    log: silentLog,
  });
  const withdraw = async (_asker: Asker, releaseId: string, reason: string) => {
    const data = { releaseId: releaseId as ReleaseId, reason, decision: someDecision };
    const { receipt } = await place.commit(makeEvent('release.withdrawn', local.principal, data));
    return { index: receipt.index, withdrawn: releaseId };
  };
  residue = new ResidueService({ ledger, catalog, standing, authority: place.authority, releases: { withdraw } });
  readback = new ScheduledReadback({
    ...{ standing, catalog, pusher: pushes, residue, clock: () => place.now, log: silentLog },
  });
});
afterEach(async () => {
  await place.close();
  share.remove();
});

const file = (name = 'O4471.NC') => join(share.folder, 'mill', name);
const register = (rules: { readBackHours?: number } = {}) =>
  place.register({
    ...{ ...mill, channel: 'push', sshKeys: [] },
    push: { kind: 'folder', folder: join(share.folder, 'mill'), share: false, onRelease: false, ...rules },
  });
const look = async (laterMs = 0) => {
  place.now += laterMs;
  readback.look();
  await readback.idle();
};
const verdicts = () => place.events('readback.verdict').map(({ data }) => data.verdict);
const held = async () => heldBy(await place.at.catalog.current(), mill.id).map(({ as, state }) => `${as} ${state}`);

describe('a machine whose folder is read back by schedule', () => {
  test('is known as delivered, and unknown before, every so many hours and not between', async () => {
    await register({ readBackHours: 8 });
    await place.deliver(await place.release('O4471.NC', program));
    writeFileSync(file(), program);
    expect(await held()).toEqual(['O4471.NC unknown']);
    await look();
    expect(await held()).toEqual(['O4471.NC identical']);
    expect(place.events('retrieval.started')).toMatchObject([{ data: { channel: 'folder', name: 'O4471.NC' } }]);
    await look(8 * hour - 1);
    expect(verdicts()).toHaveLength(1);
    writeFileSync(file(), edited);
    await look(1);
    expect(verdicts()).toEqual(['identical', 'different']);
    expect(place.events('release.held')).toHaveLength(1);
    expect(readFileSync(file(), 'utf8')).toBe(edited);
  });

  test('is tried again soon when its folder is not there', async () => {
    await register({ readBackHours: 8 });
    await place.deliver(await place.release('O4471.NC', program));
    share.remove();
    await look();
    mkdirSync(join(share.folder, 'mill'), { recursive: true });
    writeFileSync(file(), program);
    await look(limits.readBackAgainMs);
    expect(verdicts()).toEqual(['identical']);
  });

  test('is not looked at where its registration says nothing of it', async () => {
    await register();
    await place.deliver(await place.release('O4471.NC', program));
    writeFileSync(file(), program);
    await look(1_000 * hour);
    expect(verdicts()).toEqual([]);
  });
});

describe('a recalled program', () => {
  const open = () => [...place.at.standing.residue.all()].flatMap(({ files }) => files);
  let releaseId: ReleaseId;
  beforeEach(async () => {
    await register();
    releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
  });

  test('is taken away from the folder, and a listing proves it', async () => {
    writeFileSync(file(), program);
    writeFileSync(file('O9.NC'), edited);
    await residue.recall(local, releaseId, 'NCR 5512');
    await look();
    expect(existsSync(file())).toBe(false);
    expect(existsSync(file('O9.NC'))).toBe(true);
    expect(open()).toEqual([]);
    expect(place.events('residue.cleared')).toMatchObject([
      { data: { files: ['O4471.NC'], proof: { kind: 'listing', channel: 'folder' } } },
    ]);
    // What was there before it went is on record.
    expect(verdicts()).toEqual(['identical']);
  });

  test('is taken away at once, though the folder was looked into a moment ago', async () => {
    await register({ readBackHours: 8 });
    writeFileSync(file(), program);
    await look();
    expect(verdicts()).toHaveLength(1);
    place.now += 1;
    await residue.recall(local, releaseId, 'NCR 5512');
    await look();
    expect(existsSync(file())).toBe(false);
    expect(open()).toEqual([]);
  });

  test('that was changed at the control stays there and open, and what it holds is kept', async () => {
    writeFileSync(file(), edited);
    await residue.recall(local, releaseId, 'NCR 5512');
    await look();
    expect(readFileSync(file(), 'utf8')).toBe(edited);
    expect(open()).toEqual(['O4471.NC']);
    expect(verdicts()).toEqual(['different']);
    await look(limits.readBackAgainMs - 1);
    expect(verdicts()).toHaveLength(1);
  });

  test('is not taken away where the same bytes are in force under another release', async () => {
    writeFileSync(file(), program);
    await residue.recall(local, releaseId, 'NCR 5512');
    await place.deliver(await place.release('O4471.NC', program));
    await look();
    expect(existsSync(file())).toBe(true);
  });
});
