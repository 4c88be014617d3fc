import type { MachineView } from '../../../edges/http/contract/registry.ts';
import { machineWords as words } from '../../words/machines.ts';
import type { Field, FieldGroup, Typed } from './typed-fields.ts';

type Machine = MachineView['machine'];

/** What a line is set to where nobody says otherwise: as `keyway machine add` has it. */
const usualLine = {
  ...{
    'line.at.kind': 'device',
    'line.baud': '9600',
    'line.dataBits': '7',
    'line.parity': 'even',
    'line.stopBits': '2',
  },
  ...{ 'line.protocol': 'xon-xoff', 'line.burst': '8', 'line.leader': '0', 'line.ending': 'none' },
  ...{ 'line.request': 'none', 'line.refusal': 'silence', 'line.stallSeconds': '600' },
};
export const newMachine: Typed = {
  ...usualLine,
  country: 'US',
  channel: 'sftp',
  'push.kind': 'sftp',
  'push.tls': 'explicit',
};

type Offered = { zones: readonly string[]; countries: readonly string[] };
const same = (all: readonly string[]) => Object.fromEntries(all.map((one) => [one, one]));

/** The fields of a machine: what it is, where it stands, and how programs reach it, which its channel decides. */
export function machineGroups(typed: Typed, { zones, countries }: Offered): FieldGroup[] {
  const monitored = (typed['monitor.url'] ?? '') !== '' || (typed['monitor.device'] ?? '') !== '';
  return [
    {
      fields: [
        { path: 'id', label: words.id, as: 'text', isNeeded: true, isFixed: true, hint: words.idHint },
        { path: 'groups', label: words.groups, as: 'words', isNeeded: true, hint: words.groupsHint },
        { path: 'make', label: words.make, as: 'text', isNeeded: true },
        { path: 'model', label: words.model, as: 'text', isNeeded: true },
        { path: 'control', label: words.control, as: 'text', isNeeded: true },
        { path: 'serial', label: words.serial, as: 'text' },
      ],
    },
    {
      legend: words.place,
      fields: [
        { path: 'cell', label: words.cell, as: 'text', isNeeded: true },
        { path: 'country', label: words.country, as: 'choice', choices: same(countries), isNeeded: true },
        { path: 'site', label: words.site, as: 'text' },
        { path: 'owner', label: words.owner, as: 'text', hint: words.ownerHint },
        { path: 'zone', label: words.zone, as: 'choice', choices: same(zones) },
        { path: 'assetCategory', label: words.assetCategory, as: 'choice', choices: words.assetCategories },
      ],
    },
    {
      fields: [
        { path: 'jurisdictions', label: words.jurisdictions, as: 'some', choices: words.labels, isNeeded: true },
      ],
    },
    {
      legend: words.link,
      fields: [{ path: 'channel', label: words.channel, as: 'choice', choices: words.channels, isNeeded: true }],
    },
    ...linkGroups(typed),
    {
      legend: words.monitor,
      fields: [
        { path: 'monitor.url', label: words.monitorUrl, as: 'text', hint: words.monitorHint, ...needed(monitored) },
        { path: 'monitor.device', label: words.monitorDevice, as: 'text', ...needed(monitored) },
      ],
    },
  ];
}

const needed = (isNeeded: boolean): Pick<Field, 'isNeeded'> => (isNeeded ? { isNeeded: true } : {});

function linkGroups(typed: Typed): FieldGroup[] {
  switch (typed.channel as Machine['channel'] | undefined) {
    case 'sftp':
      return [
        {
          fields: [
            {
              path: 'sshKeys',
              label: words.sshKeys,
              as: 'lines',
              hint: words.sshKeysHint,
              ...needed(typed.sshCertificates !== 'yes'),
            },
            { path: 'sshCertificates', label: words.sshCertificates, as: 'yes' },
          ],
        },
      ];
    case 'serial':
      return [{ fields: [...placeOf(typed), ...lineFields] }];
    case 'push':
      return [{ fields: pushFields(typed) }];
    default:
      return [];
  }
}

