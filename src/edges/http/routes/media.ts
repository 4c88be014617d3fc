import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { StickManifest } from '../../../domain/media.ts';
import { checkedStream } from '../checked-stream.ts';
import {
  BeginReturn,
  Begun,
  EndReturn,
  fileOfMedia,
  IssueMedia,
  MediaIssued,
  MediaList,
  MediaProgram,
  MediaReturned,
  oneMedia,
} from '../contract/media.ts';
import { contentDigest } from '../message-signature.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';

/** Sticks that carry programs to machines without a network, and come back. */
export function mediaRoutes(app: FastifyInstance, { media }: Pick<HttpParts, 'media'>): void {
  defineRoute(app, {
    method: 'POST',
    url: '/media',
    id: 'issueMedia',
    summary:
      'Issues a numbered stick for one machine, with all programs that it may have now, and says what it leaves out.',
    access: { to: 'send' },
    params: nothing,
    query: nothing,
    body: IssueMedia,
    statuses: [201],
    response: MediaIssued,
    handler: ({ asker, body }) => media.issue(asker, body),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/media',
    id: 'media',
    summary: 'Lists the sticks that are out.',
    access: { to: 'send' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: MediaList,
    handler: async ({ asker }) => ({ media: await media.list(asker) }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/media/:mediaId/manifest',
    id: 'mediaManifest',
    summary: 'Gives the ledger entry that issued a stick, with its proof, to be written on it.',
    access: { to: 'send' },
    params: oneMedia,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: StickManifest,
    handler: ({ asker, params }) => media.manifest(asker, params.mediaId),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/media/:mediaId/files/:name',
    id: 'mediaFile',
    summary: 'Gives one program of a stick, or its signature NAME.p7s, to be written on it: this is a delivery.',
    access: { to: 'send' },
    params: fileOfMedia,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: byteStream,
    handler: async ({ asker, params }, reply) => {
      const { digest, size, content } = await media.open(asker, params.mediaId, params.name);
      reply.headers({ 'content-length': String(size), 'content-digest': contentDigest(digest) });
      return Readable.from(content, { objectMode: false });
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/media/:mediaId/return',
    id: 'beginReturn',
    summary: 'Begins to take a stick back.',
    access: { to: 'send' },
    params: oneMedia,
    query: nothing,
    body: BeginReturn,
    statuses: [200],
    response: Begun,
    handler: async ({ asker, params, body }) => {
      await media.begin(asker, params.mediaId, body);
      return params;
    },
  });

  defineRoute(app, {
    method: 'PUT',
    url: '/media/:mediaId/files/:name',
    id: 'takeBack',
    summary: 'Takes one file of a stick that is being returned, and says what it is beside what was delivered.',
    access: { to: 'send' },
    params: fileOfMedia,
    query: nothing,
    body: byteStream,
    statuses: [200],
    response: MediaProgram,
    handler: async ({ asker, params: { mediaId, name }, body, promised }) => {
      // Destroying the stream of a request would take the connection with it, and the answer.
      const content = body.iterator({ destroyOnReturn: false });
      const checked = promised ? checkedStream(content, promised) : content;
      return { name, verdict: await media.take(asker, mediaId, name, checked) };
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/media/:mediaId/returned',
    id: 'endReturn',
    summary: 'Ends the return of a stick: what it held, what is missing, and what else was on it.',
    access: { to: 'send' },
    params: oneMedia,
    query: nothing,
    body: EndReturn,
    statuses: [201],
    response: MediaReturned,
    handler: async ({ asker, params, body }) => {
      const { decision: _, ...returned } = await media.returned(asker, params.mediaId, body.odd);
      return returned;
    },
  });
}
