import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { OfferedKey } from '../../queries/keys.ts';
import { formWords } from '../../words/machines.ts';
import { personWords as words } from '../../words/office.ts';
import { partWords } from '../../words/parts.ts';
import { KeyOffer } from './key-offer.tsx';
import styles from './office.module.css';
import { SignChange } from './sign-change.tsx';

/** One more key for somebody who is enrolled. */
export function AddKey({ person }: { person: string }) {
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState<OfferedKey>();
  const close = (): void => {
    setOpen(false);
    setKey(undefined);
  };
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setOpen(true)}>
        {words.addKey}
      </Button>
      {isOpen && (
        <Modal
          opened
          onClose={close}
          title={words.addKeyTitle(person)}
          lockScroll={false}
          closeButtonProps={{ 'aria-label': partWords.close }}
        >
          <KeyOffer person={person} offered={key} take={setKey} />
          {key && (
            <div className={styles.acts}>
              <SignChange
                gives
                label={formWords.sign}
                title={words.addKeyTitle(person)}
                lead={formWords.signLead}
                change={(reason) => ({ change: { kind: 'person.key-add', person, key } as Change, reason })}
                done={close}
              />
            </div>
          )}
        </Modal>
      )}
    </>
  );
}
