import type { Command } from 'commander';
import { formChanges } from '../domain/control-form.ts';
import type { DepositView } from '../edges/http/contract/deposits.ts';
import type { PackageView } from '../edges/http/contract/packages.ts';
import { cliContext, example } from './context.ts';
import { answer, short, table } from './output.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status [id]')
    .description('what waits and what is released; or everything about one deposit or package')
    .addHelpText('after', example('keyway status PKG-0123456789'))
    .action(async (id: string | undefined, _options, command: Command) => {
      const { client, json } = cliContext(command);
      const gateway = client();
      if (id?.startsWith('DEP-')) {
        const deposit = await gateway.deposit(id);
        return answer(json, deposit, describeDeposit(deposit));
      }
      if (id !== undefined) {
        const found = await gateway.package(id);
        return answer(json, found, describePackage(found));
      }
      const [deposits, packages, ledger, alarms] = await Promise.all([
        gateway.deposits(),
        gateway.packages(),
        gateway.ledger(),
        gateway.alarms(),
      ]);
      const open = deposits.filter((deposit) => deposit.state !== 'admitted');
      const rows = packages.map((p) => [
        p.packageId,
        p.state,
        `${p.part} ${p.revision}`,
        p.operation,
        p.machineGroup,
        p.author,
        p.banner,
      ]);
      answer(json, { deposits: open, packages, ledger, alarms }, [
        ...table([['package', 'state', 'part', 'op', 'group', 'author', 'classification'], ...rows]),
        ...(open.length > 0
          ? ['', ...table([['in quarantine', 'state', 'name', 'why'], ...open.map(quarantineRow)])]
          : []),
        '',
        `ledger ${ledger.origin}: ${ledger.size} entries, checkpoint over ${ledger.checkpoint?.size ?? 0}`,
        ...(alarms.length > 0 ? [`${alarms.length} alarms: keyway alarms`] : []),
      ]);
    });
}

const quarantineRow = (deposit: DepositView): string[] => [
  deposit.depositId,
  deposit.state,
  deposit.name,
  deposit.reasons.map(({ code, field }) => `${code}${field ? ` (${field})` : ''}`).join(', '),
];

function describeDeposit(deposit: DepositView): string[] {
  return [
    `${deposit.depositId}  ${deposit.state}  ${deposit.name}  by ${deposit.door}  entry ${deposit.index}  ${deposit.time}`,
    ...deposit.files.map((file) => `  ${file.digest}  ${file.size}  ${file.name}`),
    ...deposit.findings.map(
      (f) =>
        `  ${f.severity}${f.role ? ` for ${f.role}` : ''}  ${f.rule}  ${f.file}${f.line ? `:${f.line}` : ''}  ${f.message}`,
    ),
    ...deposit.reasons.map((reason) => `  ${reason.code}  ${reason.field ?? ''}  ${reason.message}`),
    ...(deposit.packageId ? [`  package ${deposit.packageId}`] : []),
  ];
}

/** What approvers are to know of the bytes that the control will get. */
function madeText({ made }: PackageView['manifest']['files'][number]): string {
  if (!made) return '';
  const changes = formChanges(made.form);
  return `  (${made.from} as the control gets it, called ${made.as}: ${changes.join(', ') || 'no byte is changed'})`;
}

function describePackage(found: PackageView): string[] {
  const { manifest } = found;
  const missing = found.route.missing.map(({ role, count }) => `${count} × ${role}`);
  return [
    found.banner,
    `${found.packageId}  ${found.state}  ${manifest.part} revision ${manifest.revision} operation ${manifest.operation}  for ${manifest.machineGroup}`,
    `  author ${manifest.author}, change order ${manifest.changeOrder}, entry ${found.index}, ${found.time}`,
    `  manifest ${found.manifestDigest}`,
    ...manifest.files.map(
      (file) =>
        `  ${file.digest}  ${String(file.size).padStart(9)}  ${file.role.padEnd(16)}  ${file.name}${madeText(file)}`,
    ),
    `  route ${found.route.id} (${short(found.route.version)})${found.state === 'submitted' ? `, missing: ${missing.join(', ') || 'nothing'}` : ''}`,
    ...found.approvals.map((a) => {
      const why = a.notCounted ? `; does not count: ${a.notCounted.message}` : '';
      return `  ${a.verdict} by ${a.person} as ${a.role}, entry ${a.index}, ${a.time}${why}`;
    }),
    ...(found.replaces ? [`  takes the place of ${found.replaces}`] : []),
    ...(found.replacedBy ? [`  replaced by ${found.replacedBy}`] : []),
    ...(found.releaseId ? [`  release ${found.releaseId}`] : []),
    ...(found.reason ? [`  reason: ${found.reason}`] : []),
    ...found.deliveries.map(
      (d) => `  ${d.state} ${d.file} to ${d.machineId}, ${d.bytes} bytes, entry ${d.index}, ${d.time}`,
    ),
  ];
}
