import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Role } from '../words/roles.ts';

/** Pages that belong together. `roles` says who is offered the entry; the gateway decides what they are shown. */
export type PageFamily = {
  navigation: readonly { href: string; label: string; roles: readonly Role[] }[];
  /** Under this path stands nothing beside the page but classification and ledger: a kiosk has one job. */
  bare?: string;
  pages: readonly { path: string; page: LazyExoticComponent<ComponentType> }[];
};

/** A page that is loaded when somebody goes there: `lazyPage(() => import('./queue.tsx').then((m) => m.Queue))`. */
export const lazyPage = (load: () => Promise<ComponentType>): LazyExoticComponent<ComponentType> =>
  lazy(async () => ({ default: await load() }));
