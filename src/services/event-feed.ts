import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { subjectsOf } from '../catalog/apply/apply.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { DomainError } from '../domain/errors.ts';
import type { EventType, Sequenced } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { principalName } from '../domain/people.ts';
import { sequencedEntries } from '../ledger/open.ts';
import type { LedgerReader } from '../ledger/store.ts';
import type { Authority } from './authority.ts';
import { type EntrySight, type EntrySubject, subjectReader } from './entry-sight.ts';
import type { Asker } from './principals.ts';

type EventFeedParts = {
  reader: Pick<LedgerReader, 'texts' | 'entry' | 'size'>;
  catalog: Pick<Catalog, 'current'>;
  sight: Pick<EntrySight, 'maySeeSubject'>;
  authority: Pick<Authority, 'moment'>;
  /** Whether whoever listens is still who they were: a session may have ended, a person may have left. */
  isSignedIn(asker: Asker): boolean;
  log: Pick<Logger, 'error'>;
};
type Listener = { asker: Asker; stream: Readable; next: number };
type Told = { entry: Sequenced; subjects: string[]; about: EntrySubject };

/** Looking is no change of what anybody else is shown, and its news would make everybody look again. */
const untold: ReadonlySet<EventType> = new Set<EventType>(['access.listed', 'access.refused']);
/** What takes something away from screens that show it. */
const takesAway: ReadonlySet<EventType> = new Set<EventType>([
  ...(['release.withdrawn', 'release.superseded', 'release.held', 'release.recalled'] as const),
  ...(['package.withdrawn', 'package.replaced', 'approval.refused', 'problem.reported'] as const),
]);
/** What happens in quarantine is shown to few, and its lists are nobody's alone: everybody hears that there is something, and not what. */
const inQuarantine = (type: EventType): boolean => type.startsWith('deposit.') || type === 'finding.waived';
/** Whoever sends programs to machines hears of them too, and need not be one who views packages. */
const actions = ['view', 'send'] as const;

/**
 * News of the ledger for open screens, as server-sent events (HTML standard, 9.2). Each entry is told to those who may see it
 * at that moment, and to nobody else; whoever reads too slowly is let go and comes back with the last index that
 * they had. What is told names ids and never what is in a package.
 */
