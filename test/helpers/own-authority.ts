import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });

/** A certificate authority of a company, made by openssl in `folder`. Issues certificates for keys that it never sees. */
export class OwnAuthority {
  readonly certificate: string;
  readonly #key: string;
  readonly #folder: string;

  constructor(folder: string, name = 'Own authority') {
    this.#folder = folder;
    this.certificate = join(folder, 'own-ca.crt.pem');
    this.#key = join(folder, 'own-ca.key.pem');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', this.#key];
    const may = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
    openssl('req', '-x509', '-new', ...curve, '-subj', `/CN=${name}`, '-days', '30', ...may, '-out', this.certificate);
  }

  /** The file of a certificate for a public key (SPKI PEM), good for signatures. */
  issue(name: string, publicKey: string): string {
    const path = (kind: string) => join(this.#folder, `${name}.${kind}.pem`);
    writeFileSync(path('pub'), publicKey);
    writeFileSync(
      path('ext'),
      'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n',
    );
    const signed = ['-CA', this.certificate, '-CAkey', this.#key, '-days', '20', '-extfile', path('ext')];
    openssl('x509', '-new', '-force_pubkey', path('pub'), '-subj', `/CN=${name}`, ...signed, '-out', path('crt'));
    return path('crt');
  }

  /** The file of a certificate for what a PKCS #10 request asks for, its extensions included. */
  certify(request: string): string {
    const out = request.replace('.csr.pem', '.crt.pem');
    const asked = ['-req', '-in', request, '-copy_extensions', 'copy', '-days', '20', '-out', out];
    openssl('x509', ...asked, '-CA', this.certificate, '-CAkey', this.#key);
    return out;
  }
}
