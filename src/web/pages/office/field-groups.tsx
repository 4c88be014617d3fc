import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { formWords as words } from '../../words/machines.ts';
import styles from './office.module.css';
import type { Field, FieldGroup, Typed } from './typed-fields.ts';

type FieldGroupsParts = { groups: readonly FieldGroup[]; typed: Typed; isNew: boolean; change(typed: Typed): void };

/** The fields of a form, group by group, as a table of them has it. */
export function FieldGroups({ groups, typed, isNew, change }: FieldGroupsParts) {
  return groups.map(({ legend, fields }) => (
    <fieldset key={legend ?? ''} className={styles.fields}>
      {legend && <legend>{legend}</legend>}
      {fields.map((field) => (
        <OneField
          key={field.path}
          field={field}
          value={typed[field.path] ?? ''}
          isOff={field.isFixed === true && !isNew}
          set={(value) => change({ ...typed, [field.path]: value })}
        />
      ))}
    </fieldset>
  ));
}

/** Written, as what it is of, and read like everything else. */
export const fixed = { readOnly: true, variant: 'unstyled' } as const;

type OneFieldParts = { field: Field; value: string; isOff: boolean; set(value: string): void };

function OneField({ field, value, isOff, set }: OneFieldParts) {
  const { label, as, choices = {}, isNeeded = false, hint } = field;
  const about = { label, ...(hint === undefined ? {} : { description: hint }) };
  const below = { ...about, inputWrapperOrder: ['label' as const, 'input' as const, 'description' as const] };
  switch (as) {
    case 'yes':
      return <Checkbox {...about} checked={value === 'yes'} onChange={() => set(value === 'yes' ? '' : 'yes')} />;
    case 'some':
      return <SomeOf field={field} value={value} set={set} />;
    case 'choice':
    case 'number-choice':
      return (
        <NativeSelect
          {...below}
          value={value}
          required={isNeeded}
          onChange={(event) => set(event.currentTarget.value)}
          data={[
            ...(isNeeded && value !== '' ? [] : [{ value: '', label: isNeeded ? words.choose : words.notSaid }]),
            ...Object.entries(choices).map(([one, name]) => ({ value: one, label: name })),
          ]}
        />
      );
    case 'lines':
    case 'block':
      return (
        <Textarea
          {...below}
          className={styles.wide ?? ''}
          classNames={{ input: styles.code ?? '' }}
          value={value}
          required={isNeeded}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...below}
          value={value}
          required={isNeeded}
          {...(isOff && fixed)}
          {...(as === 'day' ? { type: 'date' } : as === 'number' ? { inputMode: 'numeric' } : {})}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
  }
}

function SomeOf({ field: { label, choices = {} }, value, set }: Pick<OneFieldParts, 'field' | 'value' | 'set'>) {
  const chosen = value.split(', ').filter((one) => one !== '');
  const toggle = (one: string): void => {
    const next = Object.keys(choices).filter((other) => (other === one) !== chosen.includes(other));
    set(next.join(', '));
  };
  return (
    <fieldset className={styles.checks}>
      <legend>{label}</legend>
      {Object.entries(choices).map(([one, name]) => (
        <Checkbox key={one} label={name} checked={chosen.includes(one)} onChange={() => toggle(one)} />
      ))}
    </fieldset>
  );
}
