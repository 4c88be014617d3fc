import type { ChangeClassName } from '../../edges/http/contract/differences.ts';
import type { TraceKind } from '../queries/trace.ts';

export const traceWords = {
  title: 'Trace',
  titleOf: (kind: string, value: string) => `${kind} ${value}`,
  by: 'Search by',
  what: 'What you have in hand',
  find: 'Find',
  first: 'Start from what you have in hand',
  firstWhy:
    'A serial on a part, a work order, a machine, a digest. You see what was cut with which bytes, by whom, and what else is exposed.',
  nothing: 'Nothing leads from there that you may see',
  nothingWhy: 'Look whether all of it was typed, and whether it is what is chosen on the left.',
  more: 'There is more than is shown here. Ask by release, by serial or for a shorter time.',

  releases: 'Released programs',
  release: 'Release',
  revision: 'Revision',
  operation: 'Operation',
  state: 'State',
  when: 'Released',
  inForce: 'in force',
  superseded: 'superseded',
  withdrawn: 'withdrawn',
  recalled: 'recalled',
  open: 'Open',

  compare: 'Difference of any two',
  compareWhy: 'Of everything of these parts that you may see, released or not.',
  part: 'Part',
  older: 'What was',
  newer: 'What came',
  choose: 'Choose…',
  one: (part: string, revision: string, operation: string, id: string) =>
    `${part} rev ${revision} · op ${operation} · ${id}`,

  runs: 'Runs',
  serials: 'Serials',
  workOrder: 'Work order',
  machine: 'Machine',
  operator: 'Operator',
  started: 'Started',
  afterwards: 'no longer in force then',
  noRuns: 'No run is recorded.',

  timeline: 'Timeline',
  onlyBad: 'Only what went wrong',
  nothingBad: 'Nothing went wrong in what is shown.',
  prove: (index: string) => `Prove entry ${index}`,

  exposed: 'Also exposed',
  exposedText: (serials: number, machines: number) =>
    `${serials} ${serials === 1 ? 'serial' : 'serials'} · ${machines} ${machines === 1 ? 'machine' : 'machines'}`,
  exposedOf: (part: string, revision: string) => `${part} revision ${revision}`,
  list: 'List',
  deliveries: 'Deliveries',
  problems: 'Problems reported',
  firstLast: 'First and last',
  readback: 'At the control',
  unread: 'not read back',

  evidence: 'Evidence pack…',
  evidenceWhy: 'A pack is made from a serial, a part, a release or a day.',
  evidenceMaking: 'The pack is being made',
  freeze: 'Freeze…',
  freezeTitle: 'Freeze all of this?',
  freezeLead: 'Nothing about it is thrown away until the hold is lifted, whatever retention says.',
  freezeDo: 'Freeze',
  frozen: (by: string) => `frozen by ${by}`,
} as const;

const countedWords: Readonly<Record<ChangeClassName, readonly [one: string, many: string]>> = {
  unknown: ['block not understood', 'blocks not understood'],
  flow: ['change of flow', 'changes of flow'],
  'm-code': ['M code', 'M codes'],
  geometry: ['move', 'moves'],
  modal: ['modal state', 'modal states'],
  offset: ['offset', 'offsets'],
  tool: ['tool', 'tools'],
  'feed-speed': ['feed or speed', 'feeds or speeds'],
  format: ['format', 'formats'],
  numbering: ['block number', 'block numbers'],
  comment: ['comment', 'comments'],
};

export const controlWords = {
  title: 'Difference at the control',
  held: 'on hold there',
  dispositions: {
    'accept-as-proposal': 'taken as a proposal',
    reject: 'rejected',
    'machine-restored': 'machine restored',
  },
  /** The gravest class first. */
  counted: (counts: Readonly<Partial<Record<ChangeClassName, number>>>): string => {
    const said = (Object.keys(countedWords) as ChangeClassName[]).flatMap((name) => {
      const count = counts[name] ?? 0;
      return count === 0 ? [] : [`${count.toLocaleString('en-US')} ${countedWords[name][count === 1 ? 0 : 1]}`];
    });
    return said.join(', ') || 'other bytes, and nothing that a control reads';
  },
  comparing: 'being compared',
  open: 'open',
  close: 'close',
  view: (machine: string) => `What ${machine} changed`,
  changed: (machine: string) => `Changed at ${machine}`,
  noPath: (isCompared: boolean) =>
    isCompared
      ? 'No path is drawn, because the two could not be compared by consequence: look at their text.'
      : 'The paths are drawn as soon as the two are compared; until then look at their text.',
} as const;

export const traceKindWords: Readonly<Record<TraceKind, string>> = {
  serial: 'Serial',
  part: 'Part',
  workOrder: 'Work order',
  machine: 'Machine',
  person: 'Person',
  digest: 'Digest',
  release: 'Release',
  date: 'Day (UTC)',
};

export const proofWords = {
  title: (index: string) => `Proof of entry ${index}`,
  lead: 'Recomputed in this browser, from hashes and public keys alone.',
  checking: 'Computing…',
  good: 'Proven here',
  bad: 'BROKEN: do not rely on this entry',
  badWhy:
    'What the gateway answered does not prove what it says. Keep this page, and tell your administrator and an auditor.',
  body: 'Body and salt make the commitment of the leaf',
  inclusion: 'The leaf is in the tree',
  checkpoint: 'Both keys of the ledger signed the tree',
  witnesses: 'Witnesses cosigned it',
  timestamp: 'Timestamp of an authority',
  timestampGiven: (size: string) =>
    `over ${size} entries, as the gateway says; “openssl ts -verify” checks it in a pack of evidence`,
  timestampNone: 'none so far',
  timestampOff: 'no authority is configured',
  notShown: 'What is in it is not shown to you; that it is there is proven all the same.',
  said: 'What is in it, read from the proven bytes',
  leaf: 'Time and kind, from the leaf',
  differs: 'The timeline said something else about this entry than its proven leaf does.',
  keys: 'Keys',
  keysGateway: 'as this gateway says',
  keysSeen: (when: string) => `the same as this browser first saw on ${when}`,
  keysChanged: (when: string) => `NOT the keys that this browser saw on ${when}`,
  keysFile: 'from the trust file that you chose',
  chooseFile: 'Check with a trust file that you got by another way',
  wrongFile: 'This is not a trust file.',
  close: 'Close',
} as const;
