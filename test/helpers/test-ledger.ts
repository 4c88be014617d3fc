import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { Catalog, type Folding } from '../../src/catalog/catalog.ts';
import { prepareCatalog } from '../../src/catalog/rebuild.ts';
import { Digest } from '../../src/domain/digest.ts';
import type { DomainError } from '../../src/domain/errors.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import { PersonId, type RandomBytes } from '../../src/domain/ids.ts';
import type { Person } from '../../src/domain/people.ts';
import type { FoldThreadParts } from '../../src/ledger/fold-thread.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { type CheckpointSigner, Publisher, type PublisherParts } from '../../src/ledger/publisher.ts';
import type { LedgerReader, LedgerStore } from '../../src/ledger/store.ts';
import { SummaryKeeper } from '../../src/ledger/summary.ts';
import { formatCheckpoint } from '../../src/merkle/checkpoint.ts';
import { formatNote, type NoteSigner, type NoteVerifier, signNoteLine } from '../../src/merkle/note.ts';
import { keyIdOf, newP256Key, publicPem } from '../../src/signing/keys.ts';
import { inlineFolding } from './inline-folding.ts';
import { unsigned } from './unsigned.ts';

export const silentLog = pino({ level: 'silent' });
export const sealKey = createSecretKey(Buffer.alloc(32, 7));

/** Counts up, so that salts and ids differ and every run is the same. */
export function countingRandom() {
  let next = 0;
  return (size: number) => Buffer.alloc(size, 0).fill(`${next++}`.padStart(size, '0'));
}

/** Signs whatever it is given, as the signer process does once it has checked it. */
export function inProcessSigner(keys: LedgerKeys): CheckpointSigner {
  return {
    lastSigned: async () => ({ size: 0, root: '' }),
    async signCheckpoint({ size, root }) {
      const text = formatCheckpoint({ origin: keys.trust.origin, size, root: Buffer.from(root, 'base64') });
      return {
        note: formatNote(
          text,
          keys.ledgerSigners.map((signer) => signNoteLine(text, signer)),
        ),
      };
    },
  };
}

/** All that a ledger needs of the keys: verifiers for what is stored, signers for its checkpoints. */
export type LedgerKeys = {
  trust: { origin: string; ledgerVerifiers: readonly NoteVerifier[] };
  ledgerSigners: readonly NoteSigner[];
};

export type TestLedgerOptions = {
  keys: LedgerKeys;
  folder: string;
  clock?: () => number;
  wrapStore?: (store: LedgerStore) => LedgerStore;
  signer?: CheckpointSigner;
  published?: Pick<PublisherParts, 'anchor' | 'onPublished' | 'intervalMs'>;
  space?: { readonly isFull: boolean };
  random?: RandomBytes;
  onInconsistent?: (error: DomainError) => void;
  startFolding?: (parts: FoldThreadParts & { reader: LedgerReader }) => Folding;
};

/** Ledger, catalogue and publisher over files, without processes. */
export function openTestLedger({
  keys,
  folder,
  clock = () => 1_800_000_000_000,
  wrapStore = (s) => s,
  signer,
  published = {},
  space = { isFull: false },
  random = countingRandom(),
  onInconsistent = () => {},
  startFolding = ({ catalog, reader }) => inlineFolding(catalog, reader),
}: TestLedgerOptions) {
  const summary = join(folder, 'ledger.summary');
  const opened = openLedger({ path: join(folder, 'ledger.db'), summary, trust: keys.trust, sealKey });
  const { reader, tree, hashes, latest, lastTime, standing, standingEntries, summarised } = opened;
  const keeper = new SummaryKeeper(
    { path: summary, sealKey, reader, hashes, standing: standingEntries, log: silentLog },
    summarised,
  );
  const store = wrapStore(opened.store);
  let fatal: unknown;
  const broken = Promise.withResolvers<void>();
  const onFatal = (error: unknown) => {
    fatal = error;
    broken.resolve();
  };
  const paths = { catalog: join(folder, 'catalog.db'), ledger: join(folder, 'ledger.db') };
  prepareCatalog(paths.catalog, tree.size);
  const catalog = new Catalog(paths.catalog, tree.size, () => startFolding({ ...paths, reader, onFatal }));
  const publisher = new Publisher({
    store,
    signer: signer ?? inProcessSigner(keys),
    trust: keys.trust,
    hashes,
    latest,
    log: silentLog,
    onInconsistent,
    onStorageFailed: onFatal,
    // A story need not wait for its next checkpoint.
    intervalMs: 0,
    ...published,
  });
  const ledger = new Ledger({
    reader,
    store,
    standing,
    standingEntries,
    tree,
    sealKey,
    lastTime,
    space,
    clock,
    random,
    log: silentLog,
    onAppended: (head) => {
      catalog.follow(head.size);
      publisher.request(head);
    },
    onFatal,
  });
  publisher.request(ledger.head());
  const end = async (): Promise<void> => {
    publisher.close();
    await catalog.close();
    opened.store.close();
  };
  return {
    ledger,
    publisher,
    catalog,
    standing,
    keeper,
    reader,
    store: opened.store,
    opened,
    hashes,
    fatal: () => fatal,
    /** Resolves once something failed after which the process would end. */
    broken: broken.promise,
    end,
    /** Enough where the catalogue is folded in this thread. */
    close(): void {
      publisher.close();
      void catalog.close();
      opened.store.close();
    },
  };
}

/** An event of a size that a test chooses, otherwise of no meaning to it. */
export function someEvent(number: number): Event {
  const person = personNamed(`P-${number}`);
  return makeEvent('person.enrolled', { kind: 'gateway' }, { person, ...unsigned });
}

const key = newP256Key();
const keys: Person['keys'] = [{ keyId: Digest.parse(keyIdOf(key)), publicKey: publicPem(key), assurance: 'file' }];
const personNamed = (id: string): Person => ({
  id: PersonId.parse(id),
  name: 'P-0',
  roles: ['programmer'],
  keys,
});
