import { lazyPage, type PageFamily } from '../../frame/family.ts';

/** Its way is in everybody's own menu. */
export const apiPages: PageFamily = {
  navigation: [],
  pages: [{ path: '/api', page: lazyPage(() => import('./api-page.tsx').then((m) => m.ApiPage)) }],
};
