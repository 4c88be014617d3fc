import { expect, test } from 'vitest';
import { overrides } from '../../src/domain/break-glass.ts';
import { type Classification, classificationBanner } from '../../src/domain/classification.ts';

import { type Action, actions } from '../../src/domain/decisions.ts';
import { personRoles } from '../../src/domain/people.ts';
import { type ResourceState, resourceStates } from '../../src/domain/states.ts';
import { Policy } from '../../src/policy/decide.ts';
import type { PrincipalFacts, ResourceFacts } from '../../src/policy/facts.ts';
import {
  ask,
  type ContextFacts,
  cui,
  ear,
  ear99,
  gateway,
  https,
  itar,
  ledger,
  local,
  machine,
  packageOf,
  person,
  policyFolder,
  registry,
  sftp,
  uncontrolled,
} from './cases.ts';

const policy = Policy.load(policyFolder);

const labels: Classification[] = [
  uncontrolled,
  ear99,
  ear,
  itar,
  { ...itar, also: [{ jurisdiction: 'EAR', eccn: '9E991' }] },
  cui,
  { ...uncontrolled, cuiMarkings: ['SP-CTI', 'NOFORN'] },
  { ...uncontrolled, cuiMarkings: ['SP-CTI', 'REL TO USA, DEU'] },
  { ...uncontrolled, cuiMarkings: ['SP-CTI', 'FED ONLY'] },
  { ...uncontrolled, distribution: 'D' },
];

type Row = { who: string; principal: PrincipalFacts; context: ContextFacts };
const people = (['us-person', 'unknown'] as const).flatMap((status) =>
  personRoles.map((role): Row => {
    // Whoever has a role that approves is asked about in that role.
    return { who: `${role}, ${status}`, principal: person('P-1', [role], status), context: { ...https, role } };
  }),
);
const atDoor = (channel: 'sftp' | 'ftp'): ContextFacts => ({ ...sftp, channel, encrypted: channel !== 'ftp' });
const machines: Row[] = [
  { who: 'US machine', principal: machine(), context: atDoor('sftp') },
  { who: 'US machine by FTP', principal: machine(), context: atDoor('ftp') },
  {
    who: 'US machine by FTP with a safeguard record',
    principal: machine({ safeguarded: true }),
    context: atDoor('ftp'),
  },
  { who: 'US machine without a conduit', principal: machine(), context: { ...atDoor('sftp'), zonePath: 'none' } },
  { who: 'US machine suspended', principal: machine({ suspended: true }), context: atDoor('sftp') },
  {
    who: 'US machine not registered for ITAR',
    principal: machine({ jurisdictions: ['EAR', 'none'] }),
    context: atDoor('sftp'),
  },
  { who: 'German machine', principal: machine({ country: 'DE' }), context: atDoor('sftp') },
  {
    who: 'German machine under an agreement',
    principal: machine({ country: 'DE' }),
    context: { ...atDoor('sftp'), authorizedBy: ['TAA-17'] },
  },
  { who: 'Chinese machine', principal: machine({ country: 'CN' }), context: atDoor('sftp') },
  {
    who: 'Chinese machine under an agreement',
    principal: machine({ country: 'CN' }),
    context: { ...atDoor('sftp'), authorizedBy: ['TAA-17'] },
  },
  ...(['US', 'DE', 'CN'] as const).map((country) => ({
    who: `${country} machine of another group, by break-glass`,
    principal: machine({ country, groups: [] }),
    context: { ...atDoor('sftp'), zonePath: 'none' as const, overrides },
  })),
  {
    who: 'US machine suspended, by break-glass',
    principal: machine({ suspended: true }),
    context: { ...atDoor('sftp'), overrides },
  },
  { who: 'US machine by FTP, by break-glass', principal: machine(), context: { ...atDoor('ftp'), overrides } },
];
const abroad: Row[] = [
  { who: 'quality, US person in Germany', principal: person('P-1', ['quality']), context: { ...https, country: 'DE' } },
  {
    who: 'quality, US person in Germany under an agreement',
    principal: person('P-1', ['quality']),
    context: { ...https, country: 'DE', authorizedBy: ['TAA-17'] },
  },
  {
    who: 'quality, German in Germany under an agreement',
    principal: { ...person('P-1', ['quality'], 'foreign'), nationalities: ['DE'] } as PrincipalFacts,
    context: { ...https, country: 'DE', authorizedBy: ['TAA-17'] },
  },
  {
    who: 'quality, Russian in Germany under an agreement',
    principal: { ...person('P-1', ['quality'], 'foreign'), nationalities: ['DE', 'RU'] } as PrincipalFacts,
    context: { ...https, country: 'DE', authorizedBy: ['TAA-17'] },
  },
];
const rows: Row[] = [
  ...people,
  ...abroad,
  { who: 'no role', principal: person('P-1', []), context: https },
  { who: "the host's account", principal: local, context: { ...https, channel: 'local-socket' } },
  { who: 'the gateway', principal: gateway, context: { ...https, channel: 'internal' } },
  ...machines,
];

