import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { PersonId } from '../../src/domain/ids.ts';
import { canonicalJson, digestOf } from '../../src/platform/hash.ts';
import { parseRoutes } from '../../src/policy/routes.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { keyIdOf, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { SignerCore } from '../../src/signing/signer-core.ts';
import type { ReleaseRequest } from '../../src/signing/signer-protocol.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { expiryReason, loadKnownTrust, parseTrust, releaseKeyAt, type TrustFile } from '../../src/signing/trust.ts';
import { checkTrustFile, formatTrustFile, readTrustFile, type TrustRoot } from '../../src/signing/trust-root.ts';
import { ownSigners, requireThreshold, signTrust, trustToBeSigned } from '../../src/signing/trust-signatures.ts';
import { makeTestKeys, signedTrust, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';

const keys = makeTestKeys();
const { root } = keys.trustFile;
const [first, second] = keys.administratorKeys as [KeyObject, KeyObject];
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
type Place = Record<string, unknown>;
const place = temporaryFolder();
afterAll(() => place.remove());

const administrator = (id: string, key: KeyObject) => ({
  person: PersonId.parse(id),
  keyId: keyIdOf(key),
  publicKey: publicPem(key),
  from: root.created,
});

describe('the signatures under a trust root', () => {
  it('are enough when a threshold of its administrators made them, and not before', async () => {
    const bare: TrustFile = { root, signatures: [] };
    const one = await signTrust(bare, pemSigningKey(first));
    expect(() => requireThreshold(one)).toThrow(refused('signatures-missing', /signed by 1 of the 2/));
    const both = await signTrust(one, pemSigningKey(second));
    expect(() => requireThreshold(both)).not.toThrow();
    expect(await signTrust(both, pemSigningKey(second))).toBe(both);
    await expect(signTrust(both, pemSigningKey(newP256Key()))).rejects.toThrow(refused('not-administrator', /./));
  });

  it('count one person once, whatever their keys, and one key once', () => {
    const third = newP256Key();
    const twoKeys = { ...root, administrators: [...root.administrators, administrator('ADMIN-1', third)] };
    expect(() => parseTrust(signedTrust(twoKeys, first, third))).toThrow(refused('signatures-missing', /1 of the 2/));
    expect(() => parseTrust(signedTrust(twoKeys, second, third))).not.toThrow();
    expect(() => parseTrust(signedTrust(root, first, first))).toThrow(refused('signature-invalid', /signed twice/));
  });

  it('are none by a key that the root does not name, and by an administrator out of office', () => {
    const stranger = signedTrust(root, first, second, newP256Key());
    expect(() => parseTrust(stranger)).toThrow(refused('signature-invalid', /no key of an administrator/));
    const past = { ...administrator('ADMIN-3', newP256Key()), from: '2020-01-01T00:00:00.000Z' };
    const gone = newP256Key();
    const left = { ...past, ...administrator('ADMIN-3', gone), from: past.from, until: '2021-01-01T00:00:00.000Z' };
    const withLeft = { ...root, administrators: [...root.administrators, left] };
    expect(() => parseTrust(signedTrust(withLeft, first, gone))).toThrow(refused('signatures-missing', /1 of the 2/));
  });

  it('fail for every word of the root that is another one', () => {
    const leaves = (value: unknown, path: (string | number)[]): (string | number)[][] =>
      typeof value !== 'object' || value === null
        ? [path]
        : Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]));
    const places = leaves(root, []);
    expect(places.length).toBeGreaterThan(20);
    for (const path of places) {
      const edited = structuredClone(keys.trustFile) as TrustFile;
      const last = path.at(-1) ?? '';
      const holder = path.slice(0, -1).reduce((at, name) => at[name] as Place, edited.root as unknown as Place);
      const word = holder[last];
      const text = String(word);
      holder[last] = typeof word === 'number' ? word + 1 : text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x');
      expect(() => parseTrust(edited), path.join('.')).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/config-invalid|signature-invalid/) }),
      );
    }
  });

  it('are what openssl verifies over the DSSE encoding of the canonical root, and not over another', () => {
    const at = (name: string) => join(place.folder, name);
    writeFileSync(at('pae'), trustToBeSigned(root));
    const text = canonicalJson(root);
    expect(trustToBeSigned(root).toString()).toBe(`DSSEv1 33 application/vnd.keyway.trust+json ${text.length} ${text}`);
    writeFileSync(at('other'), trustToBeSigned({ ...root, version: 2 }));
    for (const [n, { sig }] of keys.trustFile.signatures.entries()) {
      writeFileSync(at('key.pem'), root.administrators[n]?.publicKey ?? '');
      writeFileSync(at('sig'), Buffer.from(sig, 'base64'));
      const args = ['dgst', '-sha256', '-verify', at('key.pem'), '-signature', at('sig')];
      expect(execFileSync('openssl', [...args, at('pae')], { encoding: 'utf8' })).toContain('Verified OK');
      expect(spawnSync('openssl', [...args, at('other')]).status).not.toBe(0);
    }
  });

  it('pass exactly where they are by as many different people as it asks for', () => {
    const people = Array.from({ length: 6 }, () => newP256Key());
    const administrators = people.map((key, n) => administrator(`ADM-${n}`, key));
    const subset = fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), subset, (threshold, signers) => {
        const file = signedTrust({ ...root, administrators, threshold }, ...signers.map((n) => people[n] as KeyObject));
        expect(ownSigners(checkTrustFile(file))).toHaveLength(signers.length);
        if (signers.length >= threshold) requireThreshold(file);
        else expect(() => requireThreshold(file)).toThrow(refused('signatures-missing', /./));
      }),
      { seed: 20_261_126, numRuns: 120 },
    );
  });
});

