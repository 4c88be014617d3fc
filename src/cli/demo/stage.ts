import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GatewayClient } from '../../edges/http/client.ts';

const program = fileURLToPath(new URL('../../main.ts', import.meta.url));

export type Served = {
  https: { host: string; port: number };
  sftp: { host: string; port: number };
  ftp?: { host: string; ports: number[] };
  socket: string;
  dropFolder: string;
  pids: { core: number; signer: number; sftp: number[] };
};
export type Ran = { code: number; out: unknown; text: string };

const usualSettings = [
  'data: data',
  'http: { port: 0 }',
  'sftp: { port: 0 }',
  'dropFolder: { settleMs: 200, orphanMs: 1500 }',
  'log: { level: error }',
];

/** A gateway in a folder of its own, and the `keyway` command against it: processes, as a person would start them. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'keyway-demo-'));
  readonly #config = join(this.folder, 'keyway.yaml');
  #server: ChildProcess | undefined;

  get configFile(): string {
    return this.#config;
  }

  /** `more`: further lines of the configuration, some in the place of the usual ones. */
  async start(more = ''): Promise<Served> {
    const keyOf = (line: string) => line.slice(0, line.indexOf(':'));
    const said = new Set(more.split('\n').map(keyOf));
    const usual = usualSettings.filter((line) => !said.has(keyOf(line)));
    writeFileSync(this.#config, `${usual.join('\n')}\n${more}`);
    const server = spawn(process.execPath, [program, '--config', this.#config, '--json', 'serve'], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#server = server;
    const { stdout } = server;
    if (!stdout) throw new Error('the gateway has no output');
    const line = new Promise<string>((resolve, reject) => {
      createInterface({ input: stdout }).once('line', resolve);
      server.once('exit', (code) => reject(new Error(`the gateway ended with exit code ${code}`)));
    });
    const answer = JSON.parse(await line) as Served | { error: { message: string } };
    if ('error' in answer) throw new Error(`the gateway did not start: ${answer.error.message}`);
    return answer;
  }

  /** For watching, where a process a look would be slow. */
  client(): GatewayClient {
    return GatewayClient.overSocket(join(this.folder, 'data', 'keyway.sock'));
  }

  /** Runs `keyway ARGS --json`; a refusal is an answer too. */
  keyway(...args: string[]): Promise<Ran> {
    return this.run(process.execPath, [program, '--config', this.#config, '--json', ...args]);
  }

  run(file: string, args: string[]): Promise<Ran> {
    return new Promise((resolve) => {
      execFile(file, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 127) : 0;
        resolve({ code, out: parseJson(stdout), text: `${stdout}${stderr}`.trim() });
      });
    });
  }

  /** Until the reader stops it: Ctrl-C goes to the gateway as well, which then ends. */
  async wait(): Promise<void> {
    if (this.#server?.exitCode === null) await once(this.#server, 'exit');
  }

  /** Ends the core as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
