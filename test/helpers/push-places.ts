import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { MachineId, SendingId } from '../../src/domain/ids.ts';
import type { PushLink } from '../../src/domain/machine-links.ts';
import type { PushOrder, PushResult } from '../../src/domain/pushing.ts';
import { openTarget } from '../../src/edges/push/open-target.ts';
import { Pushes } from '../../src/edges/push/pushes.ts';
import type { Target } from '../../src/edges/push/target.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { FakeReturns } from './fake-returns.ts';
import { until } from './floor.ts';
import { FakeShelf } from './sftp-fake-shelf.ts';
import { run } from './sftp-openssh.ts';
import { silentLog } from './test-ledger.ts';

export const machine = 'MAZAK-1' as MachineId;
export const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
export const sendingId = 'SND-0000000001' as SendingId;
export const partName = `.keyway-${sendingId}.part`;

/** A door of pushes in this process over a fake shelf, with what it told the core. */
export class PushDesk {
  readonly shelf = new FakeShelf();
  readonly returns = new FakeReturns();
  readonly placed: string[] = [];
  readonly pushes: Pushes;

  constructor(options: { folders?: string[]; secret?: string; answerMs?: number; wrap?: (target: Target) => Target }) {
    const { folders = [], answerMs = 5_000, wrap = (target) => target } = options;
    const { secret } = options;
    const secrets = secret === undefined ? {} : { 'mazak-1': { path: secret, guarded: false } };
    this.pushes = new Pushes({
      ...{ shelves: this.shelf, returns: this.returns, openBlob: this.shelf.openBlob, drainMs: 100, log: silentLog },
      openArrival: this.returns.openArrival,
      openTarget: async (link) => wrap(await openTarget(link, { folders, secrets, answerMs })),
    });
  }

  /** What a queue orders of a program that the shelf then has. */
  order(link: PushLink, bytes: string | Buffer = program, over: Partial<PushOrder> = {}): PushOrder {
    const name = over.name ?? 'O4471.NC';
    const content = this.shelf.put(machine, `current/${name}`, bytes);
    return {
      ...{
        sendingId,
        machine,
        link,
        name,
        digest: digestOf(content),
        size: content.length,
        replaces: [],
        placed: false,
      },
      ...over,
    };
  }

  push(order: PushOrder): Promise<PushResult> {
    return this.pushes.push(order, {
      placing: async (deliveryId) => void this.placed.push(deliveryId),
      progress: () => {},
    });
  }

  put(link: PushLink, bytes?: string | Buffer, over?: Partial<PushOrder>): Promise<PushResult> {
    return this.push(this.order(link, bytes, over));
  }
}

/** The same target with something else in the place of some of its methods. */
export const around = (target: Target, over: Partial<Target>): Target => ({
  list: () => target.list(),
  read: (name, limit) => target.read(name, limit),
  write: (name, bytes) => target.write(name, bytes),
  rename: (from, to, replace) => target.rename(from, to, replace),
  remove: (name) => target.remove(name),
  close: () => target.close(),
  ...over,
});

export const bytesOf = (text: string) => ({ digest: digestOf(Buffer.from(text)), size: Buffer.byteLength(text) });

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export type Served = { port: number; stop(): Promise<void> };

export async function serving(child: ChildProcess, port: number, name: string, host = '127.0.0.1'): Promise<Served> {
  await until(`${name} to listen`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    const socket = connect({ port, host });
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => undefined),
    ]).catch(() => undefined);
    socket.destroy();
    return open;
  });
  return {
    port,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A vsftpd whose anonymous user may put, replace and delete in `/programs` below `folder`; it wants root. */
export async function startVsftpd(
  folder: string,
  pem?: { certificate: string; key: string },
  /** Where it listens, and on which ports for data. */
  { address = '127.0.0.1', dataPorts }: { address?: string; dataPorts?: { from: number; to: number } } = {},
): Promise<Served> {
  const port = await freePort();
  const { out } = await run('id', ['-u', 'ftp']);
  const programs = join(folder, 'programs');
  mkdirSync(programs, { recursive: true });
  chmodSync(folder, 0o755);
  chownSync(programs, Number(out), -1);
  const lines = [
    ...['listen=YES', `listen_address=${address}`, `listen_port=${port}`, 'background=NO', 'anonymous_enable=YES'],
    ...['local_enable=NO', 'no_anon_password=NO', `anon_root=${folder}`, 'seccomp_sandbox=NO', 'write_enable=YES'],
    ...['anon_upload_enable=YES', 'anon_other_write_enable=YES', 'anon_world_readable_only=NO', 'anon_umask=022'],
    ...(dataPorts ? [`pasv_min_port=${dataPorts.from}`, `pasv_max_port=${dataPorts.to}`, 'accept_timeout=1'] : []),
    ...['xferlog_enable=NO', 'ftp_username=ftp', 'max_per_ip=0', 'max_clients=0', 'dirlist_enable=YES'],
    ...(pem
      ? [
          'ssl_enable=YES',
          'allow_anon_ssl=YES',
          'force_anon_data_ssl=YES',
          'force_anon_logins_ssl=YES',
          'require_ssl_reuse=YES',
        ]
      : []),
    ...(pem ? ['ssl_tlsv1=YES', `rsa_cert_file=${pem.certificate}`, `rsa_private_key_file=${pem.key}`] : []),
  ];
  const config = join(folder, '..', 'vsftpd.conf');
  writeFileSync(config, `${lines.join('\n')}\n`);
  return serving(spawn('vsftpd', [config], { stdio: 'ignore' }), port, 'vsftpd', address);
}
