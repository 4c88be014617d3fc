import { lazyPage, type PageFamily } from '../../frame/family.ts';

export const searchPages: PageFamily = {
  navigation: [],
  pages: [{ path: '/search', page: lazyPage(() => import('./search.tsx').then((m) => m.Search)) }],
};
