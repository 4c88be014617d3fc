import { describe, expect, test } from 'vitest';
import { inventoryCsv } from '../../src/cli/inventory/csv.ts';
import { inventorySvg } from '../../src/cli/inventory/svg.ts';
import type { GroupId, MachineId } from '../../src/domain/ids.ts';
import type { Conduit, Zone } from '../../src/domain/zones.ts';
import type { Inventory, InventoryMachine } from '../../src/services/inventory.ts';

const machine = (id: string, over: Partial<InventoryMachine> = {}): InventoryMachine => ({
  ...{ id: id as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
  ...{ country: 'US', channel: 'sftp', jurisdictions: ['ITAR', 'EAR', 'none'], keyFingerprints: ['SHA256:AAAA'] },
  suspended: false,
  ...over,
});
const zones: Zone[] = [
  { id: 'DMZ', description: 'Gateway and jump host', holdsGateway: true },
  { id: 'CELL-3', description: 'Mills of cell 3, own VLAN', holdsGateway: false },
  { id: 'LEGACY', description: 'Old controls behind a locked cabinet', holdsGateway: false },
];
const conduits: Conduit[] = [
  { from: 'DMZ', to: 'CELL-3', channels: ['sftp', 'ftps'], jurisdictions: ['ITAR', 'EAR', 'none'], cui: true },
  { from: 'DMZ', to: 'LEGACY', channels: ['ftp'], jurisdictions: ['none'], cui: false },
  { from: 'CELL-3', to: 'LEGACY', channels: ['ftp'], jurisdictions: ['none'], cui: false },
];
/** A shop of thirty machines. */
const shop: Inventory = {
  zones,
  conduits,
  authorizations: [],
  machines: [
    ...Array.from({ length: 20 }, (_, n) => machine(`HAAS-VF-${n + 10}`, { zone: 'CELL-3', suspended: n === 4 })),
    ...Array.from({ length: 7 }, (_, n) =>
      machine(`FANUC-${n + 90}`, {
        ...{ zone: 'LEGACY', channel: 'ftp', make: 'Fanuc', model: '16i', jurisdictions: ['none'] },
        ...(n < 3
          ? { safeguard: { protects: 'Locked cabinet.', approver: 'SEC-1' as never, expires: '2027-06-30' } }
          : {}),
      }),
    ),
    machine('PROBE-1', { zone: 'DMZ' }),
    machine('OKUMA-01', { make: 'Okuma', model: 'LB3000' }),
    machine('OKUMA-02', { make: 'Okuma', model: 'LB3000' }),
  ],
};

describe('the inventory as CSV', () => {
  const lines = (inventory: Inventory) => inventoryCsv(inventory).split('\r\n');

  test('has one line a machine, as RFC 4180 writes it', () => {
    const [head, first, ...rest] = lines({ ...shop, machines: [machine('M-1', { owner: 'Shop, "main"' })] });
    expect(head).toMatch(/^machine,make,model,control,serial,cell,site,country,owner,zone,channel,keys,/);
    expect(first).toContain('M-1,Haas,VF-2,NGC,,C3,,US,"Shop, ""main""",,sftp,SHA256:AAAA,HAAS-VF,ITAR EAR none,');
    expect(rest).toEqual(['']);
    expect(lines(shop)).toHaveLength(32);
  });

  test.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx'])('starts no formula: %s', (text) => {
    const [, line = ''] = lines({ ...shop, machines: [machine('M-1', { make: text })] });
    expect(line.split(',')[1]).toMatch(/^"?'/);
  });
});

describe('the inventory as a picture', () => {
  test('shows each zone, machine and conduit once, and what may pass', () => {
    const svg = inventorySvg(shop);
    for (const { id } of [...shop.machines, ...zones]) expect(svg.split(`>${id}<`)).toHaveLength(2);
    expect(svg).toContain('ITAR, EAR, uncontrolled, CUI');
    expect(svg).toContain('uncontrolled, no CUI');
    expect(svg).toContain('CELL-3 to LEGACY: ftp; uncontrolled, no CUI');
    expect(svg).toContain('In no zone');
    expect(svg).toContain('ftp, safeguarded');
  });

  test('takes no name for markup', () => {
    const svg = inventorySvg({ ...shop, machines: [machine('M-1', { make: '<script>alert(1)</script>' })] });
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&#60;script&#62;');
  });

  test('says so where nothing is defined yet, and draws no machine as cut off', () => {
    const svg = inventorySvg({ machines: [machine('M-1')], zones: [], conduits: [], authorizations: [] });
    expect(svg).toContain('No zones are defined');
    expect(svg).not.toContain('dasharray');
    expect(inventorySvg(shop)).toContain('dasharray');
  });
});
