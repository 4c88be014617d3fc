import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Stage } from '../../src/cli/demo/stage.ts';
import { publicPem } from '../../src/signing/keys.ts';
import { OwnAuthority } from '../helpers/own-authority.ts';
import { rewriteTrust } from '../helpers/test-keys.ts';

let stage: Stage;
let config: string;
beforeEach(() => {
  stage = new Stage();
  config = join(stage.folder, 'keyway.yaml');
});
afterEach(() => stage.stop());

const write = (mode: string) =>
  writeFileSync(config, `mode: ${mode}\norigin: shop.test/ledger\ndata: data\nhttp: { port: 0 }\nsftp: { port: 0 }\n`);

/** A company's own CA vouches for the release key, by the word of the development administrators. */
function ownAuthority(): void {
  const data = join(stage.folder, 'data');
  const authority = new OwnAuthority(stage.folder);
  const name = readdirSync(join(data, 'keys')).find((file) => file.startsWith('release-')) ?? '';
  const key = createPublicKey(readFileSync(join(data, 'keys', name)));
  const issued = authority.issue('release', publicPem(key));
  rewriteTrust(data, (root) => {
    const from = new Date().toISOString();
    root.releaseKeys = [{ certificate: readFileSync(issued, 'utf8'), from }];
    const certificate = readFileSync(authority.certificate, 'utf8');
    root.authorities = [{ name: 'Own authority', certificate, for: ['release'], from }];
  });
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
