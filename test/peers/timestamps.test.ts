import { spawnSync } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type * as pkijs from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/platform/hash.ts';
import { timestampRequest, verifyTimestamp } from '../../src/signing/timestamp-token.ts';
import { onPath } from '../debian-packages.ts';
import { type Issued, OpensslPki } from '../helpers/openssl-pki.ts';
import { seeded } from '../helpers/seeded.ts';
import { stampedBy, statementOf, TestTsa } from '../helpers/tsa.ts';

const note = 'shop.example/ledger\n12\nAAAA\n\n— shop.example/ledger c2lnbmF0dXJl\n';
const nonce = Buffer.from('4102030405060708', 'hex');
const policy = '1.2.3.4.2';
const past = { from: '20200101000000Z', until: '20210101000000Z' };

let pki: OpensslPki;
let root: Issued;
let stamper: Issued;
let made: Buffer;

type Case = { response: Buffer; message?: string; authority?: Issued; atMs?: number };

const byOpenssl = ({ response, message = note, authority = root, atMs }: Case): boolean => {
  writeFileSync(pki.at('note'), message);
  writeFileSync(pki.at('note.tsr'), response);
  const at = atMs === undefined ? [] : ['-attime', String(Math.floor(atMs / 1000))];
  const args = ['ts', '-verify', '-data', 'note', '-in', 'note.tsr', '-CAfile', authority.certificate, ...at];
  return spawnSync('openssl', args, { cwd: pki.folder }).status === 0;
};

type More = Partial<Parameters<typeof verifyTimestamp>[1]>;
const byUs = ({ response, message = note, authority = root, atMs = Date.now() }: Case, more: More = {}): string => {
  const authoritiesAt = (): X509Certificate[] => [authority.x509];
  const between = { earliestMs: atMs - 600_000, latestMs: atMs + 600_000 };
  try {
    verifyTimestamp(response, { digest: digestOf(message), authoritiesAt, ...between, ...more });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

describe.skipIf(!onPath('openssl'))('a timestamp over a checkpoint', () => {
  beforeAll(async () => {
    pki = new OpensslPki();
    root = pki.issue('TSA root', { usage: 'authority' });
    const between = pki.issue('TSA between', { usage: 'lastAuthority', issuer: root });
    stamper = pki.issue('TSA', { usage: 'stamper', issuer: between });
    const tsa = new TestTsa(pki, stamper, [between]);
    made = await tsa.reply(timestampRequest({ digest: digestOf(note), nonce, policy }));
  });
  afterAll(() => pki.remove());

  it('is accepted by openssl and by us, with what was asked for in it', () => {
    expect(byOpenssl({ response: made })).toBe(true);
    expect(byUs({ response: made }, { nonce, policy })).toBe('accepted');
    expect(byUs({ response: made }, { nonce: Buffer.from('4202030405060708', 'hex') })).toContain('another request');
    expect(byUs({ response: made }, { policy: '1.2.3.4.1' })).toContain('under the policy 1.2.3.4.2');
    expect(byUs({ response: made, atMs: Date.now() - 3_600_000 })).toContain('when it cannot have been made');
  });

  it('is refused by both over another checkpoint and under an unrelated authority', () => {
    const stranger = pki.issue('Stranger', { usage: 'authority' });
    const other = note.replace('12', '13');
    expect(byOpenssl({ response: made, message: other })).toBe(false);
    expect(byUs({ response: made, message: other })).toContain('over another checkpoint');
    expect(byOpenssl({ response: made, authority: stranger })).toBe(false);
    expect(byUs({ response: made, authority: stranger })).toContain('not issued by an authority');
  });

  it.each([
    ['whose certificate says nothing about timestamps', 'signer', 'not for timestamps alone'],
    ['whose certificate says it without weight', 'looseStamper', 'not for timestamps alone'],
    ['whose certificate is for something else too', 'busyStamper', 'not for timestamps alone'],
    ['whose certificate is for encryption', 'encryptsOnly', 'not for'],
  ] as const)('is refused by both from a stamper %s', (_what, usage, why) => {
    const response = stampedBy(pki, unnamed(made), pki.issue(`TSA ${usage}`, { usage, issuer: root }));
    expect(byOpenssl({ response })).toBe(false);
    expect(byUs({ response })).toContain(why);
  });

  it('is refused by both when the certificate had expired by then, and holds for ever when it had not', () => {
    const old = pki.issue('Old TSA', { usage: 'stamper', issuer: root, ...past });
    const late = stampedBy(pki, unnamed(made), old);
    expect(byOpenssl({ response: late })).toBe(false);
    expect(byUs({ response: late })).toContain('was valid from');
    const oldRoot = pki.issue('Old TSA root', { usage: 'authority', ...past });
    const atMs = Date.parse('2020-06-01T12:00:00Z');
    const said = unnamed(made);
    said.genTime = new Date(atMs);
    const response = stampedBy(pki, said, pki.issue('Then', { usage: 'stamper', issuer: oldRoot, ...past }));
    expect(byOpenssl({ response, authority: oldRoot, atMs })).toBe(true);
    expect(byUs({ response, authority: oldRoot, atMs })).toBe('accepted');
  });

  it('is refused by both in the name of another authority than signed it', () => {
    const other = pki.issue('Other TSA', { usage: 'stamper', issuer: root });
    const response = stampedBy(pki, statementOf(made), other);
    expect(byOpenssl({ response })).toBe(false);
    expect(byUs({ response })).toContain('names another authority');
  });

  it('is refused where the authority did not grant it, or answers something else', async () => {
    const tsa = new TestTsa(pki, stamper);
    const refusal = await tsa.reply(timestampRequest({ digest: digestOf(note), nonce, policy: '9.9.9' }));
    expect(byOpenssl({ response: refusal })).toBe(false);
    expect(byUs({ response: refusal })).toContain('did not grant');
    for (const response of [Buffer.alloc(0), Buffer.from('<html>'), made.subarray(0, -1), Buffer.alloc(100_000, 48)])
      expect(byUs({ response })).toMatch(/^The (timestamp|signature) does not hold/);
  });

  it('that we accept is accepted by openssl, whatever was changed in it', () => {
    const random = seeded(20261126);
    let accepted = 0;
    for (let n = 0; n < 300; n++) {
      const response = Buffer.from(made);
      for (let times = 1 + Math.floor(random() * 2); times > 0; times--)
        response[Math.floor(random() * response.length)] = Math.floor(random() * 256);
      if (response.equals(made) || byUs({ response }) !== 'accepted') continue;
      accepted += 1;
      expect(byOpenssl({ response }), response.toString('hex')).toBe(true);
    }
    // Only the status text and the like are under no signature.
    expect(accepted).toBeLessThan(15);
  });
});

/** Without the stamper's name, so that another one may say it. */
function unnamed(response: Buffer): pkijs.TSTInfo {
  const said = statementOf(response);
  delete said.tsa;
  return said;
}
