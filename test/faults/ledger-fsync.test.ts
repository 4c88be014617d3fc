import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { makeLedgerKeys } from '../helpers/ledger-process.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const program = fileURLToPath(new URL('../helpers/ledger-process.ts', import.meta.url));
const commits = 60;

let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

/** What the kernel was asked for, in order: writes to and syncs of the ledger's log, and acknowledgements. */
type Seen = 'write' | 'sync' | 'ack';

function traced(wrapper: readonly string[], callers: number): Seen[] {
  makeLedgerKeys(place.folder);
  const trace = join(place.folder, 'trace');
  const asked = ['-f', '-y', '-s', '8', '-o', trace, '-e', 'trace=fsync,fdatasync,sync_file_range,pwrite64,write'];
  const ledger = [process.execPath, program, place.folder, String(callers), String(commits)];
  const [command = '', ...args] = ['strace', ...asked, ...wrapper, ...ledger];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect(`${status} ${stderr}`).toMatch(/^0 /);
  return wholeCalls(readFileSync(trace, 'utf8').split('\n')).flatMap(seen);
}

/** Calls that strace shows in two pieces, as another thread called meanwhile, made whole where they ended. */
function wholeCalls(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, thread = '', call] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(line) ?? [];
    if (call !== undefined) {
      begun.set(thread, call);
      return [];
    }
    const [, same = '', rest] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
    return [rest === undefined ? line : `${same} ${begun.get(same)}${rest}`];
  });
}

function seen(line: string): Seen[] {
  // Names may hold whatever the folder is called; the log's own name ends the path.
  if (/ pwrite64\(\d+<[^>]*\/ledger\.db-wal>/.test(line)) return ['write'];
  if (/ f(data)?sync\(\d+<[^>]*\/ledger\.db-wal>\) += 0/.test(line)) return ['sync'];
  if (/ write\(1<[^>]*>, "ack /.test(line)) return ['ack'];
  return [];
}

/** Acknowledgements that came while something written to the log was not synced, or with nothing written for them. */
function unsynced(calls: readonly Seen[]): number {
  let isWritten = false;
  let isSynced = false;
  let wrong = 0;
  for (const call of calls) {
    if (call === 'write') [isWritten, isSynced] = [true, false];
    if (call === 'sync') isSynced = true;
    if (call === 'ack' && !(isWritten && isSynced)) wrong += 1;
  }
  return wrong;
}

const count = (calls: readonly Seen[], what: Seen) => calls.filter((call) => call === what).length;

describe.skipIf(!onPath('strace'))('the kernel is asked to make the ledger durable', () => {
  it('once at least for each batch, before anybody is told, with one caller', () => {
    const calls = traced([], 1);
    expect(count(calls, 'ack')).toBe(commits);
    expect(count(calls, 'sync')).toBeGreaterThanOrEqual(commits);
    expect(unsynced(calls)).toBe(0);
  });

  it('before anybody of a batch is told, with many callers', () => {
    const calls = traced([], 16);
    expect(count(calls, 'ack')).toBe(commits);
    // Fewer syncs than entries: the batch shares one.
    expect(count(calls, 'sync')).toBeLessThan(commits);
    expect(unsynced(calls)).toBe(0);
  });

  it.skipIf(!onPath('eatmydata'))('and a ledger whose syncs are swallowed is found out by the same count', () => {
    const calls = traced(['eatmydata'], 1);
    expect(count(calls, 'ack')).toBe(commits);
    expect(count(calls, 'sync')).toBe(0);
    expect(unsynced(calls)).toBe(commits);
  });
});
