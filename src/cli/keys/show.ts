import { X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { canonicalJson, digestOf } from '../../platform/hash.ts';
import { releaseKeyId } from '../../signing/next-root.ts';
import { loadTrustFile } from '../../signing/trust.ts';
import { inForce, type Span, type TrustRoot } from '../../signing/trust-root.ts';
import { cliContext, example } from '../context.ts';
import { answer } from '../output.ts';
import { progressOf } from './draft.ts';

export function addShowCommand(keys: Command): void {
  keys
    .command('show [file]')
    .description('what a trust root says: who signed it, its keys with fingerprints and times, when it expires')
    .addHelpText('after', example('keyway keys show trust-next.json'))
    .action((path: string | undefined, _options: unknown, command: Command) => {
      const { config, json } = cliContext(command);
      const file = path ?? config.paths.trust;
      const trust = loadTrustFile(file);
      const { root } = trust;
      const progress = progressOf(trust);
      const digest = digestOf(canonicalJson(root));
      const keysThere = describe(root, systemClock());
      const { origin, created, expires, threshold } = root;
      answer(json, { file, origin, digest, created, expires, threshold, ...progress, ...keysThere }, [
        `${file}: version ${root.version} of the trust root of ${origin}`,
        `  digest         ${digest}`,
        `  made           ${created}`,
        `  expires        ${expires}`,
        `  signed by      ${progress.signed.join(', ') || 'nobody'} (${progress.signed.length} of ${progress.needed})`,
        ...Object.entries(keysThere).flatMap(([title, rows]) => ['', title, ...rows.map(line)]),
      ]);
    });
}

type Row = { name: string; id: string; from: string; until?: string | undefined; state: string };

const line = ({ name, id, from, until, state }: Row): string =>
  `  ${state.padEnd(8)}  ${name.padEnd(20)}  ${id}  ${from} to ${until ?? 'further notice'}`;

function describe(root: TrustRoot, nowMs: number) {
  const state = (span: Span) =>
    inForce(span, nowMs) ? 'in force' : Date.parse(span.from) > nowMs ? 'to come' : 'ended';
  const row = (name: string, id: string, span: Span): Row => ({
    name,
    id,
    from: span.from,
    until: span.until,
    state: state(span),
  });
  const certified = (one: Span & { name: string; certificate: string }, more = '') =>
    row(one.name + more, new X509Certificate(one.certificate).fingerprint256, one);
  return {
    administrators: root.administrators.map((one) => row(one.person, one.keyId, one)),
    releaseKeys: root.releaseKeys.map((one) => {
      const plain = row(subjectOf(one.certificate), releaseKeyId(one), one);
      return one.revoked ? { ...plain, until: `${one.revoked.at}: ${one.revoked.reason}`, state: 'revoked' } : plain;
    }),
    ledgerKeys: root.ledgerKeys.map((one) =>
      row('Ed25519 and P-256', one.vkeys.map((vkey) => vkey.split('+')[1]).join(' '), one),
    ),
    timestampAuthorities: root.timestampAuthorities.map((one) => certified(one)),
    authorities: root.authorities.map((one) => certified(one, ` (${one.for.join(', ')})`)),
  };
}

const subjectOf = (pem: string): string => new X509Certificate(pem).subject.replaceAll('\n', ', ');
