import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { operatorWords } from '../../words/operator.ts';

export const operatorPages: PageFamily = {
  bare: '/m',
  navigation: [{ href: '/m', label: operatorWords.navigation, roles: ['operator'] }],
  pages: [
    { path: '/m', page: lazyPage(() => import('./choose-machine.tsx').then((m) => m.ChooseMachine)) },
    { path: '/m/:machine', page: lazyPage(() => import('./machine-page.tsx').then((m) => m.MachinePage)) },
  ],
};
