/** Signs one file as the signer does and puts FILE.p7s beside it: TRUST RELEASE_KEY FILE. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ReleaseStatement } from '../../src/domain/statements.ts';
import { digestOfFile } from '../../src/platform/file-digest.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { signReleased } from '../../src/signing/release-signatures.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { loadTrust } from '../../src/signing/trust.ts';

const [trustFile = '', keyFile = '', path = ''] = process.argv.slice(2);
const trust = loadTrust(trustFile);
const releaseKey = pemSigningKey(createPrivateKey(readFileSync(keyFile)));
const cms = await CmsSigner.create(releaseKey, [trust.releaseCertificate]);
const file = await open(path);
const artefact = { name: 'bench.nc', digest: await digestOfFile(file), path };
await file.close();
const statement = {} as ReleaseStatement;
const signed = await signReleased(statement, [artefact], { releaseKey, cms, trust, timeMs: Date.now() });
writeFileSync(`${path}.p7s`, Buffer.from(signed.signatures[0]?.cms ?? '', 'base64'));
