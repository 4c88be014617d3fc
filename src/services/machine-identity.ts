import type { Logger } from 'pino';
import type { MachineStanding } from '../catalog/machine-register.ts';
import type { Standing } from '../catalog/standing.ts';
import type { DoorChannel } from '../domain/doors.ts';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { doorsOf } from '../domain/machines.ts';
import type { Credential } from '../domain/shelf.ts';
import type { Clock } from '../platform/clock.ts';
import { parseSshCertificate, type SshCertificate, verifySshCertificate } from '../signing/ssh-certificate.ts';
import { sshFingerprint } from '../signing/ssh-key.ts';
import type { Trust } from '../signing/trust.ts';
import type { KnownPasswords } from './known-passwords.ts';

type IdentityParts = {
  standing: Pick<Standing, 'machine'>;
  trust: Pick<Trust, 'authoritiesFor'>;
  passwords: Pick<KnownPasswords, 'fit'>;
  clock: Clock;
  log: Logger;
};
type CredentialOf<K extends Credential['kind']> = Extract<Credential, { kind: K }>;

/** Whether whoever stands at a door is the machine of that name. */
export class MachineIdentity {
  readonly #parts: IdentityParts;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  /** See `Shelf.identify`. What is wrong with a certificate is for the log, and not for whoever showed it. */
  async identify(channel: DoorChannel, name: string, credential: Credential): Promise<MachineId | undefined> {
    const standing = this.#parts.standing.machine(name);
    const known = standing && !standing.suspended && doorsOf(standing.machine).includes(channel) ? standing : undefined;
    const isIts = await this.#isIts(known, credential);
    return isIts ? known?.machine.id : undefined;
  }

  /** The same work is done for a name that nobody has: the time of an answer must not tell which names there are. */
  async #isIts(known: MachineStanding | undefined, credential: Credential): Promise<boolean> {
    switch (credential.kind) {
      case 'ssh-key':
        return known !== undefined && ownsKey(known, credential);
      case 'ssh-certificate':
        return this.#isVouchedFor(known, credential);
      case 'password':
        return this.#parts.passwords.fit(credential.password, known?.machine.password);
    }
  }

  #isVouchedFor(
    known: MachineStanding | undefined,
    { certificate: text, address }: CredentialOf<'ssh-certificate'>,
  ): boolean {
    const { trust, clock, log } = this.#parts;
    const atMs = clock();
    try {
      const certificate = parseSshCertificate(Buffer.from(text, 'base64'));
      const authorities = trust.authoritiesFor('machines', atMs);
      const principal = verifySshCertificate(certificate, { authorities, atMs, address });
      const why = known && whyNot(known, certificate, principal);
      if (why !== undefined) throw new DomainError('not-verified', `The certificate of the machine ${why}.`);
      return known !== undefined;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      log.warn({ machine: known?.machine.id, peer: address, reason: error.message }, 'certificate refused');
      return false;
    }
  }
}

function ownsKey({ machine, revoked }: MachineStanding, { key }: CredentialOf<'ssh-key'>): boolean {
  if (!machine.sshKeys.includes(key)) return false;
  const fingerprint = sshFingerprint(Buffer.from(key.slice(key.indexOf(' ') + 1), 'base64'));
  return !revoked.some((one) => one.kind === 'key' && one.fingerprint === fingerprint);
}

/** Why a certificate that an authority answers for does not let this machine in. */
function whyNot(
  { machine, revoked }: MachineStanding,
  { key, serial }: SshCertificate,
  principal: string,
): string | undefined {
  if (principal !== machine.id) return `is for ${JSON.stringify(principal)}`;
  if (!machine.sshCertificates) return 'is not asked for: this machine has keys of its own';
  const fingerprint = sshFingerprint(key.blob);
  const isRevoked = revoked.some((one) =>
    one.kind === 'key' ? one.fingerprint === fingerprint : one.serial === String(serial),
  );
  return isRevoked ? 'was revoked' : undefined;
}
