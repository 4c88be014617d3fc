import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import type { DepositOutcome } from '../../../src/domain/intake.ts';
import { FolderStory, orphanMs, settleMs, sidecarText } from './folder-story.ts';

let story: FolderStory;
beforeEach(() => {
  story = new FolderStory();
});
afterEach(() => story.end());

const job = {
  'O4471.nc': '%\nO4471\nM30\n%',
  'O9000.nc': '%\nO9000\nM99\n%',
  '4471.keyway.json': sidecarText(['O4471.nc', 'O9000.nc']),
};
const rejection: DepositOutcome = {
  state: 'rejected',
  reasons: [
    { code: 'revision-taken', field: 'revision', message: 'Revision C was already submitted; raise it.' },
    { code: 'author-unknown', field: 'author', message: 'ME-2 is not enrolled.' },
  ],
};

describe('a complete job', () => {
  it('is taken once it has settled, and its files are gone', async () => {
    story.write({ ...job, '4471.rejected.txt': 'old', 'O4471.nc.rejected.txt': 'old' });
    await story.drop.recover();
    await story.scanAfter(0, settleMs - 1);
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(1);

    expect(story.intake.taken).toMatchObject([
      {
        door: 'drop-folder',
        name: '4471',
        problems: [],
        files: { 'O4471.nc': job['O4471.nc'], 'O9000.nc': job['O9000.nc'] },
      },
    ]);
    const [taken] = story.intake.taken;
    expect(taken?.depositId).toMatch(/^DEP-/);
    expect(taken?.sidecar?.fileName).toBe('4471.keyway.json');
    expect(taken?.sidecar?.bytes.toString()).toBe(job['4471.keyway.json']);
    expect(taken?.sidecar?.parsed?.files).toHaveLength(2);
    expect(story.names()).toEqual([]);
    expect(story.claims()).toEqual([]);
    await story.scanAfter(orphanMs);
    expect(story.intake.calls).toBe(1);
  });

  it('keeps every byte, also those that are no text', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
      .join('')
      .repeat(3_000);
    story.write({ 'a.bin': bytes, 'a.keyway.json': sidecarText(['a.bin']) });
    await story.settle();
    expect(story.intake.taken[0]?.files['a.bin'] === bytes).toBe(true);
  });

  it('waits while any of its files still changes', async () => {
    story.write(job);
    await story.scanAfter(0);
    for (let part = 0; part < 5; part++) {
      fs.appendFileSync(story.path('O9000.nc'), 'G1 X1.\n');
      await story.scanAfter(settleMs);
    }
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(settleMs);
    expect(story.intake.taken[0]?.files['O9000.nc']).toContain('G1 X1.\n'.repeat(5));
  });

  it('waits for a file that comes later, and for one that is still empty', async () => {
    story.write({ '4471.keyway.json': job['4471.keyway.json'], 'O4471.nc': '' });
    await story.scanAfter(0, settleMs, orphanMs - settleMs - 1);
    story.write({ 'O9000.nc': job['O9000.nc'] });
    await story.scanAfter(0, orphanMs - 1);
    expect(story.intake.calls).toBe(0);
    story.write({ 'O4471.nc': job['O4471.nc'] });
    await story.settle();
    expect(story.intake.taken).toMatchObject([{ problems: [] }]);
  });

  it('that intake has durably but not yet inspected is let go too', async () => {
    story.intake.decide = () => ({ state: 'received' });
    story.write(job);
    await story.settle();
    expect(story.names()).toEqual([]);
  });

  it('leaves what does not belong to it: hidden files, folders, notes and files that were kept aside', async () => {
    fs.mkdirSync(story.path('archive'));
    const others = { '.DS_Store': 'x', 'mine.rejected.txt': 'x', 'a.nc.rejected-DEP-0123456789': 'x' };
    story.write({ ...job, ...others });
    await story.settle();
    await story.scanAfter(orphanMs);
    expect(story.intake.calls).toBe(1);
    expect(story.names()).toEqual([...Object.keys(others), 'archive'].sort());
  });

  it('with two sidecars is refused until one is left', async () => {
    story.write({ ...job, '4471.keyway.yaml': job['4471.keyway.json'] });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid']);
    expect(story.names()).toContain('4471.rejected.txt');
    fs.unlinkSync(story.path('4471.keyway.yaml'));
    await story.settle();
    expect(story.intake.taken[1]).toMatchObject({ problems: [], outcome: { state: 'admitted' } });
    expect(story.names()).toEqual([]);
  });
});

