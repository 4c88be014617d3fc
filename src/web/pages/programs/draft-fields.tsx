import { NativeSelect, Radio, TextInput } from '@mantine/core';
import { useId } from 'react';
import { useVocabulary } from '../../queries/deposits.ts';
import { usePrograms } from '../../queries/lists.ts';
import { depositFormWords as words } from '../../words/programs.ts';
import type { Draft } from './draft.ts';
import styles from './new-deposit.module.css';

const letters = ['A', 'B', 'C', 'D', 'E', 'F'];

/** What a programmer has to say about a job. Parts and machine groups that are known already are offered. */
export function DraftFields({ draft, change }: { draft: Draft; change(draft: Draft): void }) {
  const known = usePrograms({}).rows;
  const usml = useVocabulary().data?.usml ?? [];
  const id = useId();
  const set = (name: keyof Draft) => (event: { currentTarget: { value: string } }) =>
    change({ ...draft, [name]: event.currentTarget.value });
  const field = (name: 'part' | 'revision' | 'operation' | 'machineGroup' | 'changeOrder', list?: string) => (
    <TextInput
      label={words[name]}
      value={draft[name]}
      onChange={set(name)}
      maxLength={64}
      required
      {...(list && { list })}
    />
  );
  return (
    <fieldset className={styles.fields}>
      <legend>{words.describe}</legend>
      {field('part', `${id}part`)}
      {field('revision')}
      {field('operation')}
      {field('machineGroup', `${id}group`)}
      {field('changeOrder')}
      <TextInput label={words.due} type="date" value={draft.due} onChange={set('due')} />
      <Choices id={`${id}part`} values={known.map(({ part }) => part)} />
      <Choices id={`${id}group`} values={known.map(({ machineGroup }) => machineGroup)} />
      <Radio.Group
        className={styles.wide}
        label={words.classification}
        description={words.classificationHint}
        value={draft.jurisdiction}
        onChange={(value) => change({ ...draft, jurisdiction: value as Draft['jurisdiction'] })}
        required
      >
        <div className={styles.radios}>
          {(['ITAR', 'EAR', 'none'] as const).map((value) => (
            <Radio key={value} value={value} label={words.jurisdiction[value]} />
          ))}
        </div>
      </Radio.Group>
      {draft.jurisdiction === 'ITAR' && (
        <>
          <TextInput
            label={words.usmlCategory}
            value={draft.usmlCategory}
            onChange={set('usmlCategory')}
            list={`${id}usml`}
            required
          />
          <Choices
            id={`${id}usml`}
            values={usml.flatMap(({ category, paragraphs }) => paragraphs.map((letter) => `${category}(${letter})`))}
          />
        </>
      )}
      {draft.jurisdiction === 'EAR' && (
        <TextInput label={words.eccn} value={draft.eccn} onChange={set('eccn')} required />
      )}
      <TextInput label={words.cuiMarkings} value={draft.cuiMarkings} onChange={set('cuiMarkings')} maxLength={400} />
      <NativeSelect
        label={words.distribution}
        value={draft.distribution}
        onChange={set('distribution')}
        data={[{ value: '', label: '–' }, ...letters]}
      />
    </fieldset>
  );
}

function Choices({ id, values }: { id: string; values: readonly string[] }) {
  return (
    <datalist id={id}>
      {[...new Set(values)].map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}
