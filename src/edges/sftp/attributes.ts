import type { ShelfEntry } from '../../domain/shelf.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SftpAttributes, SftpName } from './replies.ts';

const regularReadOnly = 0o100444;
const folderReadOnly = 0o040555;
const halfYearMs = 182 * 24 * 60 * 60 * 1000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function fileAttributes(size: number, time: string): SftpAttributes {
  return { size, mode: regularReadOnly, time: seconds(time) };
}

export function entryAttributes(entry: ShelfEntry): SftpAttributes {
  return entry.kind === 'file'
    ? fileAttributes(entry.size, entry.time)
    : { mode: folderReadOnly, time: seconds(entry.time) };
}

/** What READDIR says of an entry; the long name is a line of `ls -l`, which clients show as it is. */
export function entryName(entry: ShelfEntry, clock: Clock): SftpName {
  const [kind, size] = entry.kind === 'file' ? ['-r--r--r--    1', entry.size] : ['dr-xr-xr-x    2', 0];
  const when = listedTime(Date.parse(entry.time), clock());
  return {
    name: entry.name,
    longName: `${kind} keyway   keyway   ${String(size).padStart(10)} ${when} ${entry.name}`,
    attributes: entryAttributes(entry),
  };
}

/** SFTP version 3 holds 32 bits of seconds. */
const seconds = (time: string): number => Math.min(Math.max(Math.floor(Date.parse(time) / 1000), 0), 2 ** 32 - 1);

/** As `ls -l` has it, in UTC: the hour within half a year, else the year. */
function listedTime(time: number, now: number): string {
  const date = new Date(time);
  const day = `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const isRecent = time <= now && now - time < halfYearMs;
  return `${day} ${isRecent ? hourOf(date) : String(date.getUTCFullYear()).padStart(5)}`;
}

const hourOf = (date: Date): string => `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`;
const twoDigits = (number: number): string => String(number).padStart(2, '0');
