import type { Conduit, Zone } from '../../domain/zones.ts';
import type { Inventory, InventoryMachine } from '../../services/inventory.ts';

/** Sizes in pixels. The gateway's zone stands left, the others in a column right of it, each with its machines. */
const size = {
  margin: 32,
  left: 280,
  gap: 280,
  right: 680,
  head: 52,
  chipWide: 206,
  chipHigh: 58,
  pad: 16,
  between: 24,
};
const rightAt = size.margin + size.left + size.gap;
const wide = rightAt + size.right + size.margin;
const top = 84;

type Box = { zone: Zone | undefined; machines: InventoryMachine[]; x: number; y: number; wide: number; high: number };

/** Zones, machines and conduits, and what may flow where. */
export function inventorySvg(inventory: Inventory): string {
  const { here, others } = layOut(inventory);
  const boxes = [here, ...others];
  const further = inventory.conduits.filter(({ from }) => from !== here.zone?.id);
  const bottom = Math.max(...boxes.map(({ y, high }) => y + high)) + size.between;
  const high = bottom + 40 + further.length * 20 + size.margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" font-family="Helvetica, Arial, sans-serif">`,
    `<rect width="${wide}" height="${high}" fill="#ffffff"/>`,
    write(size.margin, 44, 'Zones, machines and conduits', { size: 22, weight: 600 }),
    ...others.flatMap((box) => conduitTo(here, box, inventory.conduits)),
    ...boxes.flatMap((box) => drawBox(box, box === here, inventory.zones.length > 0)),
    write(size.margin, bottom + 20, inventory.zones.length > 0 ? legend : noZones, { size: 12, fill: '#5b6570' }),
    ...further.map((conduit, at) =>
      write(size.margin, bottom + 44 + at * 20, `${conduit.from} to ${conduit.to}: ${flows(conduit)}`, { size: 12 }),
    ),
    '</svg>',
    '',
  ].join('\n');
}

const legend = 'A line is a conduit, with what may pass. Dashed: nothing is delivered there. Grey: suspended.';

/** Without zones there is nothing that keeps a machine from being reached. */
const noZones = 'No zones are defined, so that none keeps anything from a machine. Grey: suspended.';

function layOut({ machines, zones }: Inventory): { here: Box; others: Box[] } {
  const gateway = zones.find(({ holdsGateway }) => holdsGateway);
  const inZone = (zone: Zone | undefined) => machines.filter((machine) => zoneOf(machine, zones) === zone?.id);
  const rest = zones.filter((zone) => zone !== gateway);
  const without = inZone(undefined);
  const right = [...rest, ...(without.length > 0 ? [undefined] : [])];
  let y = top;
  const others = right.map((zone): Box => {
    const box = boxOf(zone, inZone(zone), rightAt, y, size.right);
    y += box.high + size.between;
    return box;
  });
  return { here: boxOf(gateway, gateway ? inZone(gateway) : [], size.margin, top, size.left), others };
}

const zoneOf = (machine: InventoryMachine, zones: readonly Zone[]): string | undefined =>
  zones.some(({ id }) => id === machine.zone) ? machine.zone : undefined;

const perRow = (boxWide: number): number => Math.floor((boxWide - size.pad) / (size.chipWide + 12));

function boxOf(zone: Zone | undefined, machines: InventoryMachine[], x: number, y: number, boxWide: number): Box {
  const rows = Math.ceil(machines.length / perRow(boxWide));
  return { zone, machines, x, y, wide: boxWide, high: size.head + rows * (size.chipHigh + 10) + size.pad };
}

