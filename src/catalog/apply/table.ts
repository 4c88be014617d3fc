import type { EventOf, EventType, Sequenced } from '../../domain/events.ts';

export type Apply = (entry: Sequenced) => void;
/** What each of some kinds of event does to the tables. */
export type ApplyTable<T extends EventType> = { [K in T]: (entry: Sequenced<EventOf<K>>) => void };
