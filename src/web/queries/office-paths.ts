import { part, withQuery } from './paths.ts';

/** Addresses of the floor, of traces and of the office. */
export const officeApi = {
  floorDocument: (machineId: string, releaseId: string, name: string) =>
    `/machines/${part(machineId)}/documents/${part(releaseId)}/${part(name)}`,
  floor: '/floor',
  machineScreen: (id: string) => `/machines/${part(id)}/screen`,
  sendings: '/sendings',
  problems: '/problems',
  runs: '/runs',
  trace: (asked: Record<string, string | undefined>) => withQuery('/trace', asked),
  exposure: (releaseId: string) => `/releases/${part(releaseId)}/exposure`,
  entry: (index: number) => `/ledger/entries/${index}`,
  trust: '/trust',
  ledger: '/ledger',
  legalHolds: '/legal-holds',
  evidence: '/evidence',
  firstSteps: '/first-steps',
  machines: '/machines',
  inventory: '/inventory',
  people: '/people',
  holdings: (person: string) => `/people/${part(person)}/holdings`,
  accounts: '/accounts',
  account: (person: string, act: 'invite' | 'suspend' | 'restore' | 'sign-out') => `/accounts/${part(person)}/${act}`,
  changes: '/changes',
  changeOptions: '/changes/options',
  changePasskey: '/changes/passkey',
  alarms: '/alarms',
  storage: '/storage',
  witnesses: '/witnesses',
  policy: '/policy',
  whatIf: '/policy/what-if',
} as const;
