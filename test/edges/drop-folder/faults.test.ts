import { describe, expect, it } from 'vitest';
import type { DepositOutcome } from '../../../src/domain/intake.ts';
import { type Fault, FaultyFiles } from './faulty-files.ts';
import { FolderStory, orphanMs, settleMs, sidecarText } from './folder-story.ts';

const rejected: DepositOutcome = { state: 'rejected', reasons: [{ code: 'revision-taken', message: 'Raise it.' }] };
const sidecar = sidecarText(['O4471.nc', 'O9000.nc']);
const files = { 'O4471.nc': 'main', 'O9000.nc': 'sub', '4471.keyway.json': sidecar };

type Story = {
  what: string;
  write: Record<string, string>;
  decide?: DepositOutcome;
  /** The folder when all is over, without its notes. */
  left: string[];
  notes: string[];
  taken: Record<string, string>;
};
const stories: Story[] = [
  {
    what: 'an admitted job with an old note',
    write: { ...files, '4471.rejected.txt': 'old' },
    left: [],
    notes: [],
    taken: { 'O4471.nc': 'main', 'O9000.nc': 'sub' },
  },
  {
    what: 'a rejected job',
    write: files,
    decide: rejected,
    left: Object.keys(files).sort(),
    notes: ['4471.rejected.txt'],
    taken: { 'O4471.nc': 'main', 'O9000.nc': 'sub' },
  },
  {
    what: 'a job with a missing file',
    write: { 'O4471.nc': 'main', '4471.keyway.json': sidecar },
    left: ['4471.keyway.json', 'O4471.nc'],
    notes: ['4471.rejected.txt'],
    taken: { 'O4471.nc': 'main' },
  },
  {
    what: 'a file without a sidecar',
    write: { 'O4471.nc': 'main' },
    left: ['O4471.nc'],
    notes: ['O4471.nc.rejected.txt'],
    taken: { 'O4471.nc': 'main' },
  },
];

/** Time enough for every judgement and every retry. */
const longEnough = [0, settleMs, orphanMs, 60_000, 60_000, 60_000];
/** Through every step of a job: it is taken, and a rejected one is looked at again with its note. */
const throughout = [0, settleMs, orphanMs, settleMs];

function begin({ write, decide }: Story): FolderStory {
  const story = new FolderStory();
  if (decide) story.intake.decide = () => decide;
  story.write(write);
  return story;
}

/** Runs the door over faulty files until the fault has struck and, for a crash, the process is gone. */
async function runInto(story: FolderStory, faulty: FaultyFiles, scans: readonly number[]): Promise<void> {
  story.intake.hook = (stage) => faulty.stage(stage);
  story.watcher({ files: faulty.files });
  await story.drop.recover().catch(() => undefined);
  await story.scanAfter(...scans);
  story.intake.hook = () => {};
}

/** The gateway starts again, on files without faults. */
async function restart(story: FolderStory): Promise<void> {
  story.watcher();
  await story.drop.recover();
  await story.scanAfter(...longEnough);
}

function expectOver(story: FolderStory, expected: Story, where: string): void {
  const seen = {
    deposits: story.intake.taken.map((taken) => taken.files),
    left: story.names().filter((name) => !name.endsWith('.rejected.txt')),
    contents: expected.left.map((name) => (story.names().includes(name) ? story.text(name) : undefined)),
    notes: story.names().filter((name) => name.endsWith('.rejected.txt')),
    claims: story.claims(),
  };
  const { left, notes, taken, write } = expected;
  expect(seen, where).toEqual({
    deposits: [taken],
    left,
    contents: left.map((name) => write[name]),
    notes,
    claims: [],
  });
  for (const note of notes) expect(story.text(note), where).toContain(`Deposit: ${story.intake.taken[0]?.depositId}`);
}

describe.each(stories)('$what', (expected) => {
  it.each<Fault>(['crash', 'fails', 'done but fails'])(
    'is held exactly once and loses no file: %s at every step',
    async (fault) => {
      let struck = true;
      let at = 0;
      while (struck) {
        at++;
        const story = begin(expected);
        const faulty = new FaultyFiles(fault, at, { countReads: true });
        await runInto(story, faulty, throughout);
        if (fault === 'crash') await restart(story);
        else await story.scanAfter(...longEnough);
        expectOver(story, expected, `${fault} at step ${at}: ${faulty.steps[at - 1]}`);
        struck = faulty.struck;
        story.end();
      }
      expect(at).toBeGreaterThan(20);
    },
  );

  it('is held exactly once and loses no file when recovery crashes too', async () => {
    for (let at = 1, struck = true; struck; at++) {
      for (let then = 1, again = true; again; then++) {
        const story = begin(expected);
        const first = new FaultyFiles('crash', at, { countReads: false });
        await runInto(story, first, throughout);
        const second = new FaultyFiles('crash', then, { countReads: false });
        // No scan: only the steps of recovery, which would else be hidden among those of a whole new run.
        await runInto(story, second, []);
        await restart(story);
        expectOver(story, expected, `crash at ${first.steps.at(-1)}, then at ${second.steps.at(-1)}`);
        again = second.struck;
        struck = first.struck;
        story.end();
      }
    }
  });
});

it('nothing is recorded before the claim is durable, and no file is deleted before it is recorded', async () => {
  const story = begin(stories[0] as Story);
  const faulty = new FaultyFiles('crash', Number.POSITIVE_INFINITY, { countReads: false });
  await runInto(story, faulty, [0, settleMs]);
  const steps = faulty.steps.map((step) => step.replace(story.folder, '').replace(/DEP-\w+/, 'DEP'));
  const claimed = steps.slice(steps.indexOf('makeFolder /.keyway/DEP'));
  expect(claimed).toEqual([
    'makeFolder /.keyway/DEP',
    expect.stringMatching(/^write /),
    'move /.keyway/DEP/O4471.nc',
    'move /.keyway/DEP/O9000.nc',
    'move /.keyway/DEP/4471.keyway.json',
    'sync /.keyway/DEP',
    'sync /.keyway',
    'sync ',
    'intake: before',
    'intake: while reading',
    'intake: while reading',
    'intake: recorded',
    'remove /.keyway/DEP/O4471.nc',
    'remove /.keyway/DEP/O9000.nc',
    'remove /.keyway/DEP/4471.keyway.json',
    'remove /4471.rejected.txt',
    'remove /.keyway/DEP/.job.json',
    'removeFolder /.keyway/DEP',
  ]);
  story.end();
});
