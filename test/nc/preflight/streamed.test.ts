import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dialects } from '../../../src/domain/nc.ts';
import { ProgramScan, scanProgram } from '../../../src/nc/preflight/inspect-file.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import { runInspection } from '../../../src/services/inspection-task.ts';
import { readMachineProfile } from '../../../src/services/machine-profiles.ts';
import { cutAt, hostileText } from '../../helpers/nc-programs.ts';

const sample = new URL('../../../config/sample/', import.meta.url);
const profile = readMachineProfile(new URL('../../../config/machines/haas-vf.yaml', import.meta.url).pathname);

const streamed = (name: string, chunks: Iterable<Uint8Array>) => {
  const scan = new ProgramScan(name, { profile });
  for (const chunk of chunks) scan.push(chunk);
  return scan.end();
};

describe('a program that comes in chunks', () => {
  test.each([1, 2, 3, 7, 64, 4096])('of %i bytes has the facts and the findings of the whole one', (size) => {
    const bytes = readFileSync(new URL('O4471.NC', sample));
    // Longer than what the dialect is detected by, with something to find behind it.
    const long = Buffer.concat([...Array.from({ length: 12 }, () => bytes), Buffer.from('G10 L2 P1 X0.\nM98 P8123\n')]);
    const places = Array.from({ length: Math.floor(long.length / size) }, (_, at) => (at + 1) * size);
    expect(streamed('O4471.NC', cutAt(long, places))).toEqual(
      scanProgram({ name: 'O4471.NC', bytes: long }, { profile }),
    );
  });

  test('cut anywhere says the same, whatever it holds', () => {
    const cut = fc.tuple(
      fc.constantFrom(...dialects).chain((dialect) => hostileText(dialect)),
      fc.array(fc.nat(400), { maxLength: 12 }),
    );
    fc.assert(
      fc.property(cut, ([bytes, places]) => {
        expect(streamed('A.NC', cutAt(bytes, places))).toEqual(scanProgram({ name: 'A.NC', bytes }, { profile }));
      }),
      { numRuns: 100, seed: 4471 },
    );
  });

  test('is never held whole: what stays in memory does not grow with its length', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const block = Buffer.from('N10 G1 X1.2345 Y-2.3456 Z0.1 F120.\n'.repeat(7_000));
    const scan = new ProgramScan('BIG.NC', { profile });
    for (let at = 0; at < 4; at++) scan.push(block);
    const before = held();
    for (let at = 0; at < 40; at++) scan.push(block);
    expect(held() - before).toBeLessThan(block.length * 4);
    expect(scan.end().facts.lines).toBe(44 * 7_000);
  });
});

describe('a deposited program that is read from where it lies', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyway-streamed-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const task = (bytes: Uint8Array, digest = digestOf(bytes)) => {
    const path = join(folder, 'quarantined');
    writeFileSync(path, bytes);
    const file = { name: 'O4471.NC', role: 'main-program' as const, digest };
    const whole = { machineGroup: 'HAAS-VF', profile, files: [{ ...file, bytes }] };
    return { whole, read: { ...whole, files: [{ ...file, bytes: new Uint8Array(), path }] } };
  };

  test('is inspected as if it were whole, its estimate aside', () => {
    const { whole, read } = task(readFileSync(new URL('O4471.NC', sample)));
    const { facts, ...rest } = runInspection(whole);
    const [{ details, ...fact }] = facts as [NonNullable<(typeof facts)[0]>];
    const { estimate: _, ...withoutEstimate } = details ?? { estimate: undefined };
    expect(runInspection(read)).toEqual({ ...rest, facts: [{ ...fact, details: withoutEstimate }] });
  });

  test('fails its inspection where the bytes are not those of the deposit', () => {
    const { read } = task(readFileSync(new URL('O4471.NC', sample)), digestOf('other bytes'));
    expect(() => runInspection(read)).toThrow(/is not the content/);
  });
});
