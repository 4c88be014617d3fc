import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { GatewayClient } from '../edges/http/client.ts';
import { type Config, loadConfig } from '../platform/config.ts';
import { readPrivateKey } from '../signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../signing/signing-key.ts';
import { usage } from './output.ts';

type Globals = { config?: string; data?: string; json: boolean; url?: string; ca?: string; signWith?: string };

export type CliContext = {
  config: Config;
  json: boolean;
  /** Asks as the local administrator over the socket, or with `--url` as the person whose key signs the requests. */
  client(ownKey?: SigningKey): GatewayClient;
};

/** What every command starts from: the configuration, and the gateway behind its local socket or its address. */
export function cliContext(command: Command): CliContext {
  const globals = command.optsWithGlobals<Globals>();
  const { config: file, data, json } = globals;
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    ...(data === undefined ? {} : { data }),
  });
  const client = (ownKey?: SigningKey) =>
    globals.url === undefined ? GatewayClient.overSocket(config.socket) : overTls(globals.url, globals, ownKey);
  return { config, json, client };
}

function overTls(url: string, { ca, signWith }: Globals, ownKey: SigningKey | undefined): GatewayClient {
  if (!/^https:\/\//.test(url)) throw usage('Give an address such as https://gateway.example:8443.', '--url');
  if (ca === undefined) throw usage("Give the certificate of the gateway's authority (PEM).", '--ca');
  const signer = ownKey ?? (signWith === undefined ? undefined : pemSigningKey(readPrivateKey(signWith)));
  return GatewayClient.overTls(url, { ca: readFileSync(ca), ...(signer === undefined ? {} : { signer }) });
}

export const example = (line: string): string => `\nExample:\n  ${line}`;

/** Collects a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
