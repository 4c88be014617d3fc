import { Button } from '@mantine/core';
import { useRef } from 'react';
import { Digest } from '../../parts/digest.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { readKeyFile } from '../../proof/key-file.ts';
import { useAct } from '../../queries/act.ts';
import { type OfferedKey, registerPasskey } from '../../queries/keys.ts';
import { keyWords as words } from '../../words/keys.ts';
import styles from './office.module.css';

type KeyOfferParts = { person: string; offered: OfferedKey | undefined; take(key: OfferedKey | undefined): void };

/** The public half of a key of somebody: made by them here, or brought in a file. */
export function KeyOffer({ person, offered, take }: KeyOfferParts) {
  const input = useRef<HTMLInputElement>(null);
  const made = useAct<string, OfferedKey>({ send: registerPasskey, touches: [], done: take });
  const read = useAct<File, OfferedKey>({ send: readKeyFile, touches: [], done: take });
  const error = made.error ?? read.error;
  if (offered)
    return (
      <p className={styles.acts}>
        {words.taken}: {words.assurance[offered.assurance]} <Digest value={offered.keyId} />
        <Button size="compact-xs" variant="default" onClick={() => take(undefined)}>
          {words.another}
        </Button>
      </p>
    );
  return (
    <div>
      <p className={styles.quiet}>{words.hereHint}</p>
      <p className={styles.quiet}>{words.fileHint}</p>
      <div className={styles.acts}>
        <Button
          size="compact-sm"
          variant="default"
          disabled={person === ''}
          loading={made.isPending}
          onClick={() => {
            read.reset();
            made.act(person);
          }}
        >
          {words.here}
        </Button>
        <Button size="compact-sm" variant="default" loading={read.isPending} onClick={() => input.current?.click()}>
          {words.fromFile}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".pem,.json,.pub,.crt,.cer,.der"
          aria-label={words.fromFile}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file) {
              made.reset();
              read.act(file);
            }
          }}
        />
      </div>
      {error && <ProblemCard error={error} />}
    </div>
  );
}