describe('a trust file', () => {
  const text = formatTrustFile(keys.trustFile);

  it('is not opened by a signer that was told of another one', () => {
    const path = join(place.folder, 'trust.json');
    writeFileSync(path, text);
    expect(loadKnownTrust(path, keys.trust.digest).version).toBe(1);
    expect(() => loadKnownTrust(path, digestOf('another'))).toThrow(
      refused('config-invalid', /start the gateway again/),
    );
  });

  it('is read back as it was written', () => {
    expect(readTrustFile(text)).toEqual(keys.trustFile);
    expect(parseTrust(readTrustFile(text)).release.keyId).toBe(keys.trust.release.keyId);
  });

  it.each([
    ['says one thing twice', text.replace('"version": 1', '"version": 1, "version": 1'), /twice/],
    ['hides a letter behind an escape', text.replace('ADMIN-1', '\\u0041DMIN-1'), /spells/],
    ['spells a number in another way', text.replace('"version": 1', '"version": 1.0'), /spells/],
    ['says more than is known', text.replace('"version": 1', '"version": 1, "note": "x"'), /nrecognized/],
    ['is of the version before', '{"v":1,"origin":"x"}', /root/],
    ['is none', 'trust me', /not JSON/],
  ])('is refused where it %s', (_what, changed, message) => {
    expect(changed).not.toBe(text);
    expect(() => readTrustFile(changed)).toThrow(refused('config-invalid', message));
  });

  const withRoot = (change: Partial<TrustRoot>) => () => checkTrustFile(keys.trustFileWith(change));
  const other = (id: string) => [...root.administrators, administrator(id, newP256Key())];
  const [authority] = root.authorities as [TrustRoot['authorities'][number]];
  const [release] = root.releaseKeys as [TrustRoot['releaseKeys'][number]];
  const [pair] = root.ledgerKeys as [TrustRoot['ledgerKeys'][number]];
  const day = 24 * 60 * 60 * 1000;
  const at = (days: number) => new Date(Date.parse(root.created) + days * day).toISOString();
  const rewrapped = release.certificate.replace(/\n(.{64})\n/, '\n$1');
  it.each([
    ['asks for one signature', { threshold: 1 }, /threshold/],
    ['asks for more than it names', { threshold: 3 }, /asks for 3 administrators, and 2 are in office/],
    [
      'leaves too few in office',
      { administrators: root.administrators.map((one, n) => (n === 0 ? { ...one, until: at(1) } : one)) },
      /1 are in office to its end/,
    ],
    ['names an administrator with a Cyrillic letter', { administrators: [] as never[] }, /administrators/],
    ['names ADMIN-l beside ADMIN-1', { administrators: other('ADMIN-l') }, /looks like another/],
    ['names admin-1 beside ADMIN-1', { administrators: other('admin-1') }, /looks like another/],
    ['hides a character in a name', { authorities: [{ ...authority, name: 'Shop\u200bCA' }] }, /invisible/],
    ['expires before it was made', { expires: root.created }, /expires before/],
    ['is made for ever', { expires: new Date(Date.parse(root.created) + 1_200 * day).toISOString() }, /three years/],
    ['spells a certificate in another way', { releaseKeys: [{ ...release, certificate: rewrapped }] }, /PEM/],
    ['lists a release key twice', { releaseKeys: [{ ...release, until: root.expires }, release] }, /listed twice/],
    ['ends the last release key', { releaseKeys: [{ ...release, until: root.expires }] }, /without a successor/],
    ['ends the last ledger keys', { ledgerKeys: [{ ...pair, until: root.expires }] }, /without a successor/],
    ['lists ledger keys in another order', { ledgerKeys: [{ ...pair, vkeys: pair.vkeys.toReversed() }] }, /Ed25519/],
    ['is for another origin than its ledger keys', { origin: 'other.example/ledger' }, /another origin/],
    ['ends a key before it begins', { authorities: [{ ...authority, until: authority.from }] }, /before it begins/],
  ] as [string, Partial<TrustRoot>, RegExp][])('is refused where it %s', (what, change, message) => {
    if (what.includes('Cyrillic'))
      change.administrators = [
        ...root.administrators,
        { ...administrator('X', newP256Key()), person: 'АDMIN-1' as PersonId },
      ];
    expect(withRoot(change)).toThrow(refused('config-invalid', message));
  });
});

