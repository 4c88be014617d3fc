import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../../src/cli/demo/stage.ts';
import { newP256Key, privatePem, publicPem } from '../../src/signing/keys.ts';
import { onPath } from '../debian-packages.ts';
import { askHere } from '../helpers/keyway-here.ts';
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

it('production refuses what was made for development: keys that sign, administrators, and the HTTPS certificate', async () => {
  write('development');
  expect((await askHere(config, 'init')).code).toBe(0);
  write('production');
  const refused = async (what: string) => {
    const ran = await stage.keyway('serve');
    expect(ran).toMatchObject({ code: 2, out: { error: { code: 'config-invalid' } } });
    expect(ran.text).toContain(`${what}: made for development`);
  };
  await refused('trust.json');
  ownAuthority();
  await refused('ADMIN-1.key.pem');
  rmSync(join(stage.folder, 'data', 'dev-admins'), { recursive: true });
  await refused('tls.crt.pem');
});

describe.skipIf(!onPath('openssl'))('a production gateway', () => {
  const at = (name: string) => join(stage.folder, name);
  const done = async (...args: string[]) => {
    const { code, out } = await askHere(config, ...args);
    expect(code, JSON.stringify(out)).toBe(0);
    return out as Record<string, unknown>;
  };
  /** A person's own key, which never comes near the gateway; the file of its public half. */
  function administrator(id: string): string {
    const key = newP256Key();
    writeFileSync(at(`${id}.key.pem`), privatePem(key), { mode: 0o600 });
    writeFileSync(at(`${id}.pub.pem`), publicPem(key));
    return `${id}=${at(`${id}.pub.pem`)}`;
  }

  it('begins with keys made here, certified by its own CA, in a root that two administrators sign', async () => {
    const more = 'mode: production\norigin: shop.test/ledger\n';
    writeFileSync(config, `data: data\n${more}`);
    const authority = new OwnAuthority(stage.folder);
    const { requests } = await done('keys', 'init', '--host', 'localhost');
    const [release = '', tls = ''] = (requests as string[]).map((request) => authority.certify(request));
    const named = ['ADMIN-1', 'ADMIN-2'].flatMap((id) => ['--add-administrator', administrator(id)]);
    administrator('STRANGER');
    const root = ['--certificate', release, '--authority', `Shop CA=${authority.certificate}:release,tls`, ...named];
    expect(await done('keys', 'init', ...root)).toMatchObject({ version: 1, signed: [], needed: 2, complete: false });
    const draft = at('data/trust-next.json');
    const sign = (id: string) => askHere(config, 'keys', 'sign-root', draft, '--key', at(`${id}.key.pem`));
    expect(await sign('ADMIN-1')).toMatchObject({ code: 0, out: { signed: ['ADMIN-1'], complete: false } });
    expect(await sign('STRANGER')).toMatchObject({ out: { error: { code: 'not-administrator' } } });
    expect(await askHere(config, 'keys', 'install')).toMatchObject({ out: { error: { code: 'signatures-missing' } } });
    expect(await sign('ADMIN-2')).toMatchObject({ code: 0, out: { complete: true } });
    await done('keys', 'install');
    await done('keys', 'rotate', 'tls', '--certificate', tls);
    await stage.start(more);
    expect(await stage.client().ready()).toMatchObject({ checks: { trust: true, ledger: true } });
  });
});
