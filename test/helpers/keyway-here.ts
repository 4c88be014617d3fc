import { runCli } from '../../src/cli/cli.ts';

export type Said = { code: number; out: string; err: string };

let last: Promise<unknown> = Promise.resolve();

/**
 * `keyway ARGS` without a process of its own: the same program, from its arguments to its exit code. One at a time, as
 * all of them say what they say on the standard output of this process. What only a process can show (that it ends, what
 * a signal does to it) is for a test that starts one.
 */
export function keywayHere(...args: string[]): Promise<Said> {
  const said = last.then(() => run(args));
  last = said.catch(() => {});
  return said;
}

/** `keyway --config FILE --json ARGS`, and its answer; a refusal is one too. */
export async function askHere(config: string, ...args: string[]): Promise<{ code: number; out: unknown }> {
  const { code, out } = await keywayHere('--config', config, '--json', ...args);
  return { code, out: out === '' ? '' : JSON.parse(out) };
}

async function run(args: readonly string[]): Promise<Said> {
  const [out, err] = [listenTo(process.stdout), listenTo(process.stderr)];
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const code = await runCli(['node', 'keyway', ...args]);
    return { code, out: out.text(), err: err.text() };
  } finally {
    process.exitCode = exitCode;
    out.end();
    err.end();
  }
}

/** Keeps what is written to the stream from now on. */
function listenTo(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const { write } = stream;
  const parts: Buffer[] = [];
  stream.write = (part: string | Uint8Array): boolean => {
    parts.push(Buffer.from(part as string));
    return true;
  };
  return {
    text: () => Buffer.concat(parts).toString(),
    end: () => {
      stream.write = write;
    },
  };
}