function placeOf(typed: Typed): Field[] {
  const at: Field = { path: 'line.at.kind', label: words.lineAt, as: 'choice', choices: words.lineAts, isNeeded: true };
  if (typed['line.at.kind'] === 'tcp')
    return [
      at,
      { path: 'line.at.host', label: words.host, as: 'text', isNeeded: true },
      { path: 'line.at.port', label: words.port, as: 'number', isNeeded: true },
    ];
  return [at, { path: 'line.at.path', label: words.device, as: 'text', isNeeded: true, hint: words.deviceHint }];
}

const lineFields: readonly Field[] = [
  { path: 'line.baud', label: words.baud, as: 'number', isNeeded: true },
  { path: 'line.dataBits', label: words.dataBits, as: 'number-choice', choices: same(['7', '8']), isNeeded: true },
  { path: 'line.parity', label: words.parity, as: 'choice', choices: words.parities, isNeeded: true },
  { path: 'line.stopBits', label: words.stopBits, as: 'number-choice', choices: same(['1', '2']), isNeeded: true },
  { path: 'line.protocol', label: words.protocol, as: 'choice', choices: words.protocols, isNeeded: true },
  { path: 'line.burst', label: words.burst, as: 'number', isNeeded: true, hint: words.burstHint },
  { path: 'line.leader', label: words.leader, as: 'number', isNeeded: true },
  { path: 'line.ending', label: words.ending, as: 'choice', choices: words.endings, isNeeded: true },
  { path: 'line.request', label: words.request, as: 'choice', choices: words.requests, isNeeded: true },
  { path: 'line.refusal', label: words.refusal, as: 'choice', choices: words.refusals, isNeeded: true },
  { path: 'line.stallSeconds', label: words.stall, as: 'number', isNeeded: true },
  { path: 'line.waitsForXon', label: words.waitsForXon, as: 'yes', isNeeded: true },
];

function pushFields(typed: Typed): Field[] {
  const kind: Field = {
    path: 'push.kind',
    label: words.pushKind,
    as: 'choice',
    choices: words.pushKinds,
    isNeeded: true,
  };
  const folder: Field = {
    path: 'push.folder',
    label: words.folder,
    as: 'text',
    isNeeded: true,
    hint: words.folderHint,
  };
  const rules: Field[] = [
    { path: 'push.readBackHours', label: words.readBackHours, as: 'number' },
    { path: 'push.onRelease', label: words.onRelease, as: 'yes', isNeeded: true },
  ];
  if (typed['push.kind'] === 'folder')
    return [kind, folder, ...rules, { path: 'push.share', label: words.share, as: 'yes', isNeeded: true }];
  const server: Field[] = [
    { path: 'push.host', label: words.host, as: 'text', isNeeded: true },
    { path: 'push.port', label: words.port, as: 'number', isNeeded: true },
    { path: 'push.user', label: words.user, as: 'text', isNeeded: true },
    folder,
    { path: 'push.secret', label: words.secret, as: 'text', isNeeded: true, hint: words.secretHint },
  ];
  if (typed['push.kind'] === 'sftp')
    return [kind, ...server, ...rules, { path: 'push.hostKey', label: words.hostKey, as: 'text', isNeeded: true }];
  const pins: Field[] =
    typed['push.tls'] === 'none'
      ? []
      : [
          { path: 'push.certificate', label: words.certificate, as: 'block', hint: words.pinHint },
          { path: 'push.authority', label: words.authority, as: 'block' },
        ];
  const tls: Field = { path: 'push.tls', label: words.tls, as: 'choice', choices: words.tlsWays, isNeeded: true };
  return [kind, ...server, tls, ...rules, ...pins];
}

/** The machine that is signed. An FTP password is a hash beside the form; an OpenSSH key loses its comment. */
export function machineIn(made: Record<string, unknown>, password: string | undefined): Record<string, unknown> {
  const keys = (made.sshKeys ?? []) as string[];
  const push = made.push as { hostKey?: string } | undefined;
  const isFtp = made.channel === 'ftp' || made.channel === 'ftps';
  return {
    ...made,
    sshKeys: keys.map(withoutComment),
    ...(push?.hostKey === undefined ? {} : { push: { ...push, hostKey: withoutComment(push.hostKey) } }),
    ...(isFtp && password !== undefined ? { password } : {}),
  };
}

const withoutComment = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ');
