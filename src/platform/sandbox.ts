import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** These processes hold little: V8 is to collect before it grows. */
const smallHeap = ['--max-semi-space-size=1', '--heap-growing-percent=20'];
/**
 * What passes through is memory outside of V8's heap, free once a small object is collected. Collected whole and by the thread
 * that made it, it is used again while it is warm; marking beside the work took more than half of a long upload.
 */
const collectAtOnce = ['--single-threaded-gc', '--no-incremental-marking'];

/** The folder that holds our dependencies, wherever links lead. */
function dependencies(): string {
  const entry = realpathSync(fileURLToPath(import.meta.resolve('zod')));
  const marker = '/node_modules/';
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length);
}

/**
 * The command that runs one of our programs under Node's permission model: it reads its code and `read`, writes
 * `write`, starts no process. A path that is a link is allowed as it is named and as what it leads to. `passesOn`: it is
 * there to pass files on.
 */
export function sandboxedNode(
  program: URL,
  allowed: { read: readonly string[]; write?: readonly string[]; addons?: boolean; passesOn?: boolean },
): [string, ...string[]] {
  const read = [project, realpathSync(project), dependencies(), ...allowed.read.flatMap(withTarget)];
  return [
    process.execPath,
    ...smallHeap,
    ...(allowed.passesOn ? collectAtOnce : []),
    // Node warns that add-ons could step out of the model; the README says so where it matters.
    '--disable-warning=SecurityWarning',
    '--permission',
    ...(allowed.addons ? ['--allow-addons'] : []),
    ...[...new Set(read)].map((path) => `--allow-fs-read=${path}`),
    ...(allowed.write ?? []).flatMap(withTarget).map((path) => `--allow-fs-write=${path}`),
    fileURLToPath(program),
  ];
}

function withTarget(path: string): string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}
