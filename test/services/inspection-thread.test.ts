import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileRole } from '../../src/domain/manifest.ts';
import { runInspection } from '../../src/services/inspection-task.ts';
import { InspectionThread } from '../../src/services/inspection-thread.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';
import { silentLog } from '../helpers/test-ledger.ts';

const task = (text: string) => ({
  files: [
    { name: 'O1.NC', role: 'main-program' as FileRole, bytes: Buffer.from(text) },
    { name: 'SETUP.txt', role: 'setup-sheet' as FileRole, bytes: new Uint8Array() },
  ],
  machineGroup: 'M',
  profile: undefined,
});
const good = task('%\nO1\nG20\nM30\n%\n');

test('an inspection in a thread says what the same inspection says here', async () => {
  const inspected = await new InspectionThread(silentLog).inspect(good);
  expect(inspected).toEqual(runInspection(good));
  expect(inspected.facts).toMatchObject([{ programNumber: 'O1', units: 'inch' }]);
});

describe('a reader that a program has in its power', () => {
  let place: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    place = temporaryFolder();
  });
  afterEach(() => place.remove());

  /** A thread that does this with a program that says BAD, and answers any other with nothing found. */
  function thread(does: string, bounds: { milliseconds: number; heapMb: number }) {
    const program = join(place.folder, 'reader.mjs');
    const answer = `if (Buffer.from(task.files[0].bytes).includes('BAD')) { ${does} }
      parentPort.postMessage({ facts: [], findings: [], more: 0 });`;
    writeFileSync(
      program,
      `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', (task) => { ${answer} });\n`,
    );
    return new InspectionThread(silentLog, bounds, pathToFileURL(program));
  }

  const ways: [string, string, { milliseconds: number; heapMb: number }][] = [
    ['and never answers', 'for (;;);', { milliseconds: 200, heapMb: 64 }],
    ['and takes all memory', 'const all = []; for (;;) all.push({ all: [1] });', { milliseconds: 30_000, heapMb: 16 }],
    ['and throws', 'throw new RangeError("Maximum call stack size exceeded");', { milliseconds: 30_000, heapMb: 64 }],
    ['and ends', 'process.exit(3);', { milliseconds: 30_000, heapMb: 64 }],
  ];
  test.each(ways)('%s is ended, the deposit is blocked, and the next one is inspected', async (_, does, bounds) => {
    const inspection = thread(does, { ...bounds, milliseconds: Math.max(bounds.milliseconds, 200) });
    const [bad, next] = await Promise.all([inspection.inspect(task('BAD')), inspection.inspect(good)]);
    expect(bad).toMatchObject({ facts: [], more: 0 });
    expect(bad.findings).toMatchObject([{ rule: 'inspection-failed', severity: 'block', file: 'O1.NC' }]);
    expect(next).toEqual({ facts: [], findings: [], more: 0 });
  });

  test('and is not there any more blocks', async () => {
    const inspection = thread('', { milliseconds: 30_000, heapMb: 64 });
    rmSync(join(place.folder, 'reader.mjs'));
    expect((await inspection.inspect(good)).findings).toMatchObject([{ rule: 'inspection-failed' }]);
  });
});
