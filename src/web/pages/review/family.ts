import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { navigationWords } from '../../words/navigation.ts';

export const reviewPages: PageFamily = {
  navigation: [
    {
      href: '/packages',
      label: navigationWords.review,
      roles: ['manufacturing-engineer', 'quality', 'export-compliance', 'auditor'],
    },
  ],
  pages: [
    { path: '/packages', page: lazyPage(() => import('./queue.tsx').then((m) => m.Queue)) },
    { path: '/packages/:id', page: lazyPage(() => import('./package-page.tsx').then((m) => m.PackagePage)) },
  ],
};
