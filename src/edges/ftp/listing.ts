import type { ShelfEntry } from '../../domain/shelf.ts';
import type { Clock } from '../../platform/clock.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const halfYearMs = 182 * 24 * 3_600_000;
const two = (value: number): string => String(value).padStart(2, '0');

/** RFC 3659 2.3: `YYYYMMDDHHMMSS` in UTC. */
export function timeValue(time: string): string {
  const at = new Date(time);
  return [
    at.getUTCFullYear(),
    ...[at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two),
  ].join('');
}

/** Facts of RFC 3659 7.5, then a space and the name as it is. */
export function factsLine(entry: ShelfEntry, name = entry.name): string {
  const modify = `modify=${timeValue(entry.time)};`;
  return entry.kind === 'folder'
    ? `type=dir;${modify}perm=el; ${name}`
    : `type=file;size=${entry.size};${modify}perm=r; ${name}`;
}

/** As `ls -l` prints: what clients that know nothing else take apart. */
export function longLine(entry: ShelfEntry, clock: Clock): string {
  const at = new Date(entry.time);
  const recent = Math.abs(clock() - at.getTime()) < halfYearMs;
  const hour = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const day = String(at.getUTCDate()).padStart(2);
  const when = `${months[at.getUTCMonth()]} ${day} ${recent ? hour : ` ${at.getUTCFullYear()}`}`;
  const size = String(entry.kind === 'file' ? entry.size : 0).padStart(12);
  const mode = entry.kind === 'folder' ? 'dr-xr-xr-x' : '-r--r--r--';
  return `${mode}   1 keyway   keyway ${size} ${when} ${entry.name}`;
}
