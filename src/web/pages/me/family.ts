import { lazyPage, type PageFamily } from '../../frame/family.ts';

/** Of whoever is signed in; its way is in their own menu. */
export const ownPages: PageFamily = {
  navigation: [],
  pages: [{ path: '/me', page: lazyPage(() => import('./my-keys.tsx').then((m) => m.MyKeys)) }],
};
