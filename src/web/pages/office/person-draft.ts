import type { PersonView } from '../../../edges/http/contract/registry.ts';
import type { OfferedKey } from '../../queries/keys.ts';
import { personWords as words } from '../../words/office.ts';
import type { Role } from '../../words/roles.ts';

type Person = PersonView['person'];

/** What an administrator says of somebody, as typed. */
export type PersonDraft = {
  id: string;
  name: string;
  roles: readonly Role[];
  employer: string;
  site: string;
  usPerson: '' | 'yes' | 'no';
  usEvidence: string;
  usUntil: string;
  nationalities: string;
  samePersonAs: string;
};

export const emptyPerson: PersonDraft = {
  ...{ id: '', name: '', roles: [], employer: '', site: '', nationalities: '', samePersonAs: '' },
  ...{ usPerson: '', usEvidence: '', usUntil: '' },
};

export const draftOf = ({ id, name, roles, employer, site, usPerson, nationalities, samePersonAs }: Person) => ({
  ...{ id, name, roles, employer: employer ?? '', site: site ?? '', samePersonAs: samePersonAs ?? '' },
  usPerson: usPerson ? (usPerson.status ? ('yes' as const) : ('no' as const)) : ('' as const),
  ...{ usEvidence: usPerson?.evidence ?? '', usUntil: usPerson?.expires ?? '' },
  nationalities: (nationalities ?? []).join(', '),
});

/** In words what has to be said before anybody can sign it. */
export function missingOf(draft: PersonDraft, key?: OfferedKey | 'not asked'): string[] {
  const { needs } = words;
  const isEmpty = (name: 'id' | 'name' | 'usEvidence' | 'usUntil') => draft[name].trim() === '';
  return [
    ...(isEmpty('id') ? [needs.id] : []),
    ...(isEmpty('name') ? [needs.name] : []),
    ...(draft.roles.length === 0 ? [needs.roles] : []),
    ...(draft.usPerson !== '' && isEmpty('usEvidence') ? [needs.usEvidence] : []),
    ...(draft.usPerson !== '' && isEmpty('usUntil') ? [needs.usUntil] : []),
    ...(key === undefined ? [needs.key] : []),
  ];
}

/** The facts that were typed; what is empty is not said. */
export function factsOf(draft: PersonDraft) {
  const said = (name: 'employer' | 'site' | 'samePersonAs') =>
    draft[name].trim() === '' ? {} : { [name]: draft[name].trim() };
  const countries = draft.nationalities.split(',').flatMap((code) => code.trim().toUpperCase() || []);
  return {
    ...{ name: draft.name.trim(), roles: [...draft.roles] },
    ...said('employer'),
    ...said('site'),
    ...(draft.usPerson === ''
      ? {}
      : {
          usPerson: {
            ...{ status: draft.usPerson === 'yes', evidence: draft.usEvidence.trim(), expires: draft.usUntil },
          },
        }),
    ...(countries.length > 0 ? { nationalities: countries } : {}),
    ...said('samePersonAs'),
  };
}
