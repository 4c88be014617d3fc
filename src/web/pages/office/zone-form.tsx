import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { InventoryView } from '../../../edges/http/contract/registry.ts';
import { Empty } from '../../parts/empty.tsx';
import { useInventory } from '../../queries/office.ts';
import { machineWords, zoneWords as words } from '../../words/machines.ts';
import { FieldGroups } from './field-groups.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { SignForm } from './sign-form.tsx';
import { type FieldGroup, madeOf, missingOf, type Typed, typedOf } from './typed-fields.ts';

type Zone = InventoryView['zones'][number];
type Conduit = InventoryView['conduits'][number];

const zoneGroups: readonly FieldGroup[] = [
  {
    fields: [
      { path: 'id', label: words.zone, as: 'text', isNeeded: true, isFixed: true },
      { path: 'description', label: words.description, as: 'text', isNeeded: true },
      { path: 'holdsGateway', label: words.holdsGateway, as: 'yes', isNeeded: true },
    ],
  },
];

const conduitGroups = (zones: readonly Zone[]): FieldGroup[] => {
  const ends = Object.fromEntries(zones.map(({ id }) => [id, id]));
  return [
    {
      fields: [
        { path: 'from', label: words.from, as: 'choice', choices: ends, isNeeded: true },
        { path: 'to', label: words.to, as: 'choice', choices: ends, isNeeded: true },
      ],
    },
    { fields: [{ path: 'channels', label: words.channels, as: 'some', choices: words.doors, isNeeded: true }] },
    {
      fields: [
        { path: 'jurisdictions', label: words.jurisdictions, as: 'some', choices: words.labels, isNeeded: true },
      ],
    },
    { fields: [{ path: 'cui', label: words.cui, as: 'yes', isNeeded: true }] },
  ];
};

/** A zone that is new, or what is in one. */
export function ZoneForm() {
  const { id } = useParams<{ id?: string }>();
  const { data, error } = useInventory();
  const known = data?.zones.find((zone) => zone.id === id);
  return (
    <OfficePage section="machines" error={error}>
      {data && (id === undefined || known) && (
        <Form
          key={JSON.stringify(known)}
          groups={zoneGroups}
          known={known}
          start={data.zones.length === 0 ? { holdsGateway: 'yes' } : {}}
          title={words.addZoneTitle}
          lead={words.zoneLead}
          question={({ id: zone = '' }) => words.setZone(zone)}
          change={(zone) => ({ kind: 'zone.set', zone })}
        />
      )}
      {data && id !== undefined && !known && <NotThere />}
    </OfficePage>
  );
}

/** What may flow from one zone to another. */
export function ConduitForm() {
  const { from, to } = useParams<{ from?: string; to?: string }>();
  const { data, error } = useInventory();
  const known = data?.conduits.find((one) => one.from === from && one.to === to);
  return (
    <OfficePage section="machines" error={error}>
      {data && (from === undefined || known) && (
        <Form
          key={JSON.stringify(known)}
          groups={conduitGroups(data.zones)}
          known={known}
          start={{ from: data.zones.find(({ holdsGateway }) => holdsGateway)?.id ?? '' }}
          title={words.addConduitTitle}
          lead={words.conduitLead}
          question={({ from: one = '', to: other = '' }) => words.setConduit(one, other)}
          change={(conduit) => ({ kind: 'conduit.set', conduit })}
        />
      )}
      {data && from !== undefined && !known && <NotThere />}
    </OfficePage>
  );
}

type FormParts = {
  groups: readonly FieldGroup[];
  known: Zone | Conduit | undefined;
  start: Typed;
  title: string;
  lead: string;
  question(typed: Typed): string;
  change(value: Record<string, unknown>): object;
};

function Form({ groups, known, start, title, lead, question, change }: FormParts) {
  const [typed, setTyped] = useState<Typed>(() => (known ? typedOf(known, groups) : start));
  const [, navigate] = useLocation();
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      <h2>{title}</h2>
      <p className={styles.quiet}>{lead}</p>
      <div className={styles.form}>
        <FieldGroups groups={groups} typed={typed} isNew={!known} change={setTyped} />
      </div>
      <SignForm
        missing={missingOf(typed, groups)}
        title={question(typed)}
        change={change(madeOf(typed, groups)) as Change}
        done={() => navigate('/changes')}
      />
    </form>
  );
}

const NotThere = () => (
  <Empty title={words.unknown}>
    <Link href="/machines">{machineWords.toMachines}</Link>
  </Empty>
);
