import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Sidecar } from '../../src/domain/sidecar.ts';
import { inspectFile } from '../../src/nc/preflight/inspect-file.ts';
import { inspectPackage } from '../../src/nc/preflight/inspect-package.ts';

const nist = new URL('../../../shared/nist/nc', import.meta.url).pathname;
const sample = new URL('../../config/sample', import.meta.url).pathname;

describe('programs that ran on real machines', () => {
  if (!existsSync(nist)) {
    test.skip('the NIST programs are not on this machine, so that none was inspected', () => {});
    return;
  }
  test.each(readdirSync(nist))('%s is not blocked', (name) => {
    const { facts, findings } = inspectFile({ name, bytes: readFileSync(join(nist, name)) });
    expect(findings).toEqual([]);
    expect(facts).toMatchObject({ dialect: 'iso', programNumber: 'O0000', units: 'inch' });
    expect(facts.tools.length).toBeGreaterThan(0);
  });
});

describe('the sample job', () => {
  const jobs = [
    ['revision D', sample, 'BRKT-4471-D-OP20'],
    ['revision E', join(sample, 'rev-e'), 'BRKT-4471-E-OP20'],
  ] as const;

  test.each(jobs)('%s has a good sidecar that names every file of its folder', (_, folder, name) => {
    const sidecar = Sidecar.parse(parse(readFileSync(join(folder, `${name}.keyway.yaml`), 'utf8')));
    const there = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.keyway.yaml'))
      .map((entry) => entry.name);
    expect(sidecar.files.map((file) => file.name).sort()).toEqual(there.sort());
  });

  test.each(jobs)('%s passes inspection', (_, folder, name) => {
    const sidecar = Sidecar.parse(parse(readFileSync(join(folder, `${name}.keyway.yaml`), 'utf8')));
    const files = sidecar.files.map((file) => ({ ...file, bytes: readFileSync(join(folder, file.name)) }));
    const { facts, findings } = inspectPackage(files);
    expect(findings).toEqual([]);
    expect(facts.map((f) => f.programNumber)).toEqual(['O4471', 'O4472']);
    expect(facts[0]).toMatchObject({ calls: ['O4472'], units: 'inch' });
  });
});
