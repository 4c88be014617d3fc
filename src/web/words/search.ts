import type { Hit } from '../../edges/http/contract/search.ts';

export const searchWords = {
  title: 'Search',
  for: (q: string) => `Search: ${q}`,
  none: (q: string) => `Nothing that you may see is called ${q}`,
  noneWhy: 'Type all of it: a serial, part, O-number, digest, work order, or an id such as PKG-… or REL-….',
} as const;

export const hitWords: Readonly<Record<Hit['kind'], string>> = {
  package: 'Package',
  release: 'Release',
  file: 'File',
  serial: 'Serial',
  'work-order': 'Work order',
  machine: 'Machine',
  person: 'Person',
  deposit: 'Deposit',
  delivery: 'Delivery',
  run: 'Run',
  readback: 'Readback',
  entry: 'Ledger entry',
};
