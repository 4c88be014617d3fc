import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { navigationWords } from '../../words/navigation.ts';

export const programPages: PageFamily = {
  navigation: [
    { href: '/programs', label: navigationWords.programs, roles: ['programmer', 'manufacturing-engineer', 'quality'] },
    { href: '/deposits', label: navigationWords.deposits, roles: ['programmer'] },
  ],
  pages: [
    { path: '/programs', page: lazyPage(() => import('./programs.tsx').then((m) => m.Programs)) },
    { path: '/deposits', page: lazyPage(() => import('./deposits.tsx').then((m) => m.Deposits)) },
    { path: '/deposits/:id', page: lazyPage(() => import('./deposit-page.tsx').then((m) => m.DepositPage)) },
  ],
};
