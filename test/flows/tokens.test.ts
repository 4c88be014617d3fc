import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { OwnAuthority } from '../helpers/own-authority.ts';
import { SoftToken, softModule } from '../helpers/soft-token.ts';
import { rewriteTrust } from '../helpers/test-keys.ts';

const routesText = `routes:
  - id: cards
    approvals:
      - { role: manufacturing-engineer, count: 1, meaning: I verified the program. }
      - { role: quality, count: 1, meaning: I verified the revision., assurance: [token, passkey] }
`;

const floor = new Floor();
const folder = floor.stage.folder;
const at = (...path: string[]) => join(folder, ...path);
let hsm: SoftToken;
let card: SoftToken;
let authority: OwnAuthority;

/** A token of its own kind, with one key and the authority's certificate for it. */
function token(label: string, key: string): SoftToken {
  mkdirSync(at(label));
  const made = new SoftToken(at(label), label);
  made.generate(key, '01');
  made.addCertificate(authority.issue(label, made.publicKey('01')), '01');
  return made;
}

/** A gateway whose release key is in a token: its file is gone, and the trust file names the token's certificate. */
function releaseKeyInToken(): void {
  for (const name of readdirSync(floor.data('keys')).filter((file) => file.startsWith('release-')))
    rmSync(floor.data('keys', name));
  rewriteTrust(floor.data(), (root) => {
    const from = root.created;
    root.releaseKeys = [{ certificate: readFileSync(at('KEYWAY.crt.pem'), 'utf8'), from }];
    const certificate = readFileSync(authority.certificate, 'utf8');
    root.authorities = [{ name: 'Own authority', certificate, for: ['release'], from }];
  });
}

describe.skipIf(!onPath('softhsm2-util') || !onPath('pkcs11-tool'))('keys that are held in tokens', () => {
  beforeAll(async () => {
    authority = new OwnAuthority(folder);
    hsm = token('KEYWAY', 'release');
    card = token('CARD', 'quality');
    writeFileSync(at('routes.yaml'), routesText);
    writeFileSync(floor.stage.configFile, 'data: data\n');
    await floor.done('init');
    releaseKeyInToken();
    const held = {
      module: softModule,
      label: hsm.label,
      key: 'release',
      pin: { file: hsm.pinFile },
      environment: hsm.environment,
    };
    floor.served = await floor.stage.start(
      `routes: ${at('routes.yaml')}\nsigner: { token: ${JSON.stringify(held)} }\n`,
    );
    await floor.crew();
    Object.assign(process.env, card.environment);
  });
  afterAll(() => {
    for (const name of Object.keys(card.environment)) delete process.env[name];
    return floor.close();
  });

  const inCard = () => ['--token', softModule, '--token-label', card.label, '--pin-file', card.pinFile];
  async function deposit(part: string, number: number): Promise<string> {
    floor.drop(`${part}.keyway.json`, floor.sidecar(part, `O${number}.NC`), {
      [`O${number}.NC`]: simpleProgram(number),
    });
    return floor.admitted(part);
  }
  const waitFor = (ready: boolean) =>
    until(`the gateway ${ready ? 'ready' : 'not ready'}`, async () => {
      const readiness = await floor.stage.client().ready();
      return readiness.checks.signer === ready ? readiness : undefined;
    });

  it('a person is enrolled with a card and approves with it, where the route takes no key in a file', async () => {
    const enrol = ['person', 'add', 'QA-5', '--name', 'QA-5', '--role', 'quality', ...inCard()];
    expect((await floor.done(...enrol)).out).toMatchObject({ state: 'made' });
    const packageId = await deposit('CARD-1', 2001);
    await floor.approve(packageId, 'ME-2');
    const byFile = ['approve', packageId, '--as', 'QA-1', '--key', floor.key('QA-1')];
    expect(await floor.refused(...byFile)).toMatchObject({ code: 'assurance-too-low' });
    const wrong = at('wrong-pin');
    writeFileSync(wrong, '000000\n', { mode: 0o600 });
    const byCard = ['approve', packageId, '--as', 'QA-5', ...inCard()];
    expect(await floor.refused(...byCard, '--pin-file', wrong)).toMatchObject({
      message: expect.stringMatching(/PIN of the token CARD/),
    });
    expect((await floor.done(...byCard)).out).toMatchObject({ release: { state: 'released' } });
  });

  it('openssl verifies what the token signed', async () => {
    const machine = await floor.connect('HAAS-VF-07');
    for (const name of ['O2001.NC', 'O2001.NC.p7s']) writeFileSync(at(name), await machine.pull(`/current/${name}`));
    machine.close();
    const files = ['-in', at('O2001.NC.p7s'), '-content', at('O2001.NC'), '-out', '/dev/null'];
    const trusted = ['-CAfile', authority.certificate, '-purpose', 'any'];
    const openssl = spawnSync('openssl', [
      'cms',
      '-verify',
      '-binary',
      '-cades',
      '-inform',
      'DER',
      ...files,
      ...trusted,
    ]);
    expect(openssl.status).toBe(0);
  });

  it('the token taken out halts the gateway with a plain reason; put back, what waited goes on by itself', async () => {
    const packageId = await deposit('CARD-2', 2002);
    await floor.approve(packageId, 'ME-2');
    const machine = await floor.connect('HAAS-VF-07');
    hsm.takeOut();
    try {
      expect(await waitFor(false)).toMatchObject({ ready: false, reasons: { signer: expect.stringMatching(/token/) } });
      expect(await machine.pull('/current/O2001.NC')).toMatch(/signer-unavailable: The token .* put it back/);
      const uri = `pkcs11:token=${card.label}?module-path=${softModule}&pin-source=${card.pinFile}`;
      const approved = await floor.done('approve', packageId, '--as', 'QA-5', '--key', uri);
      expect(approved.out).toMatchObject({ release: { state: 'waiting', code: 'signer-unavailable' } });
      const unready = await floor.stage.keyway('health');
      expect(unready).toMatchObject({ code: 5, text: expect.stringContaining('put it back') });
    } finally {
      hsm.putBack();
    }
    await waitFor(true);
    const released = await until('the release', async () => {
      const { state } = await floor.stage.client().package(packageId);
      return state === 'released' ? state : undefined;
    });
    expect(released).toBe('released');
    expect(await machine.pull('/current/O2001.NC')).toEqual(Buffer.from(simpleProgram(2001)));
    machine.close();
  });
});
