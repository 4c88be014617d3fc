import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { InventoryView } from '../../../edges/http/contract/registry.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { zoneWords as words } from '../../words/machines.ts';
import { officeWords } from '../../words/office.ts';
import styles from './office.module.css';
import { SignChange } from './sign-change.tsx';

type ZonesParts = Pick<InventoryView, 'zones' | 'conduits'>;
const part = encodeURIComponent;

/** Zones and conduits, each to be changed by a form and taken away by a signature. */
export function Zones({ zones, conduits }: ZonesParts) {
  return (
    <section className={styles.panel}>
      <h2>{words.title}</h2>
      {zones.length === 0 && (
        <p className={styles.quiet}>
          {words.none}. {words.noneHow}
        </p>
      )}
      {zones.length > 0 && <ZoneTable zones={zones} />}
      {zones.length > 1 && conduits.length === 0 && <p className={styles.quiet}>{words.noConduits}</p>}
      {conduits.length > 0 && <ConduitTable conduits={conduits} />}
      <div className={styles.acts}>
        <Button component={Link} href="/zones/new" variant="default" size="compact-sm">
          {words.addZone}
        </Button>
        {zones.length > 1 && (
          <Button component={Link} href="/conduits/new" variant="default" size="compact-sm">
            {words.addConduit}
          </Button>
        )}
      </div>
    </section>
  );
}

const actsHead = (
  <th>
    <span className={styles.hidden}>{officeWords.change}</span>
  </th>
);

function ZoneTable({ zones }: Pick<ZonesParts, 'zones'>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{words.zone}</th>
            <th>{words.description}</th>
            <th>{officeWords.state}</th>
            {actsHead}
          </tr>
        </thead>
        <tbody>
          {zones.map(({ id, description, holdsGateway }) => (
            <tr key={id}>
              <td>
                <strong>{id}</strong>
              </td>
              <td>{description}</td>
              <td>{holdsGateway && <StateBadge tone="good">{words.gatewayHere}</StateBadge>}</td>
              <td className={styles.rowActs}>
                <Button component={Link} href={`/zones/${part(id)}`} variant="default" size="compact-sm">
                  {words.change}
                </Button>
                <SignChange
                  label={words.remove}
                  title={words.removeZone(id)}
                  lead={words.removeZoneLead}
                  change={(reason) => ({ change: { kind: 'zone.remove', zoneId: id } as Change, reason })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ConduitTable({ conduits }: Pick<ZonesParts, 'conduits'>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{words.conduit}</th>
            <th>{words.channels}</th>
            <th>{words.jurisdictions}</th>
            <th>{officeWords.cui}</th>
            {actsHead}
          </tr>
        </thead>
        <tbody>
          {conduits.map(({ from, to, channels, jurisdictions, cui }) => (
            <tr key={`${from} ${to}`}>
              <td>
                <strong>
                  {from} → {to}
                </strong>
              </td>
              <td>{channels.map((one) => words.doors[one]).join(', ')}</td>
              <td>{jurisdictions.map((one) => words.labels[one]).join(', ')}</td>
              <td>{cui ? officeWords.cui : officeWords.noCui}</td>
              <td className={styles.rowActs}>
                <Button
                  component={Link}
                  href={`/conduits/${part(from)}/${part(to)}`}
                  variant="default"
                  size="compact-sm"
                >
                  {words.change}
                </Button>
                <SignChange
                  label={words.remove}
                  title={words.removeConduit(from, to)}
                  lead={words.removeConduitLead}
                  change={(reason) => ({ change: { kind: 'conduit.remove', from, to } as Change, reason })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
