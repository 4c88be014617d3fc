import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { ComputedPrograms, programThread } from '../../src/services/computed-programs.ts';
import { type ProgramAnswer, type ProgramTask, ProgramTasks } from '../../src/services/program-task.ts';
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

test('what several ask for is computed once and remembered, what failed is not, and too many at once are refused', async () => {
  const asked: PromiseWithResolvers<ProgramAnswer>[] = [];
  const run = () => {
    const answer = Promise.withResolvers<ProgramAnswer>();
    asked.push(answer);
    return answer.promise;
  };
  const computed = new ComputedPrograms({ begin: () => {}, run, stop: async () => {} });
  const both = [computed.of(toolpath(after)), computed.of(toolpath(after))];
  asked[0]?.resolve({ bytes: Uint8Array.of(7) });
  expect([...(await Promise.all(both)), await computed.of(toolpath(after))]).toEqual(Array(3).fill(Buffer.of(7)));
  expect(asked).toHaveLength(1);

  const failing = computed.of(toolpath(before));
  asked[1]?.reject(new Error('the thread ended with 1'));
  await expect(failing).rejects.toMatchObject({ code: 'too-large' });
  const others = Array.from({ length: limits.programTasks }, (_, at) =>
    computed.of(toolpath({ ...before, name: `P${at}.NC` })),
  );
  await expect(computed.of(toolpath(before))).rejects.toMatchObject({ code: 'busy' });
  for (const { resolve } of asked.slice(2)) resolve({ bytes: Uint8Array.of(8) });
  await Promise.all(others);
  void computed.of(toolpath(before));
  expect(asked).toHaveLength(limits.programTasks + 3);
});
