import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

it('the demonstration that a newcomer runs first ends with every check good, and each of its commands is a process', async () => {
  const { code, text } = await new Promise<{ code: unknown; text: string }>((resolve) => {
    execFile(process.execPath, [program, 'demo'], (error, stdout) => resolve({ code: error?.code ?? 0, text: stdout }));
  });
  expect(code, text).toBe(0);
  const [, good, all] = /(\d+) of (\d+) checks good/.exec(text) ?? [];
  expect(Number(all)).toBeGreaterThanOrEqual(16);
  expect(good).toBe(all);
}, 120_000);