function drawBox({ zone, machines, x, y, wide: boxWide, high }: Box, isHere: boolean, zoned: boolean): string[] {
  const name = zone?.id ?? (isHere ? 'Gateway' : 'In no zone');
  const detail = isHere ? `Keyway stands here. ${zone?.description ?? ''}` : (zone?.description ?? '');
  const dash = zone || isHere || !zoned ? '' : ' stroke-dasharray="6 5"';
  return [
    `<rect x="${x}" y="${y}" width="${boxWide}" height="${high}" rx="10" fill="${isHere ? '#eef4fa' : '#f7f8f9'}" stroke="#b8c2cc"${dash}/>`,
    write(x + size.pad, y + 24, cut(name, 40), { size: 15, weight: 600 }),
    write(x + size.pad, y + 42, cut(detail, Math.floor((boxWide - 2 * size.pad) / 6.6)), { size: 12, fill: '#5b6570' }),
    ...machines.flatMap((machine, at) => drawMachine(machine, ...placeOf(at, x, y, boxWide))),
  ];
}

function placeOf(at: number, x: number, y: number, boxWide: number): [number, number] {
  const columns = perRow(boxWide);
  const column = at % columns;
  const row = Math.floor(at / columns);
  return [x + size.pad + column * (size.chipWide + 12), y + size.head + row * (size.chipHigh + 10)];
}

function drawMachine(machine: InventoryMachine, x: number, y: number): string[] {
  const { id, make, model, channel, jurisdictions, country, suspended, safeguard } = machine;
  const how = channel === 'ftp' ? (safeguard ? 'ftp, safeguarded' : 'ftp, clear text') : channel;
  const ink = suspended ? '#9aa3ab' : '#1f2933';
  return [
    `<rect x="${x}" y="${y}" width="${size.chipWide}" height="${size.chipHigh}" rx="6" fill="${suspended ? '#eceef0' : '#ffffff'}" stroke="#d3d9df"/>`,
    write(x + 10, y + 18, cut(id, 24), { size: 13, weight: 600, fill: ink }),
    write(x + 10, y + 34, cut(`${make} ${model}, ${country}`, 32), { size: 11, fill: suspended ? ink : '#5b6570' }),
    write(x + 10, y + 49, cut(`${how} · ${named(jurisdictions)}`, 34), { size: 11, fill: ink }),
  ];
}

/** From the right edge of the gateway's zone to the left edge of the other, where a conduit leads there. */
function conduitTo(here: Box, to: Box, conduits: readonly Conduit[]): string[] {
  const conduit = conduits.find(({ from, to: end }) => from === here.zone?.id && end === to.zone?.id);
  if (!conduit || !to.zone) return [];
  const [x1, y1] = [here.x + here.wide, here.y + 30];
  const [x2, y2] = [to.x, to.y + 30];
  const bend = x1 + 40;
  return [
    `<path d="M ${x1} ${y1} H ${bend} V ${y2} H ${x2}" fill="none" stroke="#3b6ea5" stroke-width="2"/>`,
    `<path d="M ${x2 - 9} ${y2 - 5} L ${x2} ${y2} L ${x2 - 9} ${y2 + 5} Z" fill="#3b6ea5"/>`,
    write(bend + 10, y2 - 8, conduit.channels.join(', '), { size: 12, fill: '#2f5a88' }),
    write(bend + 10, y2 + 17, carried(conduit), { size: 12, fill: '#2f5a88' }),
  ];
}

const carried = ({ jurisdictions, cui }: Conduit): string => `${named(jurisdictions)}${cui ? ', CUI' : ', no CUI'}`;
const flows = (conduit: Conduit): string => `${conduit.channels.join(', ')}; ${carried(conduit)}`;

const named = (jurisdictions: readonly string[]): string => jurisdictions.join(', ').replace('none', 'uncontrolled');

type Look = { size: number; weight?: number; fill?: string };

function write(x: number, y: number, text: string, { size: points, weight = 400, fill = '#1f2933' }: Look): string {
  return `<text x="${x}" y="${y}" font-size="${points}" font-weight="${weight}" fill="${fill}">${escaped(text)}</text>`;
}

const escaped = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`);

const cut = (text: string, chars: number): string => (text.length <= chars ? text : `${text.slice(0, chars - 1)}…`);
