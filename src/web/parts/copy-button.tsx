import { ActionIcon } from '@mantine/core';
import IconCheck from '@tabler/icons-react/icons/IconCheck';
import IconCopy from '@tabler/icons-react/icons/IconCopy';
import { useState } from 'react';
import { partWords } from '../words/parts.ts';

const shownMs = 1_500;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    window.setTimeout(() => setCopied(false), shownMs);
  };
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="xs"
      aria-label={copied ? partWords.copied : partWords.copy(what)}
      title={copied ? partWords.copied : partWords.copy(what)}
      onClick={() => void copy()}
    >
      {copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
    </ActionIcon>
  );
}
