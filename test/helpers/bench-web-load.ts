import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, PackageId, PersonId } from '../../src/domain/ids.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { gatewayActor, type ScreensFloor } from './screens-floor.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const idOf = (prefix: string, number: number): string => {
  let digits = '';
  for (let rest = number, at = 0; at < 10; at++, rest = Math.floor(rest / 32)) digits = alphabet[rest % 32] + digits;
  return `${prefix}-${digits}`;
};

/** So many packages that all wait, one in ten of them for US persons only; each with its deposit. */
export async function manyPackages(floor: ScreensFloor, count: number): Promise<void> {
  const decision = floor.core.authority.decide(
    'release',
    { principal: gatewayActor, context: { channel: 'internal', encrypted: true } },
    { kind: 'package', id: 'PKG-0', manifest: manifestOf(0) },
  );
  const batch = 200;
  for (let from = 0; from < count; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - from) }, (_, at) => from + at);
    await Promise.all(numbers.map((number) => floor.commit(...eventsOf(number, decision))));
  }
}

function eventsOf(number: number, decision: Parameters<typeof submitted>[1]): Event[] {
  const depositId = idOf('DEP', 1_000_000 + number) as DepositId;
  const received = { depositId, door: 'drop-folder' as const, name: `job-${number}`, files: [] };
  return [makeEvent('deposit.received', gatewayActor, received), submitted(number, decision)];
}

const submitted = (
  number: number,
  decision: Extract<Event, { type: 'package.submitted' }>['data']['decision'],
): Event => {
  const manifest = manifestOf(number);
  return makeEvent('package.submitted', gatewayActor, {
    packageId: idOf('PKG', 1_000_000 + number) as PackageId,
    depositId: idOf('DEP', 1_000_000 + number) as DepositId,
    ...{ manifest, manifestDigest: manifestDigest(manifest), decision },
  });
};

const manifestOf = (number: number): Manifest => ({
  ...{ v: 1, part: `BRKT-${number % 50_000}`, revision: 'A', operation: `${10 * (1 + Math.floor(number / 50_000))}` },
  ...{ machineGroup: 'HAAS-VF' as GroupId, author: 'CAM-1' as PersonId, changeOrder: `ECO-${number % 5_000}` },
  due: `2027-${String(1 + (number % 12)).padStart(2, '0')}-${String(1 + (number % 28)).padStart(2, '0')}`,
  classification: number % 10 === 0 ? { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } : { jurisdiction: 'none' },
  files: [{ name: `O${number}.NC`, role: 'main-program', digest: digestOf(`program ${number}`), size: 2_000 }],
});

/** A program of so many lines that mills, with `edits` of them another feed or another place. */
export function millDrill(lines: number, edits: number): Buffer {
  const text = ['%', 'O0100', 'N10 G20 G90 G17', 'N20 T1 M6', 'N30 G0 X0. Y0. Z0.1 S5000 M3'];
  for (let n = text.length; n < lines - 3; n++) {
    const edited = edits > 0 && n % Math.floor(lines / edits) === 50;
    const [x, y] = [(n % 200) * 0.01 + (edited ? 0.003 : 0), Math.floor(n / 200) * 0.005];
    text.push(`N${n * 10} G1 X${x.toFixed(4)} Y${y.toFixed(4)} F${edited ? 18 : 20}.`);
  }
  text.push('M5', 'M30', '%', '');
  return Buffer.from(text.join('\n'));
}
