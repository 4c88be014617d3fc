import { digestHex } from '../domain/digest.ts';
import { formatProof } from '../merkle/proof.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import type { OlderTree, PackEntry, PackFile, PackModel } from './pack.ts';
import { makeReport } from './report.ts';
import { reportHtml } from './report-html.ts';
import { reportPdf } from './report-pdf.ts';
import { verifyGuide } from './verify-guide.ts';

const made = (path: string, content: Buffer | string): PackFile => {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return { path, bytes, digest: digestOf(bytes), size: bytes.length };
};

/** Every file of a pack by path, SHA256SUMS last. Equal models make equal bytes. */
export async function layOut(model: PackModel): Promise<{ files: PackFile[]; sums: PackFile }> {
  const report = makeReport(model);
  const newest = model.entries.at(-1)?.time ?? '1980-01-01T00:00:00.000Z';
  const files = [
    made('README.txt', readme(model)),
    made('VERIFY.md', verifyGuide(model)),
    made('report.html', reportHtml(report)),
    made('report.pdf', await reportPdf(report, new Date(newest))),
    made('checkpoint', model.checkpoint),
    made('entries.json', canonicalJson(contents(model))),
    ...olderFiles(model),
    ...stampedFiles(model),
    ...model.entries.flatMap((entry) => entryFiles(entry, model.checkpoint)),
    ...model.further.map(({ path, bytes }) => made(path, bytes)),
    ...model.artefacts.map(({ path, digest, size }): PackFile => ({ path, blob: digest, digest, size })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const sums = made('SHA256SUMS', files.map(({ path, digest }) => `${digestHex(digest)}  ${path}\n`).join(''));
  return { files, sums };
}

function entryFiles({ index, leaf, proof, disclosed }: PackEntry, checkpoint: string): PackFile[] {
  return [
    made(`leaves/${index}.json`, leaf),
    made(`proofs/${index}.tlog-proof`, formatProof({ index, hashes: proof, checkpoint })),
    ...(disclosed ? [made(`bodies/${index}.json`, disclosed.body), made(`salts/${index}.bin`, disclosed.salt)] : []),
  ];
}

function olderFiles({ older, size, root }: PackModel): PackFile[] {
  return older
    ? [made('older-checkpoint', older.note), made('consistency.json', consistency(older, { size, root }))]
    : [];
}

function stampedFiles({ stamped, size, root }: PackModel): PackFile[] {
  if (!stamped) return [];
  return [
    made('timestamp/checkpoint', stamped.note),
    made('timestamp/checkpoint.tsr', stamped.response),
    made('timestamp/consistency.json', consistency(stamped, { size, root })),
  ];
}

/** That the pack's tree extends another one. */
function consistency(older: OlderTree, newer: { size: number; root: Buffer }): Buffer {
  const told = ({ size, root }: { size: number; root: Buffer }) => ({ size, root: root.toString('base64') });
  const proof = older.proof.map((hash) => hash.toString('base64'));
  return canonicalJson({ v: 1, older: told(older), newer: told(newer), proof });
}

/** What is in the pack, for a script: each entry with whether its content is, and what was left out. */
const contents = ({ origin, size, question, redacted, entries, leftOut }: PackModel) => ({
  v: 1,
  origin,
  size,
  ...(redacted ? {} : { question }),
  redacted,
  entries: entries.map(({ index, time, type, disclosed, withheld }) => ({
    index,
    time,
    type,
    disclosed: disclosed !== undefined,
    ...(withheld === undefined ? {} : { withheld }),
  })),
  leftOut,
});

const readme = ({
  origin,
  size,
}: PackModel): string => `Evidence from the ledger ${origin}, as signed over ${size} entries.

report.pdf, report.html   what happened, to read
VERIFY.md                 how to check it without us
checkpoint                what the ledger's keys, and its witnesses, signed
timestamp                 where it is there: an older checkpoint, and by when an authority saw it
leaves, proofs            each entry as the tree holds it, and the proof that it does
bodies, salts             what each entry says, where you may see it
artefacts                 the released files with their detached signatures, where you may have them
differences               where there are any: what was shown to whoever decided about a first article or about bytes that
                          came back, by the entry that names its digest
entries.json              the list of all that, for scripts
SHA256SUMS                of every other file

Keys to check against are not in here on purpose: ask for the trust file by another way.
`;
