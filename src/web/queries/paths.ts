/** Every address of the api that the screens use: what stands in it is escaped here and nowhere else. */

export const part = encodeURIComponent;
export const withQuery = (path: string, query: Record<string, string | number | undefined>): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${part(String(value))}`],
  );
  return given.length === 0 ? path : `${path}?${given.join('&')}`;
};

export type PackagesAsked = {
  state?: string | undefined;
  turn?: string | undefined;
  part?: string | undefined;
  author?: string | undefined;
  order?: 'due' | 'newest' | undefined;
  after?: string | undefined;
  rows?: number | undefined;
};

export const api = {
  session: '/session',
  signInWays: '/session/ways',
  sessionPasskey: '/session/passkey',
  sessionOidc: '/session/oidc',
  events: '/events',
  ledgerState: '/ledger/state',
  checkpoint: '/ledger/checkpoint',
  packages: (asked: PackagesAsked) => withQuery('/packages', asked),
  package: (id: string) => `/packages/${part(id)}/page`,
  search: (q: string) => withQuery('/search', { q }),
} as const;
