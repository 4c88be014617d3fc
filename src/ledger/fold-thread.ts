import { Worker } from 'node:worker_threads';
import type { Folding } from '../catalog/catalog.ts';
import { CatalogFold } from '../catalog/fold.ts';
import { DomainError } from '../domain/errors.ts';
import { FoldControl } from './fold-control.ts';
import type { FoldSettings } from './fold-worker.ts';

export type FoldThreadParts = {
  /** The files; the catalogue's is a prepared one (see `prepareCatalog`). */
  catalog: string;
  ledger: string;
  /** Folding failed: what was acknowledged is in the ledger and cannot be shown. The process must end and start again. */
  onFatal(error: unknown): void;
};

type Waiter = { size: number; resolve(): void; reject(error: unknown): void };

/** Folding in a thread of its own, which starts when there is something to fold. */
export function foldThread({ catalog, ledger, onFatal }: FoldThreadParts): Folding {
  const control = new FoldControl();
  let committed = committedSize(catalog);
  let worker: Worker | undefined;
  let failure: DomainError | undefined;
  let stopped = false;
  let waiters: Waiter[] = [];

  const onCommitted = (size: number) => {
    committed = size;
    const done = waiters.filter((waiter) => waiter.size <= size);
    waiters = waiters.filter((waiter) => waiter.size > size);
    for (const waiter of done) waiter.resolve();
  };
  const onFailed = (cause: unknown) => {
    failure = unreadable(cause);
    for (const waiter of waiters.splice(0)) waiter.reject(failure);
    onFatal(failure);
  };
  const start = () => {
    const workerData: FoldSettings = { catalog, ledger, control: control.memory };
    const started = new Worker(new URL('./fold-worker.ts', import.meta.url), { workerData });
    started.on('message', onCommitted);
    started.on('error', onFailed);
    return started;
  };

  return {
    follow(size) {
      if (stopped) return;
      control.wanted = size;
      if (size > committed) worker ??= start();
    },
    reached(size) {
      if (failure) return Promise.reject(failure);
      if (size <= committed) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiters.push({ size, resolve, reject });
      control.needed = size;
      return promise;
    },
    async stop() {
      stopped = true;
      if (!worker || failure) return;
      const ended = new Promise((resolve) => worker?.once('exit', resolve));
      control.stop();
      await ended;
    },
  };
}

function committedSize(path: string): number {
  const fold = CatalogFold.open(path);
  const size = fold?.size ?? 0;
  fold?.close();
  return size;
}

const unreadable = (cause: unknown) =>
  new DomainError(
    'ledger-unavailable',
    'The catalogue could not be folded from the ledger, so nothing can be shown or delivered. Call the administrator.',
    { cause },
  );
