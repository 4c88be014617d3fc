import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { keywayHere } from '../helpers/keyway-here.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const haas = join(project, 'config/machines/haas-vf.yaml');
const place = temporaryFolder();
afterAll(() => place.remove());

function written(name: string, ...lines: string[]): string {
  const path = join(place.folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
async function keyway(...args: string[]) {
  const { code, out, err } = await keywayHere('--json', 'nc', ...args);
  return { code, out: JSON.parse(out || '{}'), text: out + err };
}

const lines = ['%', 'O1 (PLATE)', 'G20 G90', 'T1 M6', 'G10 L2 P1 X0.', 'M98 P2', 'M30', '%'];
const main = written('O1.NC', ...lines);
const called = written('O2.NC', '%', 'O2', 'G0 X1.', 'M99', '%');

describe('keyway nc check', () => {
  test('blocks a program whose subprogram is not with it, and says so by its exit code', async () => {
    const { code, out } = await keyway('check', main);
    expect(code).toBe(1);
    expect(out).toMatchObject({
      verdict: 'blocked',
      open: [{ rule: 'call-outside-package', file: 'O1.NC', line: 6 }, {}],
    });
  });

  test('holds for the role that the machine names, and lets a waiver speak for one line of these bytes', async () => {
    expect((await keyway('check', '--profile', haas, main, called)).out).toMatchObject({
      verdict: 'held',
      holds: ['quality'],
    });
    const digest = digestOf(Buffer.from(`${lines.join('\n')}\n`));
    const waiver = (of: string) =>
      written('waivers.yaml', `- { rule: offset-write, digest: "${of}", line: 5, reason: Fixture 12., by: QA-1 }`);
    const waived = await keyway('check', '--profile', haas, '--waivers', waiver(digest), main, called);
    expect(waived).toMatchObject({ code: 0, out: { verdict: 'clear', open: [], waived: [{ finding: { line: 5 } }] } });
    const other = await keyway(
      'check',
      '--profile',
      haas,
      '--waivers',
      waiver(digestOf(Buffer.from('other'))),
      main,
      called,
    );
    expect(other.out).toMatchObject({ verdict: 'held', waived: [] });
  });

  test('knows the tools and the stock of the job', async () => {
    const rapid = written('O3.NC', '%', 'O3', 'G20 G90', 'T1 M6', 'G0 X1. Y1. Z1.', 'Z-1.', 'M30', '%');
    const found = (await keyway('check', '--tools', '2,3', '--stock', '0,0,-2,2,2,0', rapid)).out.open;
    expect(found).toMatchObject([
      { rule: 'tool-unknown', line: 4 },
      { rule: 'rapid-into-stock', line: 6 },
    ]);
  });

  test.each([
    ['a stock of five numbers', ['--stock', '0,0,0,1,1'], /six numbers/],
    ['tools that are none', ['--tools', '1,x'], /no list of numbers/],
    ['waivers that are no list', ['--waivers', written('no.yaml', 'rule: units')], /no\.yaml/],
    ['a program that is not there', [join(place.folder, 'O9.NC')], /O9\.NC/],
  ])('refuses %s', async (_, args, message) => {
    const { code, text } = await keyway('check', ...args, main);
    expect(code).not.toBe(0);
    expect(text).toMatch(message);
  });
});

describe('keyway nc info', () => {
  test('tells what a program says about itself and how long it may take', async () => {
    const [told] = (await keyway('info', main)).out.files;
    expect(told).toMatchObject({
      file: 'O1.NC',
      dialect: 'iso',
      programName: 'PLATE',
      units: 'inch',
      calls: ['O0002'],
      details: { tools: [{ tool: '1', line: 4 }] },
      cycle: { end: 'program-end' },
    });
  });

  test('says of what is no program that it is none', async () => {
    const letter = written('letter.nc', 'DEAR SIR OR MADAM', 'THIS IS A LETTER');
    expect((await keyway('info', letter)).out.files).toMatchObject([{ dialect: 'unrecognised', cycle: null }]);
  });
});
