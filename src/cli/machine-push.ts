import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MonitorLink, PushLink } from '../domain/machine-links.ts';
import { parsed, usage } from './output.ts';

export type PushOptions = {
  pushTo?: string;
  pushSecret?: string;
  pushHostKey?: string;
  pushCertificate?: string;
  pushAuthority?: string;
  pushShare?: boolean;
  pushOnRelease?: boolean;
  readBackHours?: string;
  monitor?: string;
  monitorDevice?: string;
};

/** Where programs are put for a machine, and what tells of it, as it is said on the command line. */
export const withPushOptions = (command: Command): Command =>
  command
    .option('--push-to <where>', 'push: /FOLDER, or sftp://, ftp://, ftps:// or ftps-implicit:// USER@HOST:PORT/FOLDER')
    .option('--push-secret <name>', 'its password or private key, by its name in push.secrets of the configuration')
    .option('--push-host-key <file>', 'sftp: the public key of the server')
    .option('--push-certificate <file>', 'ftps: the certificate of the server, in PEM')
    .option('--push-authority <file>', 'ftps: or the authority that issued it, in PEM')
    .option('--push-share', 'the folder is a share that the system mounts: nothing is written while it is not')
    .option('--push-on-release', 'put each program there as soon as it is released')
    .option('--read-back-hours <hours>', 'read back what was put there, so often')
    .option('--monitor <url>', 'its MTConnect agent, such as http://10.20.7.4:5000')
    .option('--monitor-device <name>', 'its name at the agent');

/** The links that the options name; empty where they name none. */
export function pushOf(options: PushOptions): { push?: PushLink; monitor?: MonitorLink } {
  const push = linkOf(options);
  const monitor =
    options.monitor === undefined
      ? undefined
      : parsed(MonitorLink, { url: options.monitor, device: options.monitorDevice }, '--monitor');
  return { ...(push && { push }), ...(monitor && { monitor }) };
}

const ways = { sftp: 'sftp', ftp: 'none', ftps: 'explicit', 'ftps-implicit': 'implicit' } as const;
const ports = { sftp: 22, ftp: 21, ftps: 21, 'ftps-implicit': 990 } as const;

function linkOf(options: PushOptions): PushLink | undefined {
  const { pushTo, pushSecret: secret, readBackHours } = options;
  if (pushTo === undefined) return undefined;
  const rules = {
    onRelease: options.pushOnRelease ?? false,
    ...(readBackHours === undefined ? {} : { readBackHours: Number(readBackHours) }),
  };
  if (pushTo.startsWith('/')) {
    const link = { kind: 'folder', folder: pushTo, share: options.pushShare ?? false, ...rules };
    return parsed(PushLink, link, '--push-to');
  }
  const url = /^(sftp|ftp|ftps|ftps-implicit):\/\/([^@/]+)@(\[[0-9a-fA-F:]+\]|[^:/]+)(?::(\d{1,5}))?(\/.*)$/.exec(
    pushTo,
  );
  if (!url) throw usage('Give a folder, or it such as sftp://cnc@10.20.7.4:22/programs.', '--push-to');
  const [, way = 'sftp', user, host = '', port, folder] = url;
  const known = way as keyof typeof ways;
  const at = { user, host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? ports[known]), folder, secret };
  const trusted =
    known === 'sftp' ? { kind: 'sftp', ...hostKeyOf(options) } : { kind: 'ftp', tls: ways[known], ...pinsOf(options) };
  return parsed(PushLink, { ...trusted, ...at, ...rules }, '--push-to');
}

function hostKeyOf({ pushHostKey }: PushOptions): { hostKey?: string } {
  if (pushHostKey === undefined) return {};
  const [type = '', key = ''] = read(pushHostKey, '--push-host-key').trim().split(/\s+/);
  return { hostKey: `${type} ${key}` };
}

function pinsOf({ pushCertificate, pushAuthority }: PushOptions): { certificate?: string; authority?: string } {
  return {
    ...(pushCertificate !== undefined && { certificate: read(pushCertificate, '--push-certificate') }),
    ...(pushAuthority !== undefined && { authority: read(pushAuthority, '--push-authority') }),
  };
}

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw usage(`${file} cannot be read.`, option);
  }
}
