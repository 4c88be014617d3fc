import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { DepositId, PersonId } from '../domain/ids.ts';
import { PersonRole } from '../domain/people.ts';
import { Text } from '../domain/text.ts';
import type { DepositView, WaiverAnswer } from '../edges/http/contract/deposits.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { signPayload } from '../signing/dsse.ts';
import { type WaivedFile, waiverStatement } from '../signing/waiver.ts';
import { cliContext, example } from './context.ts';
import { answer, exitCodes, usage } from './output.ts';
import { openSigningKey, type SigningKeyOptions, signingKeyOptions } from './signing-keys.ts';

type Options = SigningKeyOptions & {
  as: string;
  role: string;
  finding: string;
  line?: string;
  in?: string;
  reason: string;
  file?: string;
};

/** The statement is made and signed here, with the person's own key, and only then sent. */
export function addWaiveCommand(program: Command): void {
  signingKeyOptions(program.command('waive <deposit>'))
    .description('sign that one finding which keeps a deposit in quarantine may stand, in exactly these bytes')
    .requiredOption('--finding <rule>', 'its rule, as status shows it, such as call-outside-package')
    .option('--line <number>', 'its line; left out where the finding is about the whole file')
    .option('--in <name>', 'the file of the deposit; needed where the finding is in more than one')
    .option('--file <path>', 'that file as you have it: it must be the one of the deposit, byte for byte')
    .requiredOption('--reason <text>', 'why it may stand; it goes into the ledger and before the approvers')
    .requiredOption('--as <person>', 'who signs')
    .option('--role <role>', 'the role to sign in', 'manufacturing-engineer')
    .addHelpText(
      'after',
      example(
        'keyway waive DEP-0123456789 --finding call-outside-package --line 12 --reason "O9100 is the probing cycle of this machine" --as ME-2 --key me-2.key.pem',
      ),
    )
    .action(async (id: string, options: Options, command: Command) => {
      const { client, json, config } = cliContext(command);
      const key = await openSigningKey(options);
      const gateway = client(key);
      const deposit = await gateway.deposit(id);
      const file = fileOf(deposit, options);
      const statement = waiverStatement(file, {
        origin: config.origin,
        depositId: parsed(DepositId, id, 'the id of a deposit', 'deposit'),
        person: parsed(PersonId, options.as, 'a person id', '--as'),
        role: parsed(PersonRole, options.role, 'a role', '--role'),
        rule: options.finding,
        ...(options.line === undefined ? {} : { line: lineOf(options.line) }),
        reason: parsed(Text, options.reason, 'one line of text', '--reason'),
        time: rfc3339(systemClock()),
      });
      const result = await gateway.waive(id, await signPayload(canonicalJson(statement), key));
      answer(json, result, describe(result, options, file));
      if (result.state === 'rejected') process.exitCode = exitCodes.refused;
    });
}

/** The one file that has the finding, with the digest that is signed. */
function fileOf(deposit: DepositView, { finding, line, in: name, file: path }: Options): WaivedFile {
  const found = new Set(
    deposit.findings
      .filter((one) => one.rule === finding && String(one.line ?? '') === (line ?? ''))
      .map(({ file }) => file),
  );
  const [only] = name === undefined ? [...found] : [name];
  if (only === undefined)
    throw usage('Inspection names no such finding there: see `keyway status DEP-…`.', '--finding');
  if (name === undefined && found.size > 1) throw usage(`It is in ${[...found].join(' and ')}: say which.`, '--in');
  const file = deposit.files.find((one) => one.name === only);
  if (!file) throw usage(`The deposit has no file ${only}.`, '--in');
  requireSame(path, file.digest);
  return { name: file.name, digest: file.digest };
}

function requireSame(path: string | undefined, digest: Digest): void {
  if (path === undefined || digestOf(readFileSync(path)) === digest) return;
  throw new DomainError('digest-mismatch', `${basename(path)} is not the file of the deposit.`, { field: '--file' });
}

function lineOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usage('Give the number of a line.', '--line');
}

function parsed<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
  text: string,
  what: string,
  option: string,
): T {
  const { data } = schema.safeParse(text);
  if (data === undefined) throw usage(`This is not ${what}.`, option);
  return data;
}

function describe(result: WaiverAnswer, { finding, line, as }: Options, { name }: WaivedFile): string[] {
  const place = line === undefined ? name : `${name}:${line}`;
  const waived = `${as} waived ${finding} in ${place}, entry ${result.index}.`;
  if (result.packageId) return [waived, `  ${result.depositId} was admitted as ${result.packageId}`];
  const reasons = (result.reasons ?? []).map(({ code, field, message }) => `  ${code}  ${field ?? ''}  ${message}`);
  return [waived, ...(reasons.length > 0 ? ['  still in quarantine:', ...reasons] : [])];
}
