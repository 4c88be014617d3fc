import { lazyPage, type PageFamily } from '../../frame/family.ts';
import { officeWords } from '../../words/office.ts';

export const officePages: PageFamily = {
  navigation: [{ href: '/start', label: officeWords.navigation, roles: ['administrator'] }],
  pages: [
    { path: '/start', page: lazyPage(() => import('./start.tsx').then((m) => m.Start)) },
    { path: '/machines', page: lazyPage(() => import('./machines.tsx').then((m) => m.Machines)) },
    { path: '/machines/new', page: lazyPage(() => import('./machine-form.tsx').then((m) => m.RegisterMachine)) },
    { path: '/machines/:id', page: lazyPage(() => import('./machine-form.tsx').then((m) => m.ChangeMachine)) },
    { path: '/zones/new', page: lazyPage(() => import('./zone-form.tsx').then((m) => m.ZoneForm)) },
    { path: '/zones/:id', page: lazyPage(() => import('./zone-form.tsx').then((m) => m.ZoneForm)) },
    { path: '/conduits/new', page: lazyPage(() => import('./zone-form.tsx').then((m) => m.ConduitForm)) },
    { path: '/conduits/:from/:to', page: lazyPage(() => import('./zone-form.tsx').then((m) => m.ConduitForm)) },
    { path: '/people', page: lazyPage(() => import('./people.tsx').then((m) => m.People)) },
    { path: '/people/new', page: lazyPage(() => import('./enrol.tsx').then((m) => m.EnrolPerson)) },
    { path: '/people/:id', page: lazyPage(() => import('./enrol.tsx').then((m) => m.ChangePerson)) },
    { path: '/changes', page: lazyPage(() => import('./changes.tsx').then((m) => m.Changes)) },
    { path: '/keys', page: lazyPage(() => import('./keys.tsx').then((m) => m.Keys)) },
    { path: '/policy', page: lazyPage(() => import('./policy.tsx').then((m) => m.PolicyPage)) },
    { path: '/ledger', page: lazyPage(() => import('./ledger.tsx').then((m) => m.LedgerPage)) },
    { path: '/alarms', page: lazyPage(() => import('./alarms.tsx').then((m) => m.AlarmsPage)) },
  ],
};
