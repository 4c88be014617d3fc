import type { EventData, EventOf, Sequenced } from '../domain/events.ts';
import type { MediaId } from '../domain/ids.ts';

/** A stick that is out: with whom it is nobody knows, only for which machine. */
export type MediaOut = Omit<EventData<'media.issued'>, 'decision'> & { index: number; since: string };

type MediaEntry = Sequenced<EventOf<'media.issued' | 'media.returned'>>;

export const mediaEvents = ['media.issued', 'media.returned'] as const;
export const isMediaEntry = (entry: Sequenced): entry is MediaEntry =>
  mediaEvents.some((type) => type === entry.event.type);

/** The sticks that were issued and have not come back. */
export class MediaRegister {
  readonly #out = new Map<MediaId, MediaOut>();

  all(): Iterable<MediaOut> {
    return this.#out.values();
  }
  of(mediaId: string): MediaOut | undefined {
    return this.#out.get(mediaId as MediaId);
  }
  byNumber(number: string): MediaOut | undefined {
    return [...this.#out.values()].find((one) => one.number.toLowerCase() === number.toLowerCase());
  }

  apply({ event, index, time }: MediaEntry): void {
    if (event.type === 'media.returned') return void this.#out.delete(event.data.mediaId);
    const { decision: _, ...issued } = event.data;
    this.#out.set(issued.mediaId, { ...issued, index, since: time });
  }
}
