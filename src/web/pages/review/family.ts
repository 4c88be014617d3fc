import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { reviewWords } from '../../words/review.ts';

export const reviewPages: PageFamily = {
  navigation: [
    {
      href: '/packages',
      label: reviewWords.navigation,
      roles: ['manufacturing-engineer', 'quality', 'export-compliance', 'auditor'],
    },
  ],
  pages: [
    { path: '/packages', page: lazyPage(() => import('./queue.tsx').then((m) => m.Queue)) },
    { path: '/packages/:id', page: lazyPage(() => import('./package-page.tsx').then((m) => m.PackagePage)) },
  ],
};
