import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ciphers = fileURLToPath(import.meta.resolve('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node'));

// Built with the headers of Node 24.19 to 24.21 they end the door when memory is freed (nodejs/node issue 65446).
it.runIf(existsSync(ciphers))('the native ciphers are built with headers that let memory be freed', () => {
  expect(readFileSync(ciphers).includes('RemoveEnvironmentCleanupHook')).toBe(false);
});
