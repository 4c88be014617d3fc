import { type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { SessionView } from '../../edges/http/contract/session.ts';
import { api } from './paths.ts';

/** `live`: news arrives by itself. `lost`: what is shown may be old, and since when. */
type Connection = { state: 'live' | 'lost'; since: number };
type News = { index?: number; type?: string; subjects: readonly string[] };

let connection: Connection = { state: 'live', since: Date.now() };
const watchers = new Set<() => void>();
const setConnection = (state: Connection['state']): void => {
  if (connection.state === state) return;
  connection = { state, since: Date.now() };
  for (const tell of watchers) tell();
};

export const useConnection = (): Connection =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => connection,
  );

const together = 150;
const apart = 500;
/** Lists of what is in quarantine cost much: however busy the drop folders are, they are asked for no more often. */
const quarantineApart = 2_000;
const retryMs = 3_000;
/** How long a browser's own try to connect again may take before a person is told. */
const patienceMs = 4_000;

/** Follows the ledger while somebody is signed in, and has what changed asked for again. */
export function useNews(): void {
  const client = useQueryClient();
  useEffect(() => follow(client), [client]);
}

function follow(client: QueryClient): () => void {
  // Before anything else was asked for: what comes between its answer and the opening of the stream is told then.
  const begun = client.getQueryData<SessionView>(['session'])?.ledgerSize;
  const waiting: News[] = [];
  let source: EventSource | undefined;
  let timer: number | undefined;
  let lostTimer: number | undefined;

  const hear = (message: MessageEvent<string>): void => {
    const one = JSON.parse(message.data) as News;
    waiting.push(one);
    if (one.index !== undefined) client.setQueryData(['ledger-seen'], one.index + 1);
    told.soon();
  };
  const told = new Paced(apart, () => {
    const news = waiting.splice(0);
    void client.invalidateQueries({
      predicate: ({ queryKey, state }) => news.some((one) => isAbout(queryKey, one) || names(state.data, one)),
    });
  });
  const quarantine = new Paced(quarantineApart, () => void client.invalidateQueries({ queryKey: ['deposits'] }));
  const open = (): void => {
    source = new EventSource(api.events(client.getQueryData<number | null>(['ledger-seen']) ?? begun));
    source.addEventListener('entry', hear);
    // What is taken away must not be acted on for as long as other news may wait.
    source.addEventListener('withdrawn', (message) => {
      hear(message);
      told.now();
    });
    source.addEventListener('quarantine', () => quarantine.soon());
    // What may be seen has changed, or too much happened to tell.
    for (const kind of ['rights', 'reset']) source.addEventListener(kind, () => void client.invalidateQueries());
    source.addEventListener('open', () => {
      window.clearTimeout(lostTimer);
      lostTimer = undefined;
      if (connection.state === 'lost') void client.invalidateQueries();
      setConnection('live');
    });
    source.addEventListener('error', () => {
      lostTimer ??= window.setTimeout(() => setConnection('lost'), patienceMs);
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused, such as by the end of the session: whoever asks who is signed in finds out.
      void client.invalidateQueries({ queryKey: ['session'] });
      timer = window.setTimeout(open, retryMs);
    });
  };
  open();
  return () => {
    for (const one of [timer, lostTimer]) window.clearTimeout(one);
    for (const one of [told, quarantine]) one.stop();
    source?.close();
    setConnection('live');
  };
}

/** Many entries of one act come together, and a busy ledger never rests: one question for all of them. */
class Paced {
  readonly #apart: number;
  readonly #act: () => void;
  #timer: number | undefined;
  #last = 0;

  constructor(apart: number, act: () => void) {
    this.#apart = apart;
    this.#act = act;
  }

  soon(): void {
    this.#timer ??= window.setTimeout(() => this.now(), Math.max(together, this.#last + this.#apart - Date.now()));
  }

  now(): void {
    this.stop();
    this.#last = Date.now();
    this.#act();
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Lists follow the kind of entry, pages the ids that it names. */
const listsOf: Readonly<Record<string, readonly string[]>> = {
  deposit: ['deposits', 'packages', 'programs'],
  finding: ['deposits', 'packages'],
  package: ['packages', 'programs', 'deposits'],
  approval: ['packages', 'programs'],
  'first-article': ['packages'],
  release: ['packages', 'programs', 'machines', 'trace'],
  delivery: ['machines', 'trace', 'deliveries'],
  retrieval: ['machines', 'readbacks'],
  readback: ['machines', 'readbacks', 'trace'],
  residue: ['machines', 'residue'],
  run: ['runs', 'trace'],
  person: ['people', 'changes', 'session'],
  machine: ['machines'],
  zone: ['machines'],
  conduit: ['machines'],
  policy: ['policy'],
  change: ['changes'],
};

export function isAbout(key: QueryKey, { type, subjects }: News): boolean {
  if (key.some((one) => typeof one === 'string' && subjects.includes(one))) return true;
  const lists = listsOf[type?.split('.')[0] ?? ''] ?? [];
  return typeof key[0] === 'string' && lists.includes(key[0]) && !isPage(key);
}

/** A query of one thing has its id as second part, and a list its filters, an object. */
const isPage = (key: QueryKey): boolean => typeof key[1] === 'string';

/** What withdraws a release names the release and not its package: a page is also about the ids that it shows of itself. */
function names(data: unknown, { subjects }: News, depth = 0): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || depth > 1) return false;
  return Object.entries(data).some(
    ([name, value]) =>
      (name.endsWith('Id') && typeof value === 'string' && subjects.includes(value)) ||
      names(value, { subjects }, depth + 1),
  );
}
