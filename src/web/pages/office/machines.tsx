import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { MachineView } from '../../../edges/http/contract/registry.ts';
import { Empty } from '../../parts/empty.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useInventory, useMachines } from '../../queries/office.ts';
import { machineWords } from '../../words/machines.ts';
import { officeWords as words } from '../../words/office.ts';
import { FlowPicture } from './flow-picture.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { SignChange } from './sign-change.tsx';
import { Zones } from './zones.tsx';

export function Machines() {
  const { data, error } = useMachines();
  const inventory = useInventory().data;
  return (
    <OfficePage section="machines" error={error}>
      <div className={styles.acts}>
        <Button component={Link} href="/machines/new" size="compact-sm">
          {machineWords.add}
        </Button>
      </div>
      {data?.machines.length === 0 && <Empty title={words.noMachines}>{words.noMachinesHow}</Empty>}
      {data && data.machines.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                {[words.machine, words.groups, words.control, words.cell, words.channel, words.zone, words.may].map(
                  (head) => (
                    <th key={head}>{head}</th>
                  ),
                )}
                <th>{words.state}</th>
                <th>
                  <span className={styles.hidden}>{words.change}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.machines.map((view) => (
                <MachineRow key={view.machine.id} view={view} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {inventory && inventory.machines.length > 0 && <FlowPicture inventory={inventory} />}
      {inventory && <Zones zones={inventory.zones} conduits={inventory.conduits} />}
    </OfficePage>
  );
}

function MachineRow({ view: { machine, suspended, safeguard } }: { view: MachineView }) {
  const { id, groups, make, model, control, cell, channel, zone, jurisdictions } = machine;
  return (
    <tr>
      <td>
        <strong>{id}</strong>
        <div className={styles.quiet}>
          {make} {model}
        </div>
      </td>
      <td>{groups.join(', ')}</td>
      <td>{control}</td>
      <td>{cell}</td>
      <td>
        {channel}
        {safeguard && (
          <div className={styles.quiet}>
            {words.safeguardTo} {safeguard.expires}
          </div>
        )}
      </td>
      <td>{zone ?? '–'}</td>
      <td>{jurisdictions.join(', ')}</td>
      <td>
        <StateBadge tone={suspended ? 'bad' : 'good'}>{suspended ? words.suspended : words.inUse}</StateBadge>
      </td>
      <td className={styles.rowActs}>
        <Button component={Link} href={`/machines/${encodeURIComponent(id)}`} variant="default" size="compact-sm">
          {machineWords.change}
        </Button>
        {suspended ? (
          <SignChange
            label={words.resume}
            title={words.resumeTitle(id)}
            lead={words.resumeLead}
            gives
            change={(reason) => ({ change: { kind: 'machine.resume', machineId: id } as Change, reason })}
          />
        ) : (
          <SignChange
            label={words.suspend}
            title={words.suspendTitle(id)}
            lead={words.suspendLead}
            change={(reason) => ({ change: { kind: 'machine.suspend', machineId: id } as Change, reason })}
          />
        )}
      </td>
    </tr>
  );
}
