import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderFiles } from '../../../src/edges/drop-folder/files.ts';
import { FolderStory, orphanMs, settleMs, sidecarText } from './folder-story.ts';

let story: FolderStory;
let secret: string;
beforeEach(() => {
  story = new FolderStory();
  secret = `${story.folder}-secret`;
  fs.writeFileSync(secret, 'secret');
});
afterEach(() => {
  expect(fs.readFileSync(secret, 'utf8')).toBe('secret');
  expect(JSON.stringify(story.intake.taken.map(({ files }) => files))).not.toContain('secret');
  fs.unlinkSync(secret);
  story.end();
});

const kinds: Record<string, (path: string) => void> = {
  'symbolic link': (path) => fs.symlinkSync(secret, path),
  'symbolic link to nowhere': (path) => fs.symlinkSync('/nowhere', path),
  'hard link': (path) => fs.linkSync(secret, path),
  FIFO: (path) => void execFileSync('mkfifo', [path]),
  folder: (path) => fs.mkdirSync(path),
};
const wait = () => story.scanAfter(0, settleMs, orphanMs, settleMs, orphanMs);

describe.each(Object.entries(kinds))('a %s', (kind, make) => {
  it('in place of a listed file is refused, stays where it is and is never read', async () => {
    story.write({ '4471.keyway.json': sidecarText(['a.nc', 'b.nc']), 'b.nc': 'B' });
    make(story.path('a.nc'));
    const { ino } = fs.lstatSync(story.path('a.nc'));
    await wait();
    expect(story.codes()).toEqual(['file-not-regular files[0].name']);
    expect(story.intake.taken).toMatchObject([{ files: { 'b.nc': 'B' } }]);
    expect(fs.lstatSync(story.path('a.nc')).ino).toBe(ino);
    expect(story.names()).toEqual(['4471.keyway.json', '4471.rejected.txt', 'a.nc', 'b.nc']);
  });

  it('in place of a sidecar is refused without being read', async () => {
    make(story.path('4471.keyway.yaml'));
    await wait();
    expect(story.codes()).toEqual(['file-not-regular']);
    expect(story.intake.taken).toMatchObject([{ name: '4471', files: {}, sidecar: undefined }]);
    expect(story.names()).toEqual(['4471.keyway.yaml', '4471.rejected.txt']);
  });

  it('that nothing lists is refused, unless it is a folder', async () => {
    make(story.path('a.nc'));
    await wait();
    if (kind === 'folder') expect(story.intake.calls).toBe(0);
    else expect(story.codes()).toEqual(['file-not-regular']);
    expect(story.intake.calls).toBeLessThanOrEqual(1);
    expect(fs.existsSync(story.path('.keyway'))).toBe(true);
    expect(story.claims()).toEqual([]);
  });

  it('put in place of a file between scan and claim is not read, goes back and is refused next', async () => {
    story.write({ '4471.keyway.json': sidecarText(['a.nc']), 'a.nc': 'A' });
    let swapped = false;
    const opened: string[] = [];
    story.watcher({
      files: {
        ...folderFiles,
        open: (path) => {
          opened.push(String(path));
          return folderFiles.open(path);
        },
        move: async (from, to) => {
          if (String(from).endsWith('a.nc') && !swapped) {
            swapped = true;
            fs.unlinkSync(from);
            make(String(from));
          }
          await folderFiles.move(from, to);
        },
      },
    });
    await story.settle();
    expect(swapped).toBe(true);
    expect(story.intake.taken).toEqual([]);
    expect(story.names()).toEqual(['4471.keyway.json', 'a.nc']);
    await story.scanAfter(settleMs, settleMs, settleMs);
    expect(story.codes()).toEqual(['file-not-regular files[0].name']);
    expect(story.intake.taken[0]?.files).toEqual({});
    expect(opened.filter((path) => path.endsWith('a.nc'))).toEqual([]);
  });

  it('at the name of the note is replaced, never written through; a folder there is reported and asks nothing twice', async () => {
    make(story.path('4471.rejected.txt'));
    story.write({ '4471.keyway.json': '{' });
    await wait();
    expect(story.intake.calls).toBe(1);
    expect(story.text('4471.keyway.json')).toBe('{');
    if (kind !== 'folder') {
      expect(fs.lstatSync(story.path('4471.rejected.txt')).isFile()).toBe(true);
      expect(story.text('4471.rejected.txt')).toContain('sidecar-invalid');
      return;
    }
    expect(story.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    fs.rmdirSync(story.path('4471.rejected.txt'));
    await story.scanAfter(60_000);
    expect(story.text('4471.rejected.txt')).toContain('sidecar-invalid');
    await wait();
    expect(story.intake.calls).toBe(1);
  });
});

it('a socket is refused', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(story.path('a.nc'), resolve));
  await wait();
  await new Promise((resolve) => server.close(resolve));
  expect(story.codes()).toEqual(['file-not-regular']);
});

