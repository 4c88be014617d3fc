import type { InventoryView } from '../../../edges/http/contract/registry.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './flow.module.css';

type Zone = InventoryView['zones'][number];
type Conduit = InventoryView['conduits'][number];
type Row = { zone: Zone | undefined; machines: InventoryView['machines'] };

const rowHigh = 74;
const wide = 900;
const left = { x: 1, wide: 200 };
const right = { x: 560, wide: 339 };

/** Zones and conduits: the gateway's zone on the left, each other one on the right, and on the line what may pass. */
export function FlowPicture({ inventory }: { inventory: InventoryView }) {
  const { zones, conduits } = inventory;
  const here = zones.find(({ holdsGateway }) => holdsGateway);
  const rows = rowsOf(inventory, here);
  const high = rows.length * rowHigh;
  const middle = high / 2;
  return (
    <section className={styles.flow}>
      <h2>{words.flow}</h2>
      {zones.length === 0 && <p>{words.flowNoZones}</p>}
      <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={words.flow}>
        <Box
          x={left.x}
          y={middle - 30}
          wide={left.wide}
          title={here?.id ?? words.flowGateway}
          text={words.flowGateway}
        />
        {rows.map(({ zone, machines }, at) => {
          const y = at * rowHigh + 6;
          const passing = passes(here, zone, zones, conduits);
          return (
            <g key={zone?.id ?? ''} data-open={passing !== undefined}>
              <path
                d={`M ${left.x + left.wide} ${middle} C 360 ${middle}, 300 ${y + 30}, ${right.x - 8} ${y + 30}`}
                className={styles.line}
              />
              <text x={right.x - 14} y={y + 22} textAnchor="end">
                {passing ?? words.flowNothing}
              </text>
              <Box
                {...right}
                y={y}
                title={zone?.id ?? (zones.length > 0 ? words.flowWithoutZone : words.machines)}
                text={machines.map(({ id }) => id).join(', ')}
              />
            </g>
          );
        })}
      </svg>
    </section>
  );
}

function Box({ x, y, wide: size, title, text }: { x: number; y: number; wide: number; title: string; text: string }) {
  return (
    <g>
      <rect x={x} y={y} width={size} height={60} rx={4} className={styles.box} />
      <text x={x + 12} y={y + 25} className={styles.title}>
        {cut(title, size)}
      </text>
      <text x={x + 12} y={y + 45} className={styles.text}>
        <title>{text}</title>
        {cut(text, size)}
      </text>
    </g>
  );
}

/** Zones with machines in them, and last the machines that stand in none. */
function rowsOf({ zones, machines }: InventoryView, here: Zone | undefined): Row[] {
  const inZone = (id: string | undefined) => machines.filter(({ zone }) => zone === id);
  const others = zones.filter((zone) => zone !== here || inZone(zone.id).length > 0);
  const known = new Set(zones.map(({ id }) => id as string));
  const without = machines.filter(({ zone }) => zone === undefined || !known.has(zone));
  return [
    ...others.map((zone) => ({ zone, machines: inZone(zone.id) })),
    ...(without.length > 0 ? [{ zone: undefined, machines: without }] : []),
  ];
}

function passes(here: Zone | undefined, zone: Zone | undefined, zones: readonly Zone[], conduits: readonly Conduit[]) {
  if (zones.length === 0 || (zone && zone === here)) return '';
  const conduit = conduits.find(({ from, to }) => from === here?.id && to === zone?.id);
  if (!conduit) return undefined;
  return `${conduit.channels.join(', ')} · ${conduit.jurisdictions.join(', ')} · ${conduit.cui ? words.cui : words.noCui}`;
}

const charWide = 7.5;
const cut = (text: string, size: number): string => {
  const most = Math.floor((size - 24) / charWide);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};
