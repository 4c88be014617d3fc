import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPem } from '../../src/signing/keys.ts';

/** Where Debian's softhsm2 puts its module. */
export const softModule = '/usr/lib/softhsm/libsofthsm2.so';

/** A token of SoftHSM2 in a folder of its own, filled by pkcs11-tool as a card is. It can be taken out and put back. */
export class SoftToken {
  readonly label: string;
  readonly pin = '271828';
  readonly pinFile: string;
  readonly environment: { SOFTHSM2_CONF: string };
  readonly #folder: string;

  constructor(folder: string, label = 'KEYWAY') {
    this.label = label;
    this.#folder = folder;
    this.pinFile = join(folder, 'pin');
    const conf = join(folder, 'softhsm2.conf');
    this.environment = { SOFTHSM2_CONF: conf };
    mkdirSync(join(folder, 'tokens'), { recursive: true });
    writeFileSync(this.pinFile, `${this.pin}\n`, { mode: 0o600 });
    writeFileSync(conf, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
    this.#run('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', this.pin, '--so-pin', '314159']);
  }

  /** Makes a key pair inside. */
  generate(label: string, id: string, type = 'EC:prime256v1', ...more: string[]): void {
    this.#tool('--keypairgen', '--key-type', type, '--label', label, '--id', id, ...more);
  }

  /** SPKI PEM. */
  publicKey(id: string): string {
    const der = this.#tool('--read-object', '--type', 'pubkey', '--id', id);
    return publicPem(createPublicKey({ key: der, format: 'der', type: 'spki' }));
  }

  /** Puts a certificate (PEM file) beside the key with this id. */
  addCertificate(file: string, id: string): void {
    const der = join(this.#folder, `${id}.crt.der`);
    execFileSync('openssl', ['x509', '-in', file, '-outform', 'DER', '-out', der]);
    this.#tool('--write-object', der, '--type', 'cert', '--id', id);
  }

  remove(type: 'pubkey' | 'cert' | 'privkey', id: string): void {
    this.#tool('--delete-object', '--type', type, '--id', id);
  }

  setId(type: 'pubkey', id: string, next: string): void {
    this.#tool('--set-id', next, '--type', type, '--id', id);
  }

  takeOut(): void {
    const [name = ''] = readdirSync(join(this.#folder, 'tokens'));
    renameSync(join(this.#folder, 'tokens', name), join(this.#folder, `drawer-${name}`));
  }
  putBack(): void {
    const name = readdirSync(this.#folder).find((file) => file.startsWith('drawer-')) ?? '';
    renameSync(join(this.#folder, name), join(this.#folder, 'tokens', name.slice('drawer-'.length)));
  }

  #tool(...args: string[]): Buffer {
    const login = ['--module', softModule, '--token-label', this.label, '--login', '--pin', this.pin];
    return this.#run('pkcs11-tool', [...login, ...args]);
  }

  #run(program: string, args: string[]): Buffer {
    return execFileSync(program, args, {
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
