import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { programThread } from '../../src/services/program-desk.ts';
import { type ProgramTask, ProgramTasks } from '../../src/services/program-task.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

function stored(name: string, text: string) {
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return { name: 'O1.NC', programs: [{ name: 'O1.NC', digest: digestOf(text), path }] };
}
const before = stored('before', '%\nO1\nG21 G90\nG0 X0. Y0.\nG1 X10. F200.\nM30\n%\n');
const after = stored('after', '%\nO1\nG21 G90\nG0 X0. Y0.\nG1 X12. F200.\nM30\n%\n');
const endless = stored('endless', '%\nO1\nG21 G90\nG0 X0. Y0.\nG1 X12. F200.\nM99\n%\n');
const profile = undefined;
const toolpath = (of: typeof before): ProgramTask => ({ kind: 'toolpath', of, profile });

test('the paths that a difference was judged by are the ones that are shown, each for its own program', () => {
  for (const newer of [after, endless]) {
    const tasks = new ProgramTasks();
    tasks.run({ kind: 'difference', before, after: newer, profile });
    for (const side of [before, newer, before])
      expect(tasks.run(toolpath(side))).toEqual(new ProgramTasks().run(toolpath(side)));
  }
});

test('a thread that was begun before its first task does it, and one that ended meanwhile is replaced', async () => {
  const thread = programThread();
  thread.begin();
  expect(await thread.run(toolpath(after))).toEqual(new ProgramTasks().run(toolpath(after)));
  await thread.stop();
  thread.begin();
  thread.begin();
  expect(await thread.run(toolpath(after))).toEqual(new ProgramTasks().run(toolpath(after)));
  await thread.stop();
});
