import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { navigationWords } from '../../words/navigation.ts';

export const tracePages: PageFamily = {
  navigation: [{ href: '/trace', label: navigationWords.trace, roles: ['quality', 'auditor'] }],
  pages: [{ path: '/trace', page: lazyPage(() => import('./trace-page.tsx').then((m) => m.TracePage)) }],
};
