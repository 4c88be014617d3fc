import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const memory = '/dev/shm';
/** More than all stories of a run hold at once. */
const leastFreeBytes = 4 * 1024 ** 3;

/**
 * Lets the tests keep their temporary files in memory, where the machine has a file system there with room enough. They
 * kill processes and break calls, never the machine's power, so that an fsync has to be made and need not reach a disk.
 */
export function setup(): (() => void) | undefined {
  if (!hasRoom()) return undefined;
  const folder = mkdtempSync(join(memory, 'keyway-test-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= leastFreeBytes;
  } catch {
    return false;
  }
}