describe('a release key', () => {
  const [entry] = root.releaseKeys as [TrustRoot['releaseKeys'][number]];
  const made = Date.parse(root.created);
  const hour = 60 * 60 * 1000;
  const at = (hours: number) => new Date(made + hours * hour).toISOString();
  const judge = (change: Partial<TrustRoot>, hours: number) => () => {
    const trust = parseTrust(keys.trustFileWith(change));
    return releaseKeyAt(trust, keys.trust.release.keyId, made + hours * hour);
  };

  it('is believed within its time, and no other key ever', () => {
    expect(judge({}, 1)().keyId).toBe(keys.trust.release.keyId);
    expect(judge({}, -1)).toThrow(refused('not-verified', /outside of the time of its key/));
    expect(() => releaseKeyAt(keys.trust, keyIdOf(newP256Key()), made)).toThrow(
      refused('not-verified', /does not name/),
    );
  });

  it('is believed until it is revoked, and for nothing that it signed from then on', () => {
    const revoked = { releaseKeys: [{ ...entry, revoked: { at: at(5), reason: 'Stolen' } }] };
    expect(judge(revoked, 4)().entry.revoked?.reason).toBe('Stolen');
    expect(judge(revoked, 5)).toThrow(refused('not-verified', /revoked from .* on \(Stolen\)/));
  });

  it('falls with the time of the authority above it', () => {
    const [authority] = root.authorities as [TrustRoot['authorities'][number]];
    const ended = { authorities: [{ ...authority, until: at(5) }] };
    expect(judge(ended, 4)).not.toThrow();
    expect(judge(ended, 5)).toThrow(refused('not-verified', /authority above/));
  });

  it('needs an authority that is there for releases', () => {
    const [authority] = root.authorities as [TrustRoot['authorities'][number]];
    expect(judge({ authorities: [{ ...authority, for: ['people', 'machines'] }] }, 1)).toThrow(
      refused('config-invalid', /not vouched for/),
    );
  });
});

it('a trust root has expired from its very time on', () => {
  const { expiresMs } = keys.trust;
  expect(expiryReason(keys.trust, expiresMs - 1)).toBeUndefined();
  expect(expiryReason(keys.trust, expiresMs)).toMatch(/expired on .* deposits are still taken/);
});

describe('the signer', () => {
  const asked = {} as ReleaseRequest;
  const routes = parseRoutes(
    Buffer.from('routes: [{ id: a, approvals: [{ role: quality, count: 1, meaning: Read. }] }]'),
    'r',
  );
  const signer = async (file: TrustFile, nowMs: number) => {
    const trust = parseTrust(file);
    const key = pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem));
    const cms = await CmsSigner.create(key, [keys.releaseCertificate]);
    const stateFile = join(place.folder, 'state');
    return new SignerCore({
      ...{ trust, routes, releaseKey: key, cms, ledgerSigners: keys.ledgerSigners, stateFile, clock: () => nowMs },
    });
  };

  it('releases nothing under a root that has expired, nor with a key that is revoked', async () => {
    const expired = await signer(keys.trustFile, keys.trust.expiresMs);
    await expect(expired.signRelease(asked)).rejects.toThrow(refused('trust-expired', /expired/));
    const [entry] = root.releaseKeys as [TrustRoot['releaseKeys'][number]];
    const stolen = keys.trustFileWith({ releaseKeys: [{ ...entry, revoked: { at: root.created, reason: 'Stolen' } }] });
    const revoked = await signer(stolen, Date.parse(root.created));
    await expect(revoked.signRelease(asked)).rejects.toThrow(refused('not-verified', /revoked .*Stolen/));
    // Checkpoints go on: the record must not stop with the releases.
    const [size, hash] = [1, Buffer.alloc(32).toString('base64')];
    expect(expired.signCheckpoint({ size, root: hash, from: 0, proof: [] }).note).toContain(testOrigin);
  });
});
