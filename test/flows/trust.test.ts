import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicPem, readPrivateKey } from '../../src/signing/keys.ts';
import { onPath } from '../debian-packages.ts';
import { keywayVerify } from '../helpers/export-place.ts';
import { Floor, simpleProgram } from '../helpers/floor.ts';
import { OwnAuthority } from '../helpers/own-authority.ts';

let floor: Floor;
let authority: OwnAuthority;
let oldKey: string;
let before: string;
const at = (...path: string[]) => join(floor.stage.folder, ...path);

async function released(part: string, number: number): Promise<void> {
  floor.drop(`${part}.keyway.json`, floor.sidecar(part, `O${number}.NC`), { [`O${number}.NC`]: simpleProgram(number) });
  expect(await floor.release(await floor.admitted(part))).toMatchObject({ state: 'released' });
}

async function restarted(): Promise<void> {
  await floor.stage.kill();
  floor.served = await floor.stage.start();
}

/** What a machine gets of each program; its signature beside it where it gets it. */
async function pulled(...numbers: number[]): Promise<(Buffer | string)[]> {
  const machine = await floor.connect('HAAS-VF-07');
  const got = [];
  for (const number of numbers) {
    for (const name of [`O${number}.NC`, `O${number}.NC.p7s`]) {
      const bytes = await machine.pull(`/current/${name}`);
      if (typeof bytes !== 'string') writeFileSync(at(name), bytes);
      if (!name.endsWith('.p7s')) got.push(bytes);
    }
  }
  machine.close();
  return got;
}

const opensslAccepts = (number: number, authorityFile: string): boolean => {
  const files = ['-in', at(`O${number}.NC.p7s`), '-content', at(`O${number}.NC`), '-CAfile', authorityFile];
  const args = [
    'cms',
    '-verify',
    '-binary',
    '-cades',
    '-inform',
    'DER',
    ...files,
    '-purpose',
    'any',
    '-out',
    '/dev/null',
  ];
  return spawnSync('openssl', args).status === 0;
};

/** New release and ledger keys in the place of those before, by the word of both development administrators. */
async function rotateAll(): Promise<void> {
  const { out } = await floor.done('keys', 'request', 'release');
  const { request, keyId } = out as { request: string; keyId: string };
  const asked = spawnSync('openssl', ['req', '-in', request, '-verify', '-noout', '-text'], { encoding: 'utf8' });
  for (const said of ['verify OK', 'Digital Signature, Non Repudiation', 'E-mail Protection'])
    expect(asked.stdout + asked.stderr).toContain(said);
  const key = publicPem(readPrivateKey(request.replace('.csr.pem', '.key.pem')));
  const issued = ['--certificate', authority.issue('next-release', key)];
  const own = ['--authority', `Own authority=${authority.certificate}:release`];
  const drafted = await floor.done('keys', 'rotate', 'release', 'ledger', ...issued, ...own);
  expect(drafted.out).toMatchObject({ version: 2, signed: ['ADMIN-1', 'ADMIN-2'], complete: true });
  expect((await floor.done('keys', 'install')).out).toMatchObject({ version: 2 });
  expect((await floor.done('keys', 'show')).out).toMatchObject({
    releaseKeys: [
      { id: oldKey, until: expect.any(String) },
      { id: keyId, state: 'in force' },
    ],
  });
  await restarted();
}

describe.skipIf(!onPath('openssl'))('the keys of a gateway', () => {
  beforeAll(async () => {
    floor = await Floor.open();
    authority = new OwnAuthority(floor.stage.folder);
    await floor.crew();
    await released('OLD-1', 3001);
    const { releaseKeys } = (await floor.done('keys', 'show')).out as { releaseKeys: { id: string }[] };
    oldKey = releaseKeys[0]?.id ?? '';
    await floor.done('ledger', 'export', at('public'));
    before = readFileSync(at('public', 'checkpoint'), 'utf8');
  });
  afterAll(() => floor.close());

  it('are rotated, and what was released before is delivered and verified beside what is released after', async () => {
    await rotateAll();
    await released('NEW-1', 3002);
    expect(await pulled(3001, 3002)).toEqual([3001, 3002].map((number) => Buffer.from(simpleProgram(number))));
    expect(opensslAccepts(3001, floor.data('keys', 'ca.crt.pem'))).toBe(true);
    expect(opensslAccepts(3002, authority.certificate)).toBe(true);
    expect(opensslAccepts(3002, floor.data('keys', 'ca.crt.pem'))).toBe(false);
    expect((await floor.done('ledger', 'verify')).out).toMatchObject({ verified: true, problems: [] });
    await floor.done('ledger', 'export', at('public'));
    expect(readFileSync(at('public', 'checkpoint'), 'utf8')).not.toBe(before);
    writeFileSync(at('older'), before);
    expect(keywayVerify(at('public'), floor.data('trust.json'), '--older', at('older'))).toMatchObject({ code: 0 });
    for (const number of [3001, 3002])
      expect((await floor.done('verify', at(`O${number}.NC`))).out).toMatchObject({ verified: true });
  });

  it('are revoked, and what such a key signed since is not delivered, with the reason', async () => {
    await floor.done('keys', 'revoke', oldKey, '--since', '2026-01-01T00:00:00Z', '--reason', 'Backup was stolen');
    await floor.done('keys', 'install');
    await restarted();
    const [old, young] = await pulled(3001, 3002);
    expect(old).toMatch(/not-verified: .* revoked .*Backup was stolen/);
    expect(young).toEqual(Buffer.from(simpleProgram(3002)));
    expect(await floor.refused('verify', at('O3001.NC'))).toMatchObject({ code: 'not-verified' });
  });

  it('are not those of an older trust file that somebody puts back', async () => {
    await floor.stage.kill();
    copyFileSync(floor.data('trust-2.json'), floor.data('trust.json'));
    const refusal = await floor.refused('serve');
    expect(refusal.message).toMatch(
      /trust file is version 2; in force is version 3, which ledger entry \d+ holds whole/,
    );
  });
});
