import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { traceWords } from '../../words/trace.ts';

export const tracePages: PageFamily = {
  navigation: [{ href: '/trace', label: traceWords.navigation, roles: ['quality', 'auditor'] }],
  pages: [{ path: '/trace', page: lazyPage(() => import('./trace-page.tsx').then((m) => m.TracePage)) }],
};
