/** Every address of the api that the screens use: what stands in it is escaped here and nowhere else. */

export const part = encodeURIComponent;
export const withQuery = (path: string, query: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${part(String(value))}`],
  );
  return given.length === 0 ? path : `${path}?${given.join('&')}`;
};

export type ListAsked = Readonly<Record<string, string | undefined>>;

const onePackage = (id: string, ...rest: readonly string[]): string =>
  ['/packages', ...[id, ...rest].map(part)].join('/');

export const api = {
  session: '/session',
  signInWays: '/session/ways',
  sessionPasskey: '/session/passkey',
  sessionAgain: '/session/again',
  sessionOidc: '/session/oidc',
  /** `size`: of the ledger, when whatever is shown was asked for. */
  events: (size: number | undefined) => withQuery('/events', { since: size ? size - 1 : undefined }),
  ledgerState: (since: number | undefined) => withQuery('/ledger/state', { since }),
  packages: (asked: ListAsked) => withQuery('/packages', asked),
  packagePage: (id: string) => onePackage(id, 'page'),
  file: (id: string, name: string) => `${onePackage(id, 'files', name)}?for=view`,
  /** `against`: another package or release than the one before it. */
  against: (id: string, against?: string) => withQuery(onePackage(id, 'against'), { against }),
  fileBefore: (id: string, name: string, against?: string) =>
    withQuery(onePackage(id, 'files', name, 'before'), { against }),
  difference: (id: string, name: string, against?: string) =>
    withQuery(onePackage(id, 'difference', name), { against }),
  toolpath: (id: string, name: string, of: 'before' | 'after', against?: string) =>
    withQuery(onePackage(id, 'toolpath', name), { of, against }),
  askApproval: (id: string) => onePackage(id, 'approvals', 'options'),
  approveByPasskey: (id: string) => onePackage(id, 'approvals', 'passkey'),
  withdraw: (id: string) => onePackage(id, 'withdraw'),
  programs: (asked: ListAsked) => withQuery('/programs', asked),
  deposits: (asked: ListAsked) => withQuery('/deposits', asked),
  deposit: (id: string) => `/deposits/${part(id)}`,
  depositFile: (id: string, name: string) => `/deposits/${part(id)}/files/${part(name)}`,
  completeDeposit: (id: string) => `/deposits/${part(id)}/complete`,
  keptBackList: '/deposits/kept-back',
  keptBack: (id: string) => `/deposits/${part(id)}/waivers`,
  askWaiver: (id: string) => `/deposits/${part(id)}/waivers/options`,
  waiveByPasskey: (id: string) => `/deposits/${part(id)}/waivers/passkey`,
  openDeposit: '/deposits',
  checkDeposit: '/deposits/check',
  vocabulary: '/vocabulary',
  openApi: '/openapi.json',
  search: (q: string) => withQuery('/search', { q }),
} as const;
