import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/domain/statements.ts';
import { openCosigned, type openEnvelope, preAuthenticationEncoding } from '../../src/signing/dsse.ts';
import { onPath } from '../debian-packages.ts';
import { openReleaseRoom } from '../helpers/release-room.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';

type Key = Parameters<typeof openEnvelope>[1][number];
/** An envelope as it stands in the ledger, its signer's key, and the key of somebody else. */
type Signed = { envelope: Envelope; keys: Key[]; other: Key };

const place = temporaryFolder();
let signed: Record<string, Signed>;
let close: () => void;
beforeAll(async () => {
  const keys = makeTestKeys();
  const room = await openReleaseRoom({ keys, folder: place.folder });
  close = room.close;
  const outcome = await room.releases.issue(await room.approved([Buffer.from('G1 X1.\r\nM30\r\n')]));
  const release = outcome.state === 'released' ? room.standing.release(outcome.releaseId) : undefined;
  const dataOf = (index: number) => JSON.parse(String(room.reader.entry(index)?.body)).data;
  const [approval] = release?.approvals ?? [];
  const [engineer, inspector] = [room.crew.engineer.person.keys, room.crew.inspector.person.keys];
  const administrators = keys.administrators.map(({ key: { keyId, publicKey } }) => ({ keyId, publicKey }));
  const [one] = inspector;
  if (!release || !approval || !one) throw new Error('nothing was released');
  signed = {
    'a release': { envelope: dataOf(release.index).envelope, keys: [keys.trust.release], other: one },
    'an approval': { envelope: dataOf(approval.index).envelope, keys: [...engineer], other: one },
    'an enrolment': {
      envelope: dataOf(room.standing.register.index('ME-2') ?? 0).authorisation,
      ...{ keys: administrators, other: one },
    },
  };
});
afterAll(() => {
  close();
  place.remove();
});

const at = (name: string) => join(place.folder, name);
const byOpenssl = (bytes: Buffer, { sig }: Envelope['signatures'][number], { publicKey }: Key): boolean => {
  writeFileSync(at('pae'), bytes);
  writeFileSync(at('sig'), Buffer.from(sig, 'base64'));
  writeFileSync(at('key.pem'), publicKey);
  const args = ['dgst', '-sha256', '-verify', at('key.pem'), '-signature', at('sig'), at('pae')];
  return spawnSync('openssl', args).status === 0;
};
const byUs = (envelope: Envelope, keys: readonly Key[]): boolean => {
  try {
    openCosigned(envelope, keys);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!onPath('openssl')).each(['a release', 'an approval', 'an enrolment'])(
  'the statement of %s',
  (kind) => {
    it('is accepted by openssl, each of its signatures, and by us', () => {
      const { envelope, keys } = signed[kind] ?? expect.fail();
      const bytes = preAuthenticationEncoding(Buffer.from(envelope.payload, 'base64'));
      expect(envelope.signatures).toHaveLength(keys.length);
      for (const signature of envelope.signatures) {
        const key = keys.find(({ keyId }) => keyId === signature.keyid) ?? expect.fail();
        expect(byOpenssl(bytes, signature, key)).toBe(true);
      }
      expect(byUs(envelope, keys)).toBe(true);
    });

    it('is refused by both with one flipped byte, with changed line ends, and by another key', () => {
      const { envelope, keys, other } = signed[kind] ?? expect.fail();
      const payload = Buffer.from(envelope.payload, 'base64');
      const [signature] = envelope.signatures;
      const key = keys.find(({ keyId }) => keyId === signature?.keyid);
      if (!signature || !key) expect.fail();
      const flipped = Buffer.from(payload);
      flipped[40] = (flipped[40] ?? 0) ^ 1;
      for (const bytes of [flipped, Buffer.concat([payload, Buffer.from('\r\n')])]) {
        expect(byOpenssl(preAuthenticationEncoding(bytes), signature, key)).toBe(false);
        expect(byUs({ ...envelope, payload: bytes.toString('base64') }, keys)).toBe(false);
      }
      // The type of what is signed is signed too: bare bytes are not the statement.
      expect(byOpenssl(payload, signature, key)).toBe(false);
      expect(byOpenssl(preAuthenticationEncoding(payload), signature, other)).toBe(false);
      expect(byUs(envelope, [{ ...other, keyId: key.keyId }])).toBe(false);
    });
  },
);
