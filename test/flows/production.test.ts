import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Stage } from '../../src/cli/demo/stage.ts';

let stage: Stage;
let config: string;
beforeEach(() => {
  stage = new Stage();
  config = join(stage.folder, 'keyway.yaml');
});
afterEach(() => stage.stop());

const write = (mode: string) =>
  writeFileSync(config, `mode: ${mode}\norigin: shop.test/ledger\ndata: data\nhttp: { port: 0 }\nsftp: { port: 0 }\n`);

/** A company's own CA in the smallest form: one self-signed certificate for every purpose, made by openssl. */
function ownAuthority(): void {
  const keys = join(stage.folder, 'data', 'keys');
  const own = (name: string) => join(keys, name);
  const args = [
    'req',
    '-x509',
    '-new',
    '-key',
    own('release.key.pem'),
    '-subj',
    '/O=Own',
    '-days',
    '30',
    '-out',
    own('ca.crt.pem'),
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const pem = readFileSync(own('ca.crt.pem'), 'utf8');
  writeFileSync(own('release.crt.pem'), pem);
  const trustFile = join(stage.folder, 'data', 'trust.json');
  const trust = JSON.parse(readFileSync(trustFile, 'utf8'));
  writeFileSync(trustFile, JSON.stringify({ ...trust, authority: pem, releaseCertificate: pem }));
}

it('production refuses the development keys that sign, and then the development certificate of its HTTPS door', async () => {
  write('development');
  expect((await stage.keyway('init')).code).toBe(0);
  write('production');
  const signing = await stage.keyway('serve');
  expect(signing).toMatchObject({ code: 2, out: { error: { code: 'config-invalid' } } });
  expect(signing.text).toContain('trust.json: made for development');
  ownAuthority();
  const door = await stage.keyway('serve');
  expect(door).toMatchObject({ code: 2, out: { error: { code: 'config-invalid' } } });
  expect(door.text).toContain('tls.crt.pem: made for development');
});
