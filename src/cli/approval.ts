import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import { acceptedAs, FirstArticleAnswer, type FirstArticleDecision, knowing } from '../domain/first-article.ts';
import { PersonId } from '../domain/ids.ts';
import { PersonRole } from '../domain/people.ts';
import type { GatewayClient } from '../edges/http/client.ts';
import type { ApprovalAnswer, PackageView } from '../edges/http/contract/packages.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { signPayload } from '../signing/dsse.ts';
import { approvalStatement, manifestDigest } from '../signing/statements.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, usage } from './output.ts';
import { openSigningKey, type SigningKeyOptions, signingKeyOptions } from './signing-keys.ts';

type Options = SigningKeyOptions & {
  as: string;
  role?: string;
  reason?: string;
  file?: string[];
  firstArticle?: string;
};

/** `approve` and `refuse`: the statement is made and signed here, with the person's own key, and only then sent. */
export function addApprovalCommands(program: Command): void {
  const common = (name: string, description: string) =>
    signingKeyOptions(program.command(`${name} <package>`))
      .description(description)
      .requiredOption('--as <person>', 'who signs')
      .option('--role <role>', 'the role to sign in; needed when more than one fits')
      .option('--file <path>', 'a file of yours that must be one of the package, byte for byte (repeatable)', collect);
  common('approve', 'sign that you approve exactly these bytes')
    .option(
      '--first-article <decision>',
      'as quality, where a released program changes: full, partial, none, or accept for what the draft says',
    )
    .option('--reason <text>', 'with --first-article: why; it goes into the ledger')
    .addHelpText('after', example('keyway approve PKG-0123456789 --as ME-2 --key me-2.key.pem'))
    .action((id: string, options: Options, command: Command) => sign('approve', id, options, command));
  common('refuse', 'sign that you refuse this package, with the reason')
    .requiredOption('--reason <text>', 'why; it goes into the ledger')
    .addHelpText(
      'after',
      example(
        'keyway refuse PKG-0123456789 --as QA-1 --key qa-1.key.pem --reason "Z depth of T4 is not the drawing\'s"',
      ),
    )
    .action((id: string, options: Options, command: Command) => sign('refuse', id, options, command));
}

async function sign(decision: 'approve' | 'refuse', id: string, options: Options, command: Command): Promise<void> {
  const { client, json } = cliContext(command);
  const key = await openSigningKey(options);
  const gateway = client(key);
  const found = await gateway.package(id);
  // What is signed is computed here from what was shown, not taken from the gateway's word.
  if (manifestDigest(found.manifest) !== found.manifestDigest) {
    throw new DomainError('bytes-differ', 'The gateway shows a manifest that does not have the digest that it says.');
  }
  requireSameFiles(found, options.file ?? []);
  const person = PersonId.safeParse(options.as);
  if (!person.success) throw usage('This is not a person id.', '--as');
  const held = await rolesOf(gateway, options.as);
  const { role, meaning } = chooseRole(found, options.role, held);
  const statement = approvalStatement({
    decision,
    manifest: found.manifest,
    packageId: found.packageId,
    person: person.data,
    role,
    meaning: decision === 'refuse' ? (options.reason ?? meaning) : meaning,
    routeVersion: found.route.version,
    firstArticle: decision === 'approve' ? decidedFirstArticle(found, options) : undefined,
    time: rfc3339(systemClock()),
  });
  const result = await gateway.approve(found.packageId, await signPayload(canonicalJson(statement), key));
  const { part, revision, operation } = found.manifest;
  answer(json, { packageId: found.packageId, ...result }, [
    `${decision === 'approve' ? 'Approved' : 'Refused'} ${part} revision ${revision} operation ${operation} as ${role}, entry ${result.index}.`,
    `  "${statement.predicate.meaning}"`,
    describeRelease(result.release),
  ]);
}

/** What quality decides about the first article, on the draft that the gateway shows. */
function decidedFirstArticle(
  { firstArticle: draft }: PackageView,
  { firstArticle, reason }: Options,
): FirstArticleDecision | undefined {
  if (firstArticle === undefined) return undefined;
  if (reason === undefined) throw usage('Say why, for the ledger.', '--reason');
  const accepted = firstArticle === 'accept' && draft ? acceptedAs(draft) : firstArticle;
  const needed = FirstArticleAnswer.safeParse(accepted);
  if (needed.success) return knowing(draft, { needed: needed.data, reason });
  const choice = draft ? 'accept, full, partial or none' : 'full, partial or none; there is no draft to accept';
  throw usage(`Give ${choice}.`, '--first-article');
}

function describeRelease(release: ApprovalAnswer['release']): string {
  switch (release.state) {
    case 'released':
      return `  released as ${release.releaseId}, entry ${release.index}`;
    case 'waiting-for-approvals':
      return `  still missing: ${release.missing.map(({ role, count }) => `${count} × ${role}`).join(', ')}`;
    case 'waiting':
      return `  the route is complete; the release waits: ${release.detail} [${release.code}]`;
    case 'refused':
      return '  the package is closed; a corrected one is a new deposit';
  }
}

function requireSameFiles(found: PackageView, paths: readonly string[]): void {
  for (const path of paths) {
    const digest = digestOf(readFileSync(path));
    if (found.manifest.files.some((file) => file.digest === digest)) continue;
    throw new DomainError('digest-mismatch', `${basename(path)} is ${digest}, which is no file of this package.`, {
      field: '--file',
    });
  }
}

/** The roles of a person, where the asker may see them; otherwise nothing is known. */
async function rolesOf(gateway: GatewayClient, id: string): Promise<readonly PersonRole[] | undefined> {
  const people = await gateway.people().catch(() => []);
  return people.find(({ person }) => person.id === id)?.person.roles;
}

/** The role asked for, or the only one that the route still misses and the person holds. */
function chooseRole(
  found: PackageView,
  asked: string | undefined,
  held: readonly PersonRole[] | undefined,
): { role: PersonRole; meaning: string } {
  const step = Math.min(...found.route.missing.map((line) => line.step));
  const open = found.route.missing.filter((line) => line.step === step);
  const missing = open.map(({ role }) => role).filter((role) => held?.includes(role) ?? true);
  const role = asked ?? (missing.length === 1 ? missing[0] : undefined);
  if (role === undefined) {
    const choice = found.route.approvals.map((approval) => approval.role).join(' or ');
    throw usage(`Say in which role you sign: the route asks for ${choice}.`, '--role');
  }
  const parsed = PersonRole.safeParse(role);
  if (!parsed.success) throw usage(`${role} is not a role.`, '--role');
  const meaning = found.route.approvals.find((approval) => approval.role === parsed.data)?.meaning;
  return { role: parsed.data, meaning: meaning ?? 'I reviewed this package.' };
}