describe('a rejected job', () => {
  beforeEach(async () => {
    story.intake.decide = () => rejection;
    story.write(job);
    await story.settle();
  });

  it('stays in the folder beside a note that says why and what to do', () => {
    expect(story.names()).toEqual(['4471.keyway.json', '4471.rejected.txt', 'O4471.nc', 'O9000.nc']);
    for (const [name, text] of Object.entries(job)) expect(story.text(name)).toBe(text);
    const note = story.text('4471.rejected.txt');
    expect(note).toContain(`Deposit: ${story.intake.taken[0]?.depositId}\r\n`);
    expect(note).toContain('Time:    2026-03-01T06:30:01.000Z\r\n');
    expect(note).toContain(
      '1. revision-taken (revision)\r\n   Revision C was already submitted; raise it.\r\n   What to do: Raise',
    );
    expect(note).toContain('2. author-unknown (author)');
    expect(story.claims()).toEqual([]);
  });

  it('is not asked again, whatever time passes and after a restart', async () => {
    await story.scanAfter(settleMs, orphanMs, orphanMs);
    story.watcher();
    await story.drop.recover();
    await story.scanAfter(0, settleMs, orphanMs);
    expect(story.intake.calls).toBe(1);
  });

  it('is asked again when a file changes, and admitted the note is gone', async () => {
    story.intake.decide = () => ({ state: 'admitted', packageId: 'PKG-0000000001' as never });
    story.write({ '4471.keyway.json': sidecarText(['O4471.nc', 'O9000.nc'], { revision: 'D' }) });
    await story.settle();
    expect(story.intake.taken[1]?.sidecar?.parsed?.revision).toBe('D');
    expect(story.names()).toEqual([]);
  });

  it('is asked again when a file is replaced by one of the same size and time', async () => {
    const { atime, mtime } = fs.statSync(story.path('O4471.nc'));
    story.write({ '.new': job['O4471.nc'].replace('M30', 'M02') });
    fs.utimesSync(story.path('.new'), atime, mtime);
    fs.renameSync(story.path('.new'), story.path('O4471.nc'));
    await story.settle();
    expect(story.intake.taken[1]?.files['O4471.nc']).toContain('M02');
  });

  it('is asked again when its note is deleted', async () => {
    await story.settle();
    fs.unlinkSync(story.path('4471.rejected.txt'));
    await story.settle();
    expect(story.intake.calls).toBe(2);
    expect(story.names()).toContain('4471.rejected.txt');
  });

  it('shares a file with another rejected job without either being asked over and over', async () => {
    story.write({ 'other.keyway.json': sidecarText(['O4471.nc']) });
    for (let round = 0; round < 10; round++) await story.scanAfter(settleMs, orphanMs);
    expect(story.intake.taken.map(({ name }) => name)).toEqual(['4471', 'other']);
  });
});

