import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { MachineView } from '../../../edges/http/contract/registry.ts';
import { machineWords as words } from '../../words/machines.ts';
import { FieldGroups } from './field-groups.tsx';
import styles from './office.module.css';
import { SignForm } from './sign-form.tsx';
import { type FieldGroup, madeOf, missingOf, type Typed, typedOf } from './typed-fields.ts';

const groups: readonly FieldGroup[] = [
  {
    fields: [
      { path: 'protects', label: words.protects, as: 'text', isNeeded: true, hint: words.protectsHint },
      { path: 'approver', label: words.approver, as: 'text', isNeeded: true, hint: words.approverHint },
      { path: 'expires', label: words.until, as: 'day', isNeeded: true },
    ],
  },
];

/** What protects the last metres to a machine whose channel does not. */
export function Safeguard({ view: { machine, safeguard } }: { view: MachineView }) {
  const [typed, setTyped] = useState<Typed>(() => (safeguard ? typedOf(safeguard, groups) : {}));
  const [, navigate] = useLocation();
  const isClear = machine.channel !== 'sftp' && machine.channel !== 'ftps';
  if (!isClear) return null;
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      <h2>{words.safeguard}</h2>
      <p className={styles.quiet}>{words.safeguardLead}</p>
      <div className={styles.form}>
        <FieldGroups groups={groups} typed={typed} isNew change={setTyped} />
      </div>
      <SignForm
        missing={missingOf(typed, groups)}
        title={words.safeguardSign(machine.id)}
        change={
          { kind: 'machine.safeguard', machineId: machine.id, safeguard: madeOf(typed, groups) } as unknown as Change
        }
        done={() => navigate('/changes')}
      />
    </form>
  );
}
