import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEntry } from '../../src/ledger/store.ts';

const versions = '/usr/lib/postgresql';

/** The newest installed server's programs, or undefined where there is none. */
function binaries(): string | undefined {
  if (!existsSync(versions)) return undefined;
  const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
  const bin = newest && join(versions, newest, 'bin');
  return bin && existsSync(join(bin, 'pgbench')) ? bin : undefined;
}

/** A cluster of its own on a Unix socket in a temporary folder; as its shipped defaults have it, so with fsync. */
export async function startPostgres() {
  const bin = binaries();
  if (bin === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'keyway-pg-'));
  // The server refuses to run as root.
  const user = process.getuid?.() === 0 ? 'nobody' : undefined;
  if (user) {
    const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
    chownSync(folder, id('-u'), id('-g'));
  }
  chmodSync(folder, 0o755);
  const as = (program: string, ...args: string[]): [string, string[]] =>
    user ? ['runuser', ['-u', user, '--', join(bin, program), ...args]] : [join(bin, program), args];
  const run = (program: string, ...args: string[]) => {
    const [command, rest] = as(program, ...args);
    return execFileSync(command, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
  };
  const data = join(folder, 'data');
  run('initdb', '-D', data, '-A', 'trust', '-U', 'keyway', '--no-locale', '-E', 'UTF8');
  const [command, rest] = as(
    'postgres',
    '-D',
    data,
    '-k',
    folder,
    '-c',
    'listen_addresses=',
    '-c',
    'max_connections=300',
  );
  const server = spawn(command, rest, { stdio: 'ignore', cwd: folder });
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  const at = ['-h', folder, '-U', 'keyway'];
  for (let tries = 0; ; tries++) {
    try {
      run('pg_isready', ...at);
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  run(
    'psql',
    ...at,
    '-d',
    'postgres',
    '-c',
    'CREATE TABLE entries (idx bigserial PRIMARY KEY, leaf bytea NOT NULL, body bytea NOT NULL, salt bytea NOT NULL)',
  );
  return {
    name: run('postgres', '--version').trim(),
    /**
     * Rows a second of this entry, one a transaction, by so many clients at once. So many rows rather than so many seconds:
     * pgbench counts the seconds from before its clients connect, which on a busy machine leaves none.
     */
    rowsPerSecond(entry: StoredEntry, clients: number, rows: number): number {
      const script = join(folder, 'insert.sql');
      const hex = (bytes: Buffer) => `'\\x${bytes.toString('hex')}'`;
      writeFileSync(
        script,
        `INSERT INTO entries (leaf, body, salt) VALUES (${hex(entry.leaf)}, ${hex(entry.body)}, ${hex(entry.salt)});\n`,
      );
      chmodSync(script, 0o644);
      const out = run(
        'pgbench',
        ...at,
        '-n',
        '-M',
        'prepared',
        '-f',
        script,
        '-c',
        String(clients),
        '-j',
        '2',
        '-t',
        String(Math.ceil(rows / clients)),
        'postgres',
      );
      return Number(/^tps = ([\d.]+)/m.exec(out)?.[1] ?? Number.NaN);
    },
    async stop() {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      await stopped;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
