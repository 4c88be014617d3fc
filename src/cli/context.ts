import type { Command } from 'commander';
import { GatewayClient } from '../edges/http/client.ts';
import { type Config, loadConfig } from '../platform/config.ts';

type Globals = { config?: string; data?: string; json: boolean };

export type CliContext = { config: Config; json: boolean; client(): GatewayClient };

/** What every command starts from: the configuration, and the running gateway behind its local socket. */
export function cliContext(command: Command): CliContext {
  const { config: file, data, json } = command.optsWithGlobals<Globals>();
  const config = loadConfig({ ...(file === undefined ? {} : { file }), ...(data === undefined ? {} : { data }) });
  return { config, json, client: () => GatewayClient.overSocket(config.socket) };
}

export const example = (line: string): string => `\nExample:\n  ${line}`;

/** Collects a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
