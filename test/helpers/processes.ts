import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type Started = { said: unknown; child: ChildProcess; stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> };

/** `keyway --config FILE --json ARGS` that runs on; resolves with its first line, rejects when it ends before one. */
export async function startKeyway(config: string, ...args: string[]): Promise<Started> {
  const child = spawn(process.execPath, [program, '--config', config, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`keyway ${args.join(' ')} ended with exit code ${code}`)));
  });
  return {
    said: JSON.parse(line),
    child,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** `keyway --config FILE --json ARGS` to its end; a refusal is an answer too. */
export const runKeyway = (config: string, ...args: string[]): Promise<{ code: number; out: unknown }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, '--config', config, '--json', ...args], (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout === '' ? '' : JSON.parse(stdout) });
    });
  });
