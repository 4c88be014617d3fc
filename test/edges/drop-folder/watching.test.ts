import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { folderFiles } from '../../../src/edges/drop-folder/files.ts';
import { FolderStory, sidecarText } from './folder-story.ts';

let story: FolderStory;
let looks = 0;
beforeEach(() => {
  story = new FolderStory();
  looks = 0;
  story.watcher({
    clock: () => Date.now(),
    settleMs: 50,
    orphanMs: 60_000,
    files: {
      ...folderFiles,
      list: async (folder) => {
        if (folder === story.folder) looks++;
        return folderFiles.list(folder);
      },
    },
  });
});
afterEach(async () => {
  await story.drop.stop();
  story.end();
});

const job = (name: string) => ({ [`${name}.nc`]: name, [`${name}.keyway.json`]: sidecarText([`${name}.nc`]) });
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 10 });

it('a started door takes what is there and what comes, by itself', async () => {
  story.write(job('before'));
  await story.drop.recover();
  story.drop.start();
  await until(() => story.intake.taken.length === 1);
  story.write(job('after'));
  await until(() => story.intake.taken.length === 2);
  expect(story.intake.taken.map(({ name }) => name)).toEqual(['before', 'after']);
  await until(() => story.names().length === 0);
});

it('a change in the folder starts a scan before the next one would be due', async () => {
  await story.drop.recover();
  story.drop.start();
  // The watcher itself needs a moment to be ready; each try comes right after a scan that found nothing to wait for.
  let soonest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && soonest > limits.dropRescanMs / 2; attempt++) {
    const before = looks;
    await until(() => looks > before);
    const seen = looks;
    const start = performance.now();
    story.write({ [`hint${attempt}.nc`]: 'x' });
    await until(() => looks > seen);
    soonest = Math.min(soonest, performance.now() - start);
  }
  expect(soonest).toBeLessThan(limits.dropRescanMs / 2);
});

it('a stopped door ends the deposit under way, and takes no other', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  story.intake.hook = (stage) => (stage === 'before' ? gate : undefined);
  story.write({ ...job('one'), ...job('two') });
  await story.drop.recover();
  story.drop.start();
  await until(() => story.intake.calls === 1);
  const stopped = story.drop.stop();
  release();
  await stopped;
  expect(story.intake.taken.map(({ name }) => name)).toEqual(['one']);
  expect(story.names()).toEqual(['two.keyway.json', 'two.nc']);
  expect(story.claims()).toEqual([]);
});
