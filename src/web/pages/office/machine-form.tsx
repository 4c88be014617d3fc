import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { MachineView } from '../../../edges/http/contract/registry.ts';
import { Empty } from '../../parts/empty.tsx';
import { useVocabulary } from '../../queries/deposits.ts';
import { useInventory, useMachines } from '../../queries/office.ts';
import { machineWords as words } from '../../words/machines.ts';
import { FieldGroups } from './field-groups.tsx';
import { machineGroups, machineIn, newMachine } from './machine-fields.ts';
import { MachinePassword } from './machine-password.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { Safeguard } from './safeguard.tsx';
import { SignChange } from './sign-change.tsx';
import { SignForm } from './sign-form.tsx';
import { madeOf, missingOf, typedOf } from './typed-fields.ts';

/** A machine that is new here: the draft that two administrators sign. */
export function RegisterMachine() {
  const offered = useOffered();
  return (
    <OfficePage section="machines" error={null}>
      {offered && <MachineForm offered={offered} />}
    </OfficePage>
  );
}

/**
 * Everything that is recorded of a machine. A form begins anew when the record does: what is signed is all that holds afterwards,
 * and must not take back what somebody else had signed meanwhile.
 */
export function ChangeMachine() {
  const { id = '' } = useParams<{ id: string }>();
  const { data, error } = useMachines();
  const offered = useOffered();
  const known = data?.machines.find(({ machine }) => machine.id === id);
  return (
    <OfficePage section="machines" error={error}>
      {known && offered && (
        <>
          <MachineForm key={JSON.stringify(known.machine)} offered={offered} known={known.machine} />
          <Safeguard key={JSON.stringify(known)} view={known} />
          <Retire id={known.machine.id} />
        </>
      )}
      {data && !known && (
        <Empty title={words.unknown}>
          <Link href="/machines">{words.toMachines}</Link>
        </Empty>
      )}
    </OfficePage>
  );
}

/** What a form offers to choose from. */
function useOffered() {
  const countries = useVocabulary().data?.countries;
  const zones = useInventory().data?.zones.map(({ id }) => id);
  return countries && zones ? { countries, zones } : undefined;
}

type Machine = MachineView['machine'];
type MachineFormParts = { offered: Parameters<typeof machineGroups>[1]; known?: Machine };

function MachineForm({ offered, known }: MachineFormParts) {
  const [typed, setTyped] = useState(() =>
    known ? { ...newMachine, ...typedOf(known, machineGroups(typedOf(known, [linkPaths]), offered)) } : newMachine,
  );
  const [password, setPassword] = useState(known?.password);
  const [, navigate] = useLocation();
  const groups = machineGroups(typed, offered);
  const machine = machineIn(madeOf(typed, groups), password);
  const needsPassword = (typed.channel === 'ftp' || typed.channel === 'ftps') && password === undefined;
  const id = typed.id ?? '';
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      <h2>{known ? words.changeTitle(known.id) : words.addTitle}</h2>
      <p className={styles.quiet}>{known ? words.changeLead : words.addLead}</p>
      <div className={styles.form}>
        <FieldGroups groups={groups} typed={typed} isNew={!known} change={setTyped} />
        {(typed.channel === 'ftp' || typed.channel === 'ftps') && (
          <MachinePassword isTaken={password !== undefined} take={setPassword} />
        )}
      </div>
      <SignForm
        missing={[...missingOf(typed, groups), ...(needsPassword ? [words.needsPassword] : [])]}
        title={known ? words.changeTitle(known.id) : words.addSign(id)}
        change={{ kind: known ? 'machine.change' : 'machine.register', machine } as Change}
        done={() => navigate('/changes')}
      />
    </form>
  );
}

/** What decides which fields there are; read first of a machine that is known. */
const linkPaths = {
  fields: ['channel', 'line.at.kind', 'push.kind', 'push.tls'].map((path) => ({
    ...{ path, label: path, as: 'text' as const },
  })),
};

function Retire({ id }: { id: string }) {
  return (
    <div className={styles.acts}>
      <SignChange
        label={words.retire}
        title={words.retireTitle(id)}
        lead={words.retireLead}
        change={(reason) => ({ change: { kind: 'machine.retire', machineId: id } as Change, reason })}
      />
    </div>
  );
}
