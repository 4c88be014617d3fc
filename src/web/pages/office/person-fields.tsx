import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { personWords as words } from '../../words/office.ts';
import { type Role, roleWords } from '../../words/roles.ts';
import { fixed } from './field-groups.tsx';
import styles from './office.module.css';
import type { PersonDraft } from './person-draft.ts';

type TextField = Exclude<keyof PersonDraft, 'roles' | 'usPerson'>;
type PersonFieldsParts = { draft: PersonDraft; isNew: boolean; change(draft: PersonDraft): void };

export function PersonFields({ draft, isNew, change }: PersonFieldsParts) {
  const field = (
    name: TextField,
    more: Partial<typeof fixed> & { maxLength?: number; type?: string; required?: true },
  ) => (
    <TextInput
      label={words[name]}
      value={draft[name]}
      onChange={(event) => change({ ...draft, [name]: event.currentTarget.value })}
      {...more}
    />
  );
  const toggle = (role: Role): void => {
    const roles = draft.roles.includes(role) ? draft.roles.filter((one) => one !== role) : [...draft.roles, role];
    change({ ...draft, roles });
  };
  return (
    <>
      <fieldset className={styles.fields}>
        {field('id', { maxLength: 64, required: true, ...(isNew ? {} : fixed) })}
        {field('name', { maxLength: 120, required: true })}
        {field('employer', { maxLength: 120 })}
        {field('site', { maxLength: 64 })}
        {field('samePersonAs', { maxLength: 64 })}
      </fieldset>
      <fieldset className={styles.checks}>
        <legend>{words.roles}</legend>
        {(Object.keys(roleWords) as Role[]).map((role) => (
          <Checkbox
            key={role}
            label={roleWords[role]}
            checked={draft.roles.includes(role)}
            onChange={() => toggle(role)}
          />
        ))}
      </fieldset>
      <fieldset className={styles.fields}>
        <legend>{words.export}</legend>
        <NativeSelect
          label={words.usPerson}
          value={draft.usPerson}
          onChange={(event) => change({ ...draft, usPerson: event.currentTarget.value as PersonDraft['usPerson'] })}
          data={[
            { value: '', label: words.unknown },
            { value: 'yes', label: words.yes },
            { value: 'no', label: words.no },
          ]}
        />
        {draft.usPerson !== '' && field('usEvidence', { maxLength: 120, required: true })}
        {draft.usPerson !== '' && field('usUntil', { type: 'date', required: true })}
        {field('nationalities', { maxLength: 40 })}
      </fieldset>
    </>
  );
}
