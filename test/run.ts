/**
 * `npm test -- [FILTER…]`: finds the peers, runs vitest, and ends with one line, `N passed, N failed[, N skipped]`.
 * Exits 0 only when every test passed and nothing failed outside a test.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { installMissingPackages } from './debian-packages.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

/** The part of vitest's json report that is read here; the rest is its own business. */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});
type Report = z.infer<typeof Report>;

/** False when the run must not go on: in CI a peer that is missing is a failure, not a gap. */
function peersAreThere(): boolean {
  const missing = installMissingPackages();
  for (const { name, binaries, for: purpose, optional } of missing) {
    const what = optional ? 'not needed' : 'needed';
    console.log(`Debian package ${name} (${[...binaries, purpose].join('; ')}) is missing; ${what} for a full run.`);
  }
  const needed = missing.filter(({ optional }) => !optional);
  if (needed.length > 0) console.log(`To install: apt-get install ${needed.map(({ name }) => name).join(' ')}`);
  return needed.length === 0 || !process.env.CI;
}

/** Runs vitest on the Node that runs this and returns its exit code; a signal to us is passed on. */
function runVitest(reportFile: string, filters: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      join(project, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      join(project, 'test/vitest.config.ts'),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...filters,
    ],
    { cwd: project, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function readReport(file: string): Report | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A file that failed before its first test counts as one, and so does a run that failed outside every test. */
function countOf(report: Report | undefined, exitCode: number): { passed: number; failed: number; skipped: number } {
  const unloaded =
    report?.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ) ?? [];
  const failed = (report?.numFailedTests ?? 0) + unloaded.length;
  const outside = failed === 0 && (exitCode !== 0 || (report?.numPassedTests ?? 0) === 0);
  if (outside) console.log('The run failed outside its tests (see above); that counts as one failure.');
  return {
    passed: report?.numPassedTests ?? 0,
    failed: outside ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

async function main(): Promise<number> {
  if (!peersAreThere()) {
    console.log('0 passed, 1 failed');
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyway-test-run-'));
  try {
    const reportFile = join(folder, 'report.json');
    const exitCode = await runVitest(reportFile, process.argv.slice(2));
    const { passed, failed, skipped } = countOf(readReport(reportFile), exitCode);
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    return exitCode === 0 && failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
