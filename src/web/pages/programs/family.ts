import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { programWords } from '../../words/programs.ts';

export const programPages: PageFamily = {
  navigation: [
    { href: '/programs', label: programWords.navigation, roles: ['programmer', 'manufacturing-engineer', 'quality'] },
  ],
  pages: [{ path: '/programs', page: lazyPage(() => import('./programs.tsx').then((m) => m.Programs)) }],
};
