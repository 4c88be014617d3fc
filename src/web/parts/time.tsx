import { useSession } from '../queries/session.ts';
import { partWords } from '../words/parts.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, withYear: boolean, withSeconds: boolean): Intl.DateTimeFormat {
  const name = `${zone} ${withYear} ${withSeconds}`;
  const known = formats.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(withYear ? { year: 'numeric' } : {}),
    ...(withSeconds ? { second: '2-digit' } : {}),
  });
  formats.set(name, made);
  return made;
}

export function timeText(at: string, zone: string, withSeconds = false): string {
  const moment = new Date(at);
  const withYear = moment.getUTCFullYear() !== new Date().getUTCFullYear();
  return formatOf(zone, withYear, withSeconds).format(moment).replace(',', '');
}

/** Paper outlives its year. */
export const paperTime = (at: Date, zone: string): string => formatOf(zone, true, false).format(at).replace(',', '');

export const usePlantZone = (): string => useSession().data?.zone ?? 'UTC';

/** A moment in the plant's zone; UTC, exact, when somebody points at it. */
export function Time({ at, seconds = false }: { at: string; seconds?: boolean }) {
  const zone = usePlantZone();
  return (
    <time dateTime={at} title={partWords.utc(at.replace('T', ' ').replace('Z', ''))}>
      {timeText(at, zone, seconds)}
    </time>
  );
}

/** `3 min`, `5 h`, `2 d`: how long ago or until, where the exact moment matters less. */
export function span(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
