import type { Inventory, InventoryMachine } from '../../services/inventory.ts';

const columns: readonly [title: string, of: (machine: InventoryMachine) => string | undefined][] = [
  ['machine', (m) => m.id],
  ['make', (m) => m.make],
  ['model', (m) => m.model],
  ['control', (m) => m.control],
  ['serial', (m) => m.serial],
  ['cell', (m) => m.cell],
  ['site', (m) => m.site],
  ['country', (m) => m.country],
  ['owner', (m) => m.owner],
  ['zone', (m) => m.zone],
  ['channel', (m) => m.channel],
  ['keys', (m) => m.keyFingerprints.join(' ')],
  ['groups', (m) => m.groups.join(' ')],
  ['may have', (m) => m.jurisdictions.join(' ')],
  ['CMMC asset category', (m) => m.assetCategory],
  ['suspended', (m) => (m.suspended ? 'yes' : 'no')],
  ['safeguard', (m) => m.safeguard?.protects],
  ['safeguard approved by', (m) => m.safeguard?.approver],
  ['safeguard until', (m) => m.safeguard?.expires],
];

/** RFC 4180, one line a machine. */
export function inventoryCsv({ machines }: Inventory): string {
  const lines = [columns.map(([title]) => title), ...machines.map((m) => columns.map(([, of]) => of(m) ?? ''))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** A spreadsheet takes these for the start of a formula, which may call out: an apostrophe makes them text. */
const formula = /^[=+\-@\t\r]/;

function cell(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
