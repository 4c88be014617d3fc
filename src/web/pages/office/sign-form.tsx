import type { Change } from '../../../edges/http/contract/changes.ts';
import { formWords as words } from '../../words/machines.ts';
import styles from './office.module.css';
import { SignChange } from './sign-change.tsx';

type SignFormParts = { missing: readonly string[]; title: string; change: Change; done(): void };

/** What stands between the form and the signature is said beside the button. */
export function SignForm({ missing, title, change, done }: SignFormParts) {
  return (
    <div className={styles.acts}>
      <SignChange
        gives
        label={words.sign}
        title={title}
        lead={words.signLead}
        isOff={missing.length > 0}
        change={(reason) => ({ change, reason })}
        done={done}
      />
      <p className={styles.quiet} role="status">
        {missing.length > 0 && `${words.missing}: ${missing.join(', ')}.`}
      </p>
    </div>
  );
}
