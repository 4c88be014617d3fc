#!/usr/bin/env node
/** Entry: argv -> command -> exit code. */
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Node's own default, named: a thread has the cache only where the environment says so.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
enableCompileCache();
const { endWithReader, runCli } = await import('./cli/cli.ts');
endWithReader();
process.exitCode = await runCli(process.argv);
