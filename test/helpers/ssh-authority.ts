import { execFileSync } from 'node:child_process';
import { createPrivateKey, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { sshString } from '../../src/signing/ssh-key.ts';
import { OpensslPki } from './openssl-pki.ts';
import type { KeyPair } from './sftp-test-door.ts';

export type CertificateWish = {
  principals?: readonly string[];
  serial?: number;
  /** As `ssh-keygen -V` takes it. */
  validity?: string;
  /** As `ssh-keygen -O` takes them. */
  options?: readonly string[];
  host?: true;
};

/** An authority for machines: an X.509 certificate as a trust root lists it, whose key signs SSH certificates by ssh-keygen. */
export class SshAuthority {
  readonly #pki = new OpensslPki();
  readonly #issued = this.#pki.issue('machines', { usage: 'authority' });
  #made = 0;

  constructor() {
    chmodSync(this.#issued.key, 0o600);
  }

  get certificate(): X509Certificate {
    return this.#issued.x509;
  }

  get key(): KeyObject {
    return createPrivateKey(readFileSync(this.#issued.key));
  }

  /** As SSH writes it. */
  get sshKey(): Buffer {
    const line = execFileSync('ssh-keygen', ['-y', '-f', this.#issued.key], { encoding: 'utf8' });
    return Buffer.from(line.split(' ')[1] ?? '', 'base64');
  }

  /** The file of a private key, beside its certificate as OpenSSH's client looks for it. */
  certify({ private: key, public: line }: KeyPair, wish: CertificateWish = {}): string {
    const { principals = ['MILL-1'], serial = 7, validity = '-1h:+1h', options = [], host } = wish;
    const file = this.#pki.at(`key-${this.#made++}`);
    writeFileSync(file, key, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${line}\n`);
    const named = principals.length > 0 ? ['-n', principals.join(',')] : [];
    const more = [...(host ? ['-h'] : []), ...options.flatMap((option) => ['-O', option])];
    const about = ['-I', 'a test', '-z', String(serial), '-V', validity, ...named, ...more];
    execFileSync('ssh-keygen', ['-q', '-s', this.#issued.key, ...about, `${file}.pub`], {
      stdio: 'pipe',
      env: { TZ: 'UTC' },
    });
    return file;
  }

  /** The certificate alone, as a login carries it. */
  certificateOf(pair: KeyPair, wish?: CertificateWish): Buffer {
    return certificateIn(this.certify(pair, wish));
  }

  /** Signs whatever stands there as an authority that was talked into anything would. */
  sign(signed: Buffer, key = this.key): Buffer {
    const bytes = sign('sha256', signed, { key, dsaEncoding: 'ieee-p1363' });
    const numbers = [bytes.subarray(0, 32), bytes.subarray(32)].map((number) => sshString(asMpint(number)));
    const signature = Buffer.concat([sshString('ecdsa-sha2-nistp256'), sshString(Buffer.concat(numbers))]);
    return Buffer.concat([signed, sshString(signature)]);
  }

  remove(): void {
    this.#pki.remove();
  }
}

export const certificateIn = (keyFile: string): Buffer =>
  Buffer.from(readFileSync(`${keyFile}-cert.pub`, 'utf8').split(' ')[1] ?? '', 'base64');

/** RFC 4251 5: no zero in front but the one that keeps a number positive. */
function asMpint(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  const bytes = number.subarray(first);
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
