import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { EntryView, LedgerStateQuery, LedgerStatus, Rebuilt, TilePath, TrustView } from '../contract/ledger.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing, plainText } from '../route.ts';

const oneEntry = z.strictObject({ index: z.string().regex(/^(0|[1-9][0-9]{0,14})$/, 'must be decimal digits') });

export function ledgerRoutes(
  app: FastifyInstance,
  { ledgerBrowse, standing }: Pick<HttpParts, 'ledgerBrowse' | 'standing'>,
): void {
  const plain = { params: nothing, query: nothing, body: noBody };

  defineRoute(app, {
    method: 'GET',
    url: '/ledger',
    id: 'ledgerStatus',
    summary: 'Shows the size and root of the ledger and its newest signed checkpoint.',
    access: { to: 'read-ledger' },
    ...plain,
    statuses: [200],
    response: LedgerStatus,
    handler: ({ asker }) => ledgerBrowse.status(asker),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ledger/state',
    id: 'ledgerState',
    summary: 'How far the ledger and its checkpoints are, for anybody who is known.',
    usedBy: 'screens',
    access: { to: 'authenticated' },
    ...{ ...plain, query: LedgerStateQuery },
    statuses: [200],
    response: LedgerStatus,
    handler: ({ query: { since } }) => ledgerBrowse.state(since === undefined ? undefined : Number(since)),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/trust',
    id: 'trust',
    summary: 'The trust file in force, with every key by which entries, checkpoints and releases are checked.',
    usedBy: 'screens',
    access: { to: 'authenticated' },
    ...plain,
    statuses: [200],
    response: TrustView,
    handler: () => {
      const { trust } = standing.rules;
      if (!trust) throw new DomainError('not-found', 'No trust root was taken in yet.');
      return { version: trust.version, index: trust.index, digest: trust.root, file: trust.file };
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ledger/checkpoint',
    id: 'checkpoint',
    summary: 'The newest checkpoint, a C2SP signed note.',
    access: { to: 'read-ledger' },
    ...plain,
    statuses: [200],
    response: plainText,
    handler: ({ asker }) => ledgerBrowse.checkpoint(asker),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ledger/entries/:index',
    id: 'entry',
    summary: 'Shows one entry with the proof that it is in the ledger.',
    access: { to: 'read-ledger' },
    params: oneEntry,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: EntryView,
    handler: ({ asker, params }) => ledgerBrowse.entry(asker, Number(params.index)),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/ledger/tile/*',
    id: 'tile',
    summary: 'A hash tile or entry bundle of the newest signed tree (C2SP tlog-tiles).',
    access: { to: 'read-ledger' },
    params: z.strictObject({ '*': TilePath }),
    query: nothing,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: ({ asker, params }, reply) => {
      const { bytes, isFull } = ledgerBrowse.tile(asker, `tile/${params['*']}`);
      // Private: it was given to this asker. Partial tiles are few, and soon nobody asks for them again.
      reply.headers({
        'content-length': bytes.length,
        ...(isFull ? { 'cache-control': 'private, max-age=31536000, immutable' } : {}),
      });
      return Readable.from(bytes, { objectMode: false });
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/ledger/rebuild',
    id: 'rebuild',
    summary: 'Folds the catalogue anew from the ledger.',
    access: { to: 'administer' },
    ...plain,
    statuses: [200],
    response: Rebuilt,
    handler: ({ asker }) => ledgerBrowse.rebuild(asker),
  });
}
