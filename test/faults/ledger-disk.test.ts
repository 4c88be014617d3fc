import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import type { BrokenLife } from '../helpers/broken-disk-process.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const source = fileURLToPath(new URL('./broken-disk.c', import.meta.url));
const program = fileURLToPath(new URL('../helpers/broken-disk-process.ts', import.meta.url));

describe.skipIf(!onPath('gcc'))('a disk that breaks under SQLite at any of the ledger’s durable writes', () => {
  const place = temporaryFolder();
  let lives: BrokenLife[];
  beforeAll(() => {
    const [library, control] = [join(place.folder, 'broken-disk.so'), join(place.folder, 'control')];
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, source, '-ldl']);
    writeFileSync(control, Buffer.alloc(24));
    const env = { ...process.env, LD_PRELOAD: library, KEYWAY_BROKEN_DISK: control };
    const out = execFileSync(process.execPath, [program, place.folder, control], { encoding: 'utf8', env });
    lives = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BrokenLife);
  }, 180_000);
  afterAll(() => place.remove());

  const broken = (persisted: boolean) => lives.filter((life) => life.broke && life.persisted === persisted);

  it('is broken at each write, sync and truncation, lost and persisted alike, until a life has no more of them', () => {
    expect(broken(false).length).toBeGreaterThan(40);
    expect(broken(true).length).toBeGreaterThan(40);
    expect(lives.filter((life) => !life.broke)).toHaveLength(2);
    // Some broke before anybody was told, some after all were.
    expect(new Set(lives.map((life) => life.acknowledged))).toContain(0);
    expect(Math.max(...lives.map((life) => life.acknowledged))).toBe(24);
  });

  it('takes nothing that somebody was told, and nothing is told after it', () => {
    expect(lives.filter((life) => life.kept !== life.acknowledged || life.wentOn)).toEqual([]);
  });

  it('leaves a ledger that starts, takes the next entry and verifies from the first to the last', () => {
    expect(lives.filter((life) => life.problems > 0 || life.covered !== life.entries)).toEqual([]);
    expect(lives.every((life) => life.entries > 240 + life.acknowledged)).toBe(true);
  });
});