export class EventFeed {
  readonly #parts: EventFeedParts;
  readonly #listeners = new Set<Listener>();
  #told = 0;
  #telling: Promise<void> | undefined;
  #moment = '';
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: EventFeedParts) {
    this.#parts = parts;
  }

  /** From behind entry `since`, or from now on. Throws `busy` beyond the streams that one person, or all, may have. */
  listen(asker: Asker, since: number | undefined): Readable {
    this.#requireRoom(asker);
    const size = this.#parts.reader.size();
    if (this.#listeners.size === 0) this.#begin(size);
    const stream = new Readable({ read: () => {} });
    const listener: Listener = { asker, stream, next: Math.min(since === undefined ? size : since + 1, size) };
    stream.once('close', () => this.#forget(listener));
    stream.push(`retry: ${limits.eventRetryMs}\n\n`);
    this.#listeners.add(listener);
    void this.#catchUp(listener);
    return stream;
  }

  /** The ledger holds more. Returns at once. */
  appended(): void {
    if (this.#listeners.size === 0) return;
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
      if (this.#told < this.#parts.reader.size()) this.appended();
    });
  }

  close(): void {
    for (const { stream } of this.#listeners) stream.push(null);
  }

  #requireRoom(asker: Asker): void {
    const name = principalName(asker.principal);
    const own = [...this.#listeners].filter((other) => principalName(other.asker.principal) === name);
    if (own.length >= limits.eventStreamsPerAsker || this.#listeners.size >= limits.eventStreams)
      throw new DomainError('busy', 'Too many screens are open; close one, or try again in some seconds.');
  }

  #begin(size: number): void {
    this.#told = size;
    this.#moment = this.#parts.authority.moment;
    this.#timer = setInterval(() => this.#tick(), limits.eventLookMs);
    this.#timer.unref();
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) clearInterval(this.#timer);
  }

  async #tellAll(): Promise<void> {
    const { reader, log } = this.#parts;
    try {
      const size = reader.size();
      const told = await this.#read(Math.max(this.#told, size - limits.eventsBehind), size);
      const skipped = this.#told < size - limits.eventsBehind;
      this.#told = size;
      for (const listener of this.#listeners) {
        if (skipped) say(listener, 'reset', { index: size - 1 });
        for (const one of told) if (one.entry.index >= listener.next) this.#tell(listener, one);
        listener.next = Math.max(listener.next, size);
      }
    } catch (err) {
      // They come back by themselves, and are told what they missed.
      log.error({ err }, 'screens could not be told what happened');
      this.close();
    }
  }

  /** What was said while nobody of this address listened, before anything newer. */
  async #catchUp(listener: Listener): Promise<void> {
    const to = this.#told;
    const from = listener.next;
    listener.next = to;
    if (from >= to) return;
    try {
      if (to - from > limits.eventsBehind) say(listener, 'reset', { index: to - 1 });
      else for (const one of await this.#read(from, to)) this.#tell(listener, one);
    } catch (err) {
      this.#parts.log.error({ err }, 'a screen could not be told what it missed');
      listener.stream.push(null);
    }
  }

  async #read(from: number, to: number): Promise<Told[]> {
    const subjectOf = subjectReader(await this.#parts.catalog.current());
    const entries = [...sequencedEntries(this.#parts.reader, from, to)];
    return entries
      .filter(({ event }) => !untold.has(event.type))
      .map((entry) => ({ entry, subjects: subjectsOf(entry), about: subjectOf(entry.event) }));
  }

  #tell(listener: Listener, { entry, subjects, about }: Told): void {
    const { index, time, event } = entry;
    if (isOfPerson(listener.asker, entry)) say(listener, 'rights', {});
    if (!this.#parts.sight.maySeeSubject(listener.asker, about, actions)) {
      if (inQuarantine(event.type)) say(listener, 'quarantine', {});
      return;
    }
    say(listener, 'entry', { index, type: event.type, time, subjects }, index);
    if (takesAway.has(event.type)) say(listener, 'withdrawn', { subjects });
  }

  /** Statuses end with a day, sessions when they are left, and nobody appends an entry for it. */
  #tick(): void {
    const { authority, isSignedIn } = this.#parts;
    this.#ticks++;
    const [, ...lasting] = authority.moment.split(' ');
    const [, ...before] = this.#moment.split(' ');
    const changed = lasting.join(' ') !== before.join(' ');
    this.#moment = authority.moment;
    for (const listener of this.#listeners) {
      if (!isSignedIn(listener.asker)) listener.stream.push(null);
      else if (changed) say(listener, 'rights', {});
      else if (this.#ticks % limits.eventLooksPerBeat === 0) send(listener, ': still here\n\n');
    }
  }
}

const rightsOf: ReadonlySet<EventType> = new Set<EventType>([
  ...(['authorization.set', 'authorization.ended', 'classification.lowered', 'policy.authorised'] as const),
]);

/** Whether it changes what this very person may see; what is changed for a part or by a licence may be theirs too. */
function isOfPerson({ principal }: Asker, { event }: Sequenced): boolean {
  if (rightsOf.has(event.type)) return true;
  if (principal.kind !== 'person' || !event.type.startsWith('person.')) return false;
  const data: { person?: unknown } = event.data as { person?: unknown };
  return data.person === principal.id;
}

const say = (listener: Listener, event: string, data: object, id?: number): void =>
  send(listener, `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);

/** A screen that does not read is let go: its buffer would be everybody's memory. */
function send({ stream }: Listener, text: string): void {
  if (stream.destroyed || stream.readableEnded) return;
  if (stream.readableLength + text.length > limits.eventBufferBytes) stream.destroy();
  else stream.push(text);
}
