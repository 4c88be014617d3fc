import type { InventoryView, MachineView } from '../../edges/http/contract/registry.ts';

type Machine = MachineView['machine'];
type Line = NonNullable<Machine['line']>;
type Push = NonNullable<Machine['push']>;
type Named<T extends string> = Readonly<Record<T, string>>;

export const formWords = {
  choose: 'Choose…',
  notSaid: 'not said',
  sign: 'Sign with passkey…',
  signLead: 'You sign exactly what stands in the form. A second administrator then finds it under Changes.',
  missing: 'Still missing',
} as const;

/** Every jurisdiction, as machines and conduits are let have it. */
const labels: Named<Machine['jurisdictions'][number]> = { ITAR: 'ITAR', EAR: 'EAR', none: 'not controlled' };

const channels: Named<Machine['channel']> = {
  sftp: 'SFTP',
  ftps: 'FTP over TLS',
  ftp: 'FTP, clear text',
  push: 'pushed where it looks',
  serial: 'serial line',
  media: 'stick',
};
const assetCategories: Named<NonNullable<Machine['assetCategory']>> = {
  'cui-asset': 'CUI asset',
  'security-protection': 'security protection asset',
  'risk-managed': 'contractor risk managed asset',
  specialised: 'specialised asset',
  'out-of-scope': 'out of scope',
};
const lineAts: Named<Line['at']['kind']> = { device: 'at this computer', tcp: 'behind a device server' };
const parities: Named<Line['parity']> = { none: 'none', even: 'even', odd: 'odd' };
const protocols: Named<Line['protocol']> = { 'xon-xoff': 'XON/XOFF', 'rts-cts': 'RTS/CTS', xmodem: 'XMODEM' };
const endings: Named<Line['ending']> = { none: 'its last %', etx: 'ETX as well' };
const requests: Named<Line['request']> = {
  none: 'it does not ask',
  'o-number': 'by a program that holds its number only',
  comment: 'by a comment: (GET NAME)',
};
const refusals: Named<Line['refusal']> = { silence: 'nothing', 'end-mark': '% twice, which ends its reading' };
const pushKinds: Named<Push['kind']> = {
  folder: 'a folder or a mounted share',
  sftp: 'an SFTP server',
  ftp: 'an FTP server',
};
const tlsWays: Named<Extract<Push, { kind: 'ftp' }>['tls']> = {
  explicit: 'explicit',
  implicit: 'implicit',
  none: 'none: clear text',
};

