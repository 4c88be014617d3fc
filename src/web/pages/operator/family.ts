import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { navigationWords } from '../../words/navigation.ts';

export const operatorPages: PageFamily = {
  bare: '/m',
  navigation: [{ href: '/m', label: navigationWords.operator, roles: ['operator'] }],
  pages: [
    { path: '/m', page: lazyPage(() => import('./choose-machine.tsx').then((m) => m.ChooseMachine)) },
    { path: '/m/:machine', page: lazyPage(() => import('./machine-page.tsx').then((m) => m.MachinePage)) },
  ],
};
