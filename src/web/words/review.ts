import type { ChangeClassName } from '../../edges/http/contract/differences.ts';
import type { PackagePage } from '../../edges/http/contract/package-page.ts';

type CheckName = PackagePage['checks'][number]['check'];
type FileRole = PackagePage['manifest']['files'][number]['role'];

export const reviewWords = {
  queue: 'Packages to review',
  mine: 'Waiting for me',
  waiting: 'All that wait',
  all: 'Everything',
  kept: 'Kept back',
  noneKept: 'Inspection keeps nothing back that you may see',
  noneKeptWhy:
    'What it blocks stands here until the programmer mends it or whoever answers for the finding signs that it may stand.',
  moreKept: 'There are older ones, which are not shown here.',
  keptBy: 'What keeps it back first',
  waits: 'Waits for',
  since: 'Since',
  findingCount: (count: number) => (count === 1 ? '1 finding' : `${count} findings`),
  filter: 'Which packages',
  state: 'State',
  part: 'Part',
  none: 'Nothing waits for you',
  noneWhy: 'Packages come here when a deposit is admitted and your signature is the next one on its route.',
  noneAll: 'No package fits',
  noneAllWhy: 'Take a filter away, or ask the programmer whether the deposit was admitted.',
  due: 'Due',
  noDue: '–',
  overdue: 'overdue',
  job: 'Part · revision · operation',
  group: 'Machine group',
  order: 'Change order',
  author: 'Author',
  change: 'Change',
  missing: 'Missing',
  findings: 'Findings',
  noFindings: 'none',
  age: 'Age',
  label: 'Classification',
} as const;

export const packageWords = {
  title: (part: string, revision: string, operation: string) => `${part} rev ${revision} · op ${operation}`,
  by: 'by',
  due: (day: string) => `due ${day}`,
  role: (role: FileRole, as: string | undefined, changes: readonly string[]) =>
    as === undefined
      ? fileRoleWords[role]
      : `${fileRoleWords[role]}, called ${as} there: ${changes.join(', ') || 'no byte is changed'}`,
  approve: 'Approve with passkey',
  refuse: 'Refuse…',
  withdraw: 'Withdraw…',
  withdrawTitle: 'Withdraw this package',
  withdrawLead: 'It leaves every shelf at once, also where a transfer is under way. It cannot come back.',
  withdrawAct: 'Withdraw',
  noPasskey:
    'You have no passkey here. An administrator can enrol one; a card or key file signs with the keyway command.',
  checks: 'Checks',
  route: 'Route',
  signed: 'signed',
  refused: 'refused',
  open: 'is asked now',
  later: 'comes after',
  voided: 'does not count',
  you: 'you',
  anyOf: (people: readonly string[]) => (people.length === 0 ? 'nobody can' : people.join(' or ')),
  changed: (revision: string) => `Changed since rev ${revision}`,
  comparedWith: 'Compared with',
  theOneBefore: 'what it goes beyond',
  another: (revision: string, operation: string, id: string) => `rev ${revision} · op ${operation} · ${id}`,
  firstRelease: 'First release of this job',
  firstReleaseWhy: 'There is nothing to compare it with: every line is new to the machine.',
  identical: 'The same bytes as before.',
  onlyHarmless: 'Only comments, numbering or format differ: the machine does what it did.',
  deviation: (largest: string, unit: string, line: number, atLeast: boolean) =>
    `largest deviation ${atLeast ? 'at least ' : ''}${largest} ${unit} at line ${line}`,
  samePath: (blocks: number) => `the same path over ${blocks.toLocaleString('en-US')} blocks`,
  cycleTime: (text: string) => `cycle time ${text}`,
  notKnown: (what: string, why: string) => `${what} not known: ${why}`,
  toolsAdded: (tools: readonly string[]) => `${tools.join(', ')} added`,
  toolsRemoved: (tools: readonly string[]) => `${tools.join(', ')} removed`,
  toolsReordered: 'tools in another order',
  renumbered: (blocks: number) => `${blocks.toLocaleString('en-US')} blocks only renumbered, not marked beside`,
  leftOut: (hunks: number) =>
    `${hunks.toLocaleString('en-US')} more changes are not listed here; the program beside shows all.`,
  showAll: 'all',
  classFilter: 'Classes of change',
  changeList: 'Changes',
  noChange: 'No change of the chosen classes.',
  program: 'Program',
  before: 'before',
  after: 'after',
  raw: 'Raw bytes',
  byConsequence: 'By consequence',
  findingsIn: (count: number) => `${count} finding${count === 1 ? '' : 's'}`,
  toolpath: 'Toolpath',
  files: 'Files',
  firstArticle: 'First article',
  draft: { full: 'full', partial: 'partial', 'none-found': 'no trigger found' },
  answers: { full: 'Full', partial: 'Partial', none: 'None needed' },
  draftNote: 'A draft: quality decides when it approves.',
  firstArticleNone: 'Nothing was released for this job before, so that AS9102 asks for a full first article by itself.',
  documentsOnly: 'What a control executes is as it was, so that there is nothing to decide.',
  decided: (answer: string, who: string) => `${who} decided: ${answer}`,
  timeline: 'Timeline',
  entry: 'Entry',
  keys: 'Keys: j k next and previous change · c classes · a approve · r refuse',
  loading: 'Reading…',
  waiver: 'waived',
  gone: 'Everything of this package that was on screen was taken away.',
} as const;

