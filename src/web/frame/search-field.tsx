import { TextInput } from '@mantine/core';
import IconSearch from '@tabler/icons-react/icons/IconSearch';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { frameWords } from '../words/frame.ts';
import styles from './frame.module.css';

/** Takes whatever a person can read off paper or a control; what it finds has a page of its own, with a link. */
export function SearchField() {
  const [text, setText] = useState('');
  const [, navigate] = useLocation();
  return (
    <search className={styles.search}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') navigate(`/search?q=${encodeURIComponent(text.trim())}`);
        }}
      >
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder={frameWords.search}
          aria-label={frameWords.searchLabel}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={200}
        />
      </form>
    </search>
  );
}
