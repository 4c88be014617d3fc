import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { Issued, OpensslPki } from './openssl-pki.ts';

const run = promisify(execFile);
const timestampContent = '1.2.840.113549.1.9.16.1.4';

/** What a token says, as bytes that can be signed again. */
export function statementOf(response: Buffer): pkijs.TSTInfo {
  const { timeStampToken } = pkijs.TimeStampResp.fromBER(new Uint8Array(response).buffer);
  const content = new pkijs.SignedData({ schema: timeStampToken?.content }).encapContentInfo.eContent;
  return pkijs.TSTInfo.fromBER(new Uint8Array(content?.valueBlock.valueHexView ?? []).buffer);
}

/** A granted answer that says this, signed with any certificate: `openssl ts -reply` asks for a proper one. */
export function stampedBy(pki: OpensslPki, said: pkijs.TSTInfo, { certificate, key }: Issued): Buffer {
  writeFileSync(pki.at('forged.tst'), Buffer.from(said.toSchema().toBER()));
  const content = ['-econtent_type', timestampContent, '-in', 'forged.tst', '-out', 'forged.tok', '-outform', 'DER'];
  pki.run(
    'cms',
    '-sign',
    '-binary',
    '-nodetach',
    '-cades',
    '-nosmimecap',
    '-signer',
    certificate,
    '-inkey',
    key,
    ...content,
  );
  const { result: token } = asn1js.fromBER(new Uint8Array(readFileSync(pki.at('forged.tok'))).buffer);
  const granted = new asn1js.Sequence({ value: [new asn1js.Integer({ value: 0 })] });
  return Buffer.from(new asn1js.Sequence({ value: [granted, token] }).toBER());
}

/** A timestamping authority: `openssl ts -reply` with this certificate, behind a small HTTP server of the loopback. */
export class TestTsa {
  readonly #pki: OpensslPki;
  readonly #config: string;
  readonly #server;
  /** Requests that it got. */
  asked = 0;
  /** What goes out in place of openssl's answer, where a test wants something else. */
  instead:
    | ((request: Buffer, answer: () => Promise<Buffer>) => Promise<{ status?: number; type?: string; body: Buffer }>)
    | undefined;

  constructor(pki: OpensslPki, stamper: Issued, chain: readonly Issued[] = []) {
    this.#pki = pki;
    const name = randomUUID();
    this.#config = `${name}.cnf`;
    writeFileSync(pki.at(`${name}.chain`), chain.map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''));
    const settings = [
      ...['[tsa]', 'default_tsa=t', '[t]', `serial=${name}.serial`, `signer_cert=${stamper.certificate}`],
      ...[`signer_key=${stamper.key}`, 'signer_digest=sha256', 'ess_cert_id_alg=sha256', 'default_policy=1.2.3.4.1'],
      ...['other_policies=1.2.3.4.2', 'digests=sha256', 'tsa_name=yes', 'accuracy=secs:1', 'clock_precision_digits=3'],
      ...(chain.length > 0 ? [`certs=${name}.chain`] : []),
    ];
    writeFileSync(pki.at(this.#config), `${settings.join('\n')}\n`);
    this.#server = createServer((request, response) => {
      void (async () => {
        this.asked += 1;
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const query = Buffer.concat(chunks);
        const answer = () => this.reply(query);
        const {
          status = 200,
          type = 'application/timestamp-reply',
          body,
        } = this.instead ? await this.instead(query, answer) : { body: await answer() };
        response.writeHead(status, { 'content-type': type }).end(body);
      })();
    });
  }

  /** The answer of openssl to a request. */
  async reply(query: Buffer): Promise<Buffer> {
    const name = this.#pki.at(randomUUID());
    writeFileSync(`${name}.tsq`, query);
    const files = ['-queryfile', `${name}.tsq`, '-out', `${name}.tsr`];
    await run('openssl', ['ts', '-reply', '-config', this.#config, ...files], { cwd: this.#pki.folder });
    return readFileSync(`${name}.tsr`);
  }

  /** Listens, and gives its address. */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/tsa`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