const letters: Record<ResourceState, string> = {
  ...{ new: 'n', open: 'o', 'in-force': 'F', superseded: 's', withdrawn: 'w', refused: 'r', replaced: 'p' },
};

/** The states in which a package of this label may be had, as letters. */
function cell(action: Action, { principal, context }: Row, label: Classification): string {
  const allowed = resourceStates.filter(
    (state) => ask(policy, action, principal, packageOf(label, 'CAM-1', { state }), context).verdict === 'permit',
  );
  if (allowed.length === resourceStates.length) return 'all';
  return allowed.map((state) => letters[state]).join('') || '.';
}

/** Rows that allow nothing are named below and not drawn, so that the eye finds what is allowed. */
function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const drawn = lines.filter((line) => line.slice(1).some((text) => text !== '.'));
  const others = lines.flatMap(([who, ...cells]) => (cells.some((text) => text !== '.') ? [] : [who]));
  const widths = head.map((_, at) => Math.max(...[head, ...drawn].map((line) => (line[at] ?? '').length)));
  const written = [head, ...drawn].map((line) => line.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '));
  return [...written.map((line) => line.trimEnd()), `Nothing: ${others.join('; ')}.`].join('\n');
}

const packageTable = (action: Action): string =>
  table(
    ['', ...labels.map((_, at) => `L${at + 1}`)],
    rows.map((row) => [row.who, ...labels.map((label) => cell(action, row, label))]),
  );

function otherTable(action: Action, resource: ResourceFacts): string {
  const may = (row: Row) =>
    ask(policy, action, row.principal, resource, row.context).verdict === 'permit' ? 'yes' : '.';
  return table(
    ['', 'may'],
    rows.map((row) => [row.who, may(row)]),
  );
}

test('the whole of the default rules is the table that people have read', async () => {
  const legend = [
    'Who may do what, of every role, machine, state and label: made from config/policy by matrix.test.ts.',
    `Labels:\n${labels.map((label, at) => `  L${at + 1}  ${classificationBanner(label)}`).join('\n')}`,
    `A cell lists the states of the package in which it is allowed: ${resourceStates
      .map((state) => `${letters[state]} ${state}`)
      .join(', ')}; "." is none.`,
    'People ask by HTTPS, and approve in the role that is named; machines ask by SFTP where nothing else is said.',
  ];
  const other: Partial<Record<Action, ResourceFacts>> = {
    administer: registry,
    provision: registry,
    'read-ledger': ledger,
  };
  const tables = actions.map((action) => {
    const resource = other[action];
    return `== ${action}\n${resource ? otherTable(action, resource) : packageTable(action)}`;
  });
  await expect([...legend, '', ...tables.map((text) => `${text}\n`)].join('\n')).toMatchFileSnapshot('matrix.txt');
}, 240_000);