describe('files that a rejection gives back', () => {
  it('never replace a newer file of the same name', async () => {
    story.intake.decide = () => rejection;
    story.intake.hook = (stage) => {
      if (stage === 'recorded') story.write({ 'O4471.nc': 'newer' });
    };
    story.write(job);
    await story.settle();
    const id = story.intake.taken[0]?.depositId;
    expect(story.text('O4471.nc')).toBe('newer');
    expect(story.text(`O4471.nc.rejected-${id}`)).toBe(job['O4471.nc']);
    // The newer file is an open question again.
    story.intake.hook = () => {};
    await story.settle();
    expect(story.intake.taken[1]?.files['O4471.nc']).toBe('newer');
  });

  it('go back by rename where links to other people’s files are forbidden', async () => {
    const { folderFiles } = await import('../../../src/edges/drop-folder/files.ts');
    const link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    story.watcher({ files: { ...folderFiles, link } });
    story.intake.decide = () => rejection;
    story.intake.hook = (stage) => {
      if (stage === 'recorded') story.write({ 'O9000.nc': 'newer' });
    };
    story.write(job);
    await story.settle();
    expect(story.text('O4471.nc')).toBe(job['O4471.nc']);
    expect(story.text('O9000.nc')).toBe('newer');
    expect(story.text(`O9000.nc.rejected-${story.intake.taken[0]?.depositId}`)).toBe(job['O9000.nc']);
  });
});

describe('when intake cannot take a job', () => {
  it('the files go back and it is tried again, later each time', async () => {
    story.write(job);
    story.intake.failure = () => new DomainError('ledger-unavailable', 'The ledger is down.');
    await story.settle();
    expect(story.names()).toEqual(Object.keys(job).sort());
    expect(story.claims()).toEqual([]);
    const tries: number[] = [];
    for (let second = 1; second <= 40; second++) {
      const before = story.intake.calls;
      await story.scanAfter(1_000);
      if (story.intake.calls > before) tries.push(second);
    }
    // After 1, 2, 4, 8, 16 s, each with the settling of the files that moved.
    expect(tries).toEqual([2, 4, 8, 16, 32]);
    story.intake.failure = () => undefined;
    await story.scanAfter(60_000, settleMs);
    expect(story.intake.taken).toHaveLength(1);
    expect(story.names()).toEqual([]);
  });

  it('because the ledger is down, the other jobs are left alone meanwhile', async () => {
    story.intake.failure = () => new DomainError('storage-full', 'No space.');
    for (let n = 0; n < 5; n++) story.write({ [`p${n}.nc`]: 'x', [`p${n}.keyway.json`]: sidecarText([`p${n}.nc`]) });
    await story.settle();
    expect(story.intake.calls).toBe(1);
  });

  it('for a reason of its own, the other jobs are taken', async () => {
    story.intake.failure = (deposit) => (deposit.name === 'p0' ? new Error('unforeseen') : undefined);
    for (let n = 0; n < 3; n++) story.write({ [`p${n}.nc`]: 'x', [`p${n}.keyway.json`]: sidecarText([`p${n}.nc`]) });
    await story.settle();
    expect(story.intake.taken.map(({ name }) => name)).toEqual(['p1', 'p2']);
    expect(story.names()).toEqual(['p0.keyway.json', 'p0.nc']);
  });

  it('a folder that is away is said once, and scanned again when it is back', async () => {
    fs.renameSync(story.folder, `${story.folder}-away`);
    await story.scanAfter(0, 1_000, 1_000);
    expect(story.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    await expect(story.drop.recover()).rejects.toMatchObject({ code: 'config-invalid' });
    fs.renameSync(`${story.folder}-away`, story.folder);
    story.write(job);
    await story.settle();
    expect(story.intake.taken).toHaveLength(1);
  });
});

it('scans never run two at once, and calls during a scan share the next one', async () => {
  let running = 0;
  let most = 0;
  story.intake.hook = async (stage) => {
    if (stage === 'before') most = Math.max(most, ++running);
    if (stage === 'recorded') running--;
  };
  for (let n = 0; n < 3; n++) story.write({ [`p${n}.nc`]: 'x', [`p${n}.keyway.json`]: sidecarText([`p${n}.nc`]) });
  await story.scanAfter(0);
  story.now += settleMs;
  const first = story.drop.scan();
  await Promise.resolve();
  const scans = [story.drop.scan(), story.drop.scan(), story.drop.scan()];
  expect(new Set(scans).size).toBe(1);
  await Promise.all([first, ...scans]);
  expect(most).toBe(1);
  expect(story.intake.taken).toHaveLength(3);
});
