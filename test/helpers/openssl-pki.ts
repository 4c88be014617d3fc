import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const usages = {
  authority: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign',
  lastAuthority: 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign',
  signer: 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation',
  noUsage: 'basicConstraints=critical,CA:FALSE',
  encryptsOnly: 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment',
  server: 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth',
  stamper:
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping',
  looseStamper: 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=timeStamping',
  busyStamper:
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping,emailProtection',
  unknownExtension: 'keyUsage=critical,digitalSignature\n1.2.3.4.5=critical,ASN1:UTF8String:what',
  signerThatIssues: 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyCertSign',
} as const;
export type Usage = keyof typeof usages;
export type Issued = { name: string; key: string; certificate: string; x509: X509Certificate };
type Wish = {
  usage: Usage;
  issuer?: Issued;
  from?: string;
  until?: string;
  digest?: string;
  key?: 'P-256' | 'RSA-1024';
  /** Another certificate for a key that has one. */
  keyOf?: Issued;
};

/** Certificates of every kind, made by openssl: what a company's authority issues, and what it should not have. */
export class OpensslPki {
  readonly folder = mkdtempSync(join(tmpdir(), 'keyway-pki-'));

  at = (name: string): string => join(this.folder, name);
  remove = (): void => rmSync(this.folder, { recursive: true, force: true });
  run = (...args: string[]): void => void execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });

  /** Times as YYYYMMDDHHMMSSZ. */
  issue(name: string, { usage, issuer, from, until, digest = 'sha256', key = 'P-256', keyOf }: Wish): Issued {
    const [keyFile, certificate] = [keyOf?.key ?? this.at(`${name}.key`), this.at(`${name}.crt`)];
    const kind =
      key === 'P-256' ? ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
    if (!keyOf) this.run('genpkey', '-algorithm', ...kind, '-out', keyFile);
    const database = `default_ca=d\n[d]\ndatabase=${name}.txt\nnew_certs_dir=.\nserial=serial\npolicy=any\n[any]\nO=optional\nCN=supplied`;
    writeFileSync(this.at(`${name}.cnf`), `${database}\n[req]\ndistinguished_name=dn\n[dn]\n[ext]\n${usages[usage]}\n`);
    writeFileSync(this.at(`${name}.txt`), '');
    const config = ['-config', `${name}.cnf`];
    this.run('req', '-new', '-key', keyFile, '-subj', `/O=Test company/CN=${name}`, '-out', `${name}.csr`, ...config);
    const by = issuer ? ['-cert', issuer.certificate, '-keyfile', issuer.key] : ['-selfsign', '-keyfile', keyFile];
    const time = from && until ? ['-startdate', from, '-enddate', until] : ['-days', '30'];
    const form = ['-batch', '-notext', '-create_serial', '-extensions', 'ext', '-md', digest];
    this.run('ca', ...config, ...form, ...by, ...time, '-in', `${name}.csr`, '-out', certificate);
    return { name, key: keyFile, certificate, x509: new X509Certificate(readFileSync(certificate)) };
  }

  /** A list of what `issuer` revoked, out of date after `days`. Each `[certificate, UTCTime]`. */
  revocationList(issuer: Issued, revoked: readonly (readonly [Issued, string])[], days = 30): string {
    const out = this.at(`${issuer.name}.crl`);
    const rows = revoked.map(([{ x509 }, time]) => `R\t491231235959Z\t${time}\t${x509.serialNumber}\tunknown\t/CN=x\n`);
    writeFileSync(this.at('index.txt'), rows.join(''));
    writeFileSync(this.at('crl.cnf'), '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n');
    this.run(
      'ca',
      '-gencrl',
      '-config',
      'crl.cnf',
      '-keyfile',
      issuer.key,
      '-cert',
      issuer.certificate,
      '-crldays',
      String(days),
      '-out',
      out,
    );
    return out;
  }
}
