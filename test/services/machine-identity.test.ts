import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MachineStanding } from '../../src/catalog/machine-register.ts';
import type { DoorChannel } from '../../src/domain/doors.ts';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Credential } from '../../src/domain/shelf.ts';
import { MachineIdentity } from '../../src/services/machine-identity.ts';
import { sshFingerprint } from '../../src/signing/ssh-key.ts';
import { type KeyPair, makeKey } from '../helpers/sftp-test-door.ts';
import { SshAuthority } from '../helpers/ssh-authority.ts';

let authority: SshAuthority;
let pair: KeyPair;
let certificate: string;
beforeAll(() => {
  authority = new SshAuthority();
  pair = makeKey();
  certificate = authority.certificateOf(pair, { serial: 7 }).toString('base64');
});
afterAll(() => authority.remove());

const machine: Machine = {
  ...{ id: 'MILL-1' as MachineId, groups: ['MILL' as GroupId], make: 'x', model: 'x', control: 'x', cell: 'C1' },
  ...{ country: 'US', channel: 'sftp', sshKeys: [], sshCertificates: true, jurisdictions: ['none'] },
};
let standing: MachineStanding;
let trusted: boolean;
let lines: { reason?: string }[];
beforeEach(() => {
  standing = { machine, index: 1, suspended: false, revoked: [], safeguard: undefined };
  trusted = true;
  lines = [];
});

const identify = (credential: Credential, name = 'MILL-1', channel: DoorChannel = 'sftp') =>
  new MachineIdentity({
    standing: { machine: (id) => (id === standing.machine.id ? standing : undefined) },
    passwords: { fit: async () => false },
    trust: { authoritiesFor: (purpose) => (purpose === 'machines' && trusted ? [authority.certificate] : []) },
    clock: Date.now,
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  }).identify(channel, name, credential);
const shown = (over: object = {}): Credential => ({
  ...{ kind: 'ssh-certificate', certificate, address: '10.20.0.7' },
  ...over,
});
const ownKey = (): Credential => ({ kind: 'ssh-key', key: pair.public });
const fingerprint = () => sshFingerprint(Buffer.from(pair.public.split(' ')[1] ?? '', 'base64'));
const reasons = () => lines.map(({ reason }) => reason);

describe('a certificate of an authority for machines', () => {
  it('lets in the machine that it names, and no other', async () => {
    expect(await identify(shown())).toBe('MILL-1');
    standing = { ...standing, machine: { ...machine, id: 'MILL-2' as MachineId } };
    expect(await identify(shown(), 'MILL-2')).toBeUndefined();
    expect(await identify(shown(), 'MILL-1')).toBeUndefined();
    expect(reasons()).toEqual(['The certificate of the machine is for "MILL-1".']);
  });

  it.each([
    ['is suspended', { suspended: true }, undefined],
    ['has keys of its own only', { machine: { ...machine, sshCertificates: false } }, 'is not asked for'],
    ['comes by FTP', { machine: { ...machine, channel: 'ftps' as const } }, undefined],
    ['had this serial revoked', { revoked: [{ kind: 'certificate' as const, serial: '7' }] }, 'was revoked'],
  ])('does not let in a machine that %s', async (_what, over, why) => {
    standing = { ...standing, ...over };
    expect(await identify(shown())).toBeUndefined();
    expect(reasons()).toEqual(why === undefined ? [] : [expect.stringContaining(why)]);
  });

  it('does not let a machine in once its key was revoked, nor does the key itself', async () => {
    standing = { ...standing, machine: { ...machine, sshKeys: [pair.public] } };
    expect(await identify(ownKey())).toBe('MILL-1');
    standing = { ...standing, revoked: [{ kind: 'key', fingerprint: fingerprint() }] };
    expect([await identify(shown()), await identify(ownKey())]).toEqual([undefined, undefined]);
    standing = { ...standing, revoked: [{ kind: 'key', fingerprint: sshFingerprint(Buffer.from('another')) }] };
    expect([await identify(shown()), await identify(ownKey())]).toEqual(['MILL-1', 'MILL-1']);
  });

  it('counts for nothing at another door, and where no authority for machines is trusted', async () => {
    expect(await identify(shown(), 'MILL-1', 'ftps')).toBeUndefined();
    trusted = false;
    expect(await identify(shown())).toBeUndefined();
    expect(reasons()).toEqual([expect.stringContaining('which is no authority for machines')]);
  });

  it('that is none is refused as one, and is no accident', async () => {
    expect(await identify(shown({ certificate: 'AAAA' }))).toBeUndefined();
    expect(reasons()).toEqual([expect.stringContaining('malformed')]);
  });
});