export const signWords = {
  approve: 'Approve',
  refuse: 'Refuse',
  asRole: 'In the role of',
  reason: 'Why it is refused',
  reasonHint: 'The programmer reads it, and the ledger keeps it word for word.',
  needed: 'First article needed',
  neededReason: 'Why',
  proposed: (proposal: string) => `The draft proposes: ${proposal}.`,
  decideFirst: 'Say which first article is needed, and why.',
  reasonFirst: 'Write why first.',
  next: 'Show what I sign',
  back: 'Back',
  lead: 'This is what you sign, word for word. Your passkey signs exactly these bytes and nothing else.',
  means: 'It means',
  exact: 'Exact bytes',
  sign: 'Sign with passkey',
  digest: 'SHA-256 of it',
  done: 'Recorded',
  released: (id: string) => `The route is complete: ${id} is released.`,
  waitingFor: (roles: string) => `Still missing: ${roles}.`,
  waiting: (detail: string) => `The route is complete. The release follows by itself: ${detail}`,
  refusedDone: 'The package is refused. The programmer sees your reason.',
  close: 'Close',
} as const;

export const classWords: Readonly<Record<ChangeClassName, string>> = {
  comment: 'comment',
  numbering: 'numbering',
  format: 'format',
  'feed-speed': 'feed, speed',
  tool: 'tool',
  offset: 'offset',
  modal: 'modal state',
  geometry: 'geometry',
  'm-code': 'M code',
  flow: 'flow',
  unknown: 'not understood',
};

export const checkWords: Readonly<Record<CheckName, string>> = {
  text: 'text',
  dialect: 'dialect',
  frame: 'frame',
  subprograms: 'subprograms',
  flow: 'flow',
  offsets: 'offsets',
  tools: 'tools',
  envelope: 'envelope',
};

export const fileRoleWords: Readonly<Record<FileRole, string>> = {
  'main-program': 'main program',
  subprogram: 'subprogram',
  'setup-sheet': 'setup sheet',
  'work-instruction': 'work instruction',
  'tool-list': 'tool list',
  drawing: 'drawing',
  other: 'other',
  'to-control': 'as the control is sent it',
};

export const stateWords: Readonly<Record<PackagePage['state'], string>> = {
  submitted: 'waits for approval',
  released: 'released',
  refused: 'refused',
  withdrawn: 'withdrawn',
  replaced: 'replaced',
};

export const releaseWords: Readonly<Record<NonNullable<PackagePage['release']>['state'], string>> = {
  'in-force': 'released, in force',
  superseded: 'superseded',
  withdrawn: 'withdrawn',
};

export const changeWords: Readonly<Record<PackagePage['route']['change'], string>> = {
  'first-release': 'first release',
  program: 'program',
  documents: 'papers only',
};
