import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { programThread } from '../../src/services/program-desk.ts';
import type { StoredSide } from '../../src/services/program-paths.ts';
import { type ProgramTask, ProgramTasks } from '../../src/services/program-task.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
const thread = programThread();
afterAll(async () => {
  await thread.stop();
  place.remove();
});

/** Said to be so long that its path is computed in the thread beside. */
function long(name: string, depth: number): StoredSide {
  const text = `%\nO1\nG21 G90\nG0 X0. Y0. Z5.\nG1 Z${depth} F200.\nX10.\nG2 X20. Y10. I10.\nA30.\nM30\n%\n`;
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return { name: 'O1.NC', programs: [{ name: 'O1.NC', digest: digestOf(text), size: 1_000_000, path }] };
}
const [before, after] = [long('before', -1), long('after', -2)];
const profile = undefined;
const difference: ProgramTask = { kind: 'difference', before, after, profile };
const toolpath: ProgramTask = { kind: 'toolpath', of: after, profile };

test('a difference, and the paths that it was judged by, are the same by two threads as by one', async () => {
  const alone = new ProgramTasks();
  expect(await thread.run(difference)).toEqual(await alone.run(difference));
  expect(await thread.run(toolpath)).toEqual(await alone.run(toolpath));
  expect(await thread.run(difference)).toEqual(await alone.run(difference));
});

test('what is not what it was said to be ends both threads, and the next difference gets two new ones', async () => {
  const changed = long('changed', -3);
  appendFileSync(join(place.folder, 'changed'), 'M99\n');
  await expect(thread.run({ ...difference, after: changed })).rejects.toThrow('is not the content');
  expect(await thread.run(difference)).toEqual(await new ProgramTasks().run(difference));
});
