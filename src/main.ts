#!/usr/bin/env node
/** Entry: argv -> command -> exit code. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCli } = await import('./cli/cli.ts');
process.exitCode = await runCli(process.argv);