export const machineWords = {
  add: 'Register a machine…',
  addTitle: 'Register a machine',
  addLead:
    'A machine is a device of its own, with a key of its own, never a person. Two administrators sign what stands here before it holds.',
  addSign: (id: string) => `Register ${id}?`,
  change: 'Change…',
  changeTitle: (id: string) => `Change what is recorded of ${id}`,
  changeLead: 'What is signed is all that holds afterwards.',
  unknown: 'No machine of this id is registered',
  toMachines: 'Every machine that is',

  id: 'Id',
  idHint: 'Its user name at the doors, such as HAAS-VF-07. It is given once.',
  groups: 'Groups',
  groupsHint: 'It takes programs that are made for one of them.',
  make: 'Maker',
  model: 'Model',
  control: 'Control',
  serial: 'Serial number',
  place: 'Where it stands',
  cell: 'Cell',
  country: 'Country',
  site: 'Site',
  owner: 'Owner',
  ownerHint: 'As export authorisations name the party.',
  zone: 'Zone',
  assetCategory: 'For a CMMC assessment',
  assetCategories,
  jurisdictions: 'It may be sent what is under',
  labels,

  link: 'How programs reach it',
  channel: 'Channel',
  channels,
  sshKeys: 'Its public keys (OpenSSH)',
  sshKeysHint: 'One a line, as in the .pub file that ssh-keygen wrote for it.',
  sshCertificates: 'A certificate of an authority for machines lets it in too',
  password: 'Its password',
  passwordHint: '12 characters or more. Only a hash of it is kept and signed.',
  passwordTake: 'Take it',
  passwordTaken: 'Its password is taken as a hash.',
  passwordOther: 'Another password',
  needsPassword: 'its password',

  lineAt: 'The line is',
  lineAts,
  host: 'Host',
  port: 'Port',
  device: 'Device',
  deviceHint: 'Such as /dev/ttyUSB0.',
  baud: 'Rate (baud)',
  dataBits: 'Data bits',
  parity: 'Parity',
  parities,
  stopBits: 'Stop bits',
  protocol: 'Protocol',
  protocols,
  burst: 'Characters at once',
  burstHint: 'What the control still takes after XOFF: some ten on a FANUC.',
  leader: 'NULs before and behind',
  ending: 'A program ends with',
  endings,
  request: 'How it asks by itself',
  requests,
  refusal: 'A refused request gets',
  refusals,
  stall: 'Fails when it holds for (s)',
  waitsForXon: 'Wait for its XON before a program',

  pushKind: 'Put into',
  pushKinds,
  user: 'User',
  folder: 'Folder',
  folderHint: 'From the top, such as /programs.',
  secret: 'Secret',
  secretHint: 'The name under push.secrets of the configuration; never the password itself.',
  hostKey: 'Host key of the server (OpenSSH)',
  tls: 'TLS',
  tlsWays,
  certificate: 'Certificate of the server (PEM)',
  pinHint: 'This, or the authority below.',
  authority: 'Or the authority that issued it (PEM)',
  share: 'It is a share that the system mounts',
  onRelease: 'Put each program there as soon as it is released',
  readBackHours: 'Read back every (hours)',

  monitor: 'What tells what it does (MTConnect)',
  monitorUrl: 'Agent',
  monitorHint: 'Such as http://10.20.7.4:5000.',
  monitorDevice: 'Its name there',

  safeguard: 'Safeguard of a channel that is clear text',
  safeguardLead:
    'What protects the last metres (NIST SP 800-171r2 3.13.8). Without one in force a clear-text channel is sent nothing that is controlled.',
  protects: 'What protects it',
  protectsHint: 'Such as: locked cabinet, 3 m of cable in steel pipe.',
  approver: 'Who answers for it',
  approverHint: 'They do not sign the record themself.',
  until: 'Until',
  safeguardSign: (id: string) => `Record the safeguard of ${id}?`,

  retire: 'Retire…',
  retireTitle: (id: string) => `Retire ${id} for good?`,
  retireLead: 'It is sent nothing any more, and its id is never given again. A second administrator signs it too.',
} as const;

type Conduit = InventoryView['conduits'][number];
const doors: Named<Conduit['channels'][number]> = {
  sftp: 'SFTP',
  ftps: 'FTP over TLS',
  ftp: 'FTP, clear text',
  folder: 'folder',
  'sftp-push': 'push by SFTP',
  'ftps-push': 'push by FTP over TLS',
  'ftp-push': 'push by FTP, clear text',
  serial: 'serial line',
  media: 'stick',
};

export const zoneWords = {
  title: 'Zones, and what may flow between them',
  zone: 'Zone',
  addZone: 'Set a zone…',
  addZoneTitle: 'Set a zone',
  zoneLead:
    'A group of things with one need for security (IEC 62443). Once a zone is set, a machine in none gets nothing.',
  setZone: (id: string) => `Set the zone ${id}?`,
  description: 'What is in it',
  holdsGateway: 'This gateway stands in it',
  gatewayHere: 'this gateway',
  conduit: 'Conduit',
  addConduit: 'Let something flow…',
  addConduitTitle: 'Let something flow from one zone to another',
  conduitLead:
    'What no conduit lets pass does not pass. What a machine sends back flows the other way and needs one of its own.',
  setConduit: (from: string, to: string) => `Set what flows from ${from} to ${to}?`,
  from: 'From',
  to: 'To',
  channels: 'By which doors',
  doors,
  jurisdictions: 'What is under',
  labels,
  cui: 'CUI may pass',
  remove: 'Remove…',
  removeZone: (id: string) => `Remove the zone ${id}?`,
  removeZoneLead: 'Nothing may lead to it or from it any more. A second administrator signs it too.',
  removeConduit: (from: string, to: string) => `Let nothing flow from ${from} to ${to}?`,
  removeConduitLead: 'What is under way ends. One signature is enough.',
  change: 'Change…',
  none: 'No zones are set',
  noneHow:
    'Every machine is reached as its own channel says. To keep networks apart, first set the zone that holds this gateway.',
  noConduits: 'Nothing flows between zones so far.',
  unknown: 'There is no such zone or conduit',
  toZones: 'Zones and conduits',
} as const;