describe('a writer who goes on', () => {
  const job = () => ({ '4471.keyway.json': sidecarText(['a.nc']), 'a.nc': 'first' });

  it.each([
    ['appends', (fd: number) => fs.writeSync(fd, ' and more', 5)],
    ['overwrites in place', (fd: number) => fs.writeSync(fd, 'FIRST', 0)],
    ['cuts it short', (fd: number) => fs.ftruncateSync(fd, 2)],
  ])('%s while the file is read: nothing is recorded, and it is taken when it has settled', async (_what, act) => {
    story.write(job());
    fs.utimesSync(story.path('a.nc'), 1_000, 1_000);
    const fd = fs.openSync(story.path('a.nc'), 'r+');
    let acted = false;
    story.intake.hook = (stage) => {
      if (stage !== 'while reading' || acted) return;
      acted = true;
      act(fd);
    };
    await story.settle();
    expect(acted).toBe(true);
    expect(story.intake.taken).toEqual([]);
    expect(story.names()).toEqual(['4471.keyway.json', 'a.nc']);
    fs.closeSync(fd);
    const content = story.text('a.nc');
    await story.scanAfter(settleMs, settleMs);
    expect(story.intake.taken).toMatchObject([{ files: { 'a.nc': content } }]);
  });

  it('after it was read gets his file back, instead of losing what he wrote', async () => {
    story.write(job());
    const fd = fs.openSync(story.path('a.nc'), 'r+');
    story.intake.hook = (stage) => {
      if (stage === 'recorded') fs.writeSync(fd, ' and more', 5);
    };
    await story.settle();
    fs.closeSync(fd);
    expect(story.intake.taken).toMatchObject([{ files: { 'a.nc': 'first' }, outcome: { state: 'admitted' } }]);
    expect(story.names()).toEqual(['a.nc']);
    expect(story.text('a.nc')).toBe('first and more');
    expect(story.logged.map(({ level }) => level)).toContain('warn');
  });

  it('rewrites the sidecar between scan and claim: what was parsed is not what is taken, so nothing is', async () => {
    story.write(job());
    let rewritten = false;
    story.watcher({
      files: {
        ...folderFiles,
        makeFolder: async (path) => {
          await folderFiles.makeFolder(path);
          if (rewritten) return;
          rewritten = true;
          story.write({ '4471.keyway.json': sidecarText(['a.nc'], { revision: 'D' }) });
        },
      },
    });
    await story.settle();
    expect(story.intake.taken).toEqual([]);
    await story.scanAfter(settleMs, settleMs);
    expect(story.intake.taken).toMatchObject([{ sidecar: { parsed: { revision: 'D' } } }]);
  });
});

it('a link in place of the gateway’s own folder stops the door, and nothing is moved through it', async () => {
  const elsewhere = `${story.folder}-elsewhere`;
  fs.mkdirSync(elsewhere);
  fs.symlinkSync(elsewhere, story.path('.keyway'));
  story.write({ '4471.keyway.json': sidecarText(['a.nc']), 'a.nc': 'A' });
  await wait();
  await expect(story.drop.recover()).rejects.toMatchObject({ code: 'config-invalid' });
  expect(story.intake.calls).toBe(0);
  expect(fs.readdirSync(elsewhere)).toEqual([]);
  fs.rmdirSync(elsewhere);
});

it('ten thousand files in the folder are scanned in less than a second', async () => {
  for (let n = 0; n < 5_000; n++) {
    fs.writeFileSync(story.path(`p${n}.nc`), 'x');
    fs.writeFileSync(story.path(`p${n}.keyway.json`), sidecarText([`p${n}.nc`, 'absent.nc']));
  }
  await story.scanAfter(0, settleMs);
  const times: number[] = [];
  for (let scan = 0; scan < 3; scan++) {
    const start = performance.now();
    await story.scanAfter(100);
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(1_000);
  expect(story.intake.calls).toBe(0);
});
