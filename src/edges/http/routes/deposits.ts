import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DepositRow } from '../../../catalog/queries/deposits.ts';
import { classificationBanner } from '../../../domain/classification.ts';
import { DepositId } from '../../../domain/ids.ts';
import { FileName } from '../../../domain/text.ts';
import type { KeptBack as Kept, WaiverAnswer as Waived } from '../../../services/waivers.ts';
import { rowsAtMost } from '../contract/common.ts';
import {
  CheckDeposit,
  DepositAnswer,
  DepositChecked,
  DepositList,
  DepositsQuery,
  DepositView,
  KeptBack,
  KeptBackList,
  OpenUpload,
  SubmitWaiver,
  UploadedFile,
  UploadOpened,
  WaiverAnswer,
} from '../contract/deposits.ts';
import type { HttpParts } from '../parts.ts';
import { byteStream, defineRoute, noBody, nothing } from '../route.ts';
import type { Uploads } from '../uploads.ts';

const oneDeposit = z.strictObject({ depositId: DepositId });

export function depositRoutes(
  app: FastifyInstance,
  { browse, depositCheck, lists, waivers }: Pick<HttpParts, 'browse' | 'depositCheck' | 'lists' | 'waivers'>,
  uploads: Uploads,
): void {
  defineRoute(app, {
    method: 'POST',
    url: '/deposits',
    id: 'openUpload',
    summary: 'Opens an upload with its sidecar.',
    access: { to: 'submit' },
    params: nothing,
    query: nothing,
    body: OpenUpload,
    statuses: [201],
    response: UploadOpened,
    handler: ({ asker, body }) => uploads.open(asker, body.fileName, Buffer.from(body.sidecar, 'base64')),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/deposits/check',
    id: 'checkDeposit',
    usedBy: 'screens',
    summary: 'Says what would be missing or wrong in a deposit, without making one.',
    access: { to: 'submit' },
    params: nothing,
    query: nothing,
    body: CheckDeposit,
    statuses: [200],
    response: DepositChecked,
    handler: ({ asker, body: { sidecar, ...asked } }) =>
      depositCheck.check(asker, { ...asked, bytes: Buffer.from(sidecar, 'base64') }),
  });

  defineRoute(app, {
    method: 'PUT',
    url: '/deposits/:depositId/files/:name',
    id: 'putFile',
    summary: 'Sends one file of an upload.',
    access: { to: 'submit' },
    params: z.strictObject({ ...oneDeposit.shape, name: FileName }),
    query: nothing,
    body: byteStream,
    statuses: [200],
    response: UploadedFile,
    handler: ({ asker, params, body, promised }) => {
      // Destroying the stream of a request would take the connection with it, and the answer.
      const content = body.iterator({ destroyOnReturn: false });
      return uploads.put(asker, { ...params, promised }, content);
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/deposits/:depositId/complete',
    id: 'completeUpload',
    summary: 'Hands a complete upload to intake; answers what became of it.',
    access: { to: 'submit' },
    params: oneDeposit,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: DepositAnswer,
    handler: ({ asker, params }) => uploads.complete(asker, params.depositId),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/deposits',
    id: 'deposits',
    summary: 'Lists deposits, the newest first.',
    access: { to: 'view' },
    params: nothing,
    query: DepositsQuery,
    body: noBody,
    statuses: [200],
    response: DepositList,
    handler: async ({ asker, query }) => {
      const { mine, state, after } = query;
      const place = after === undefined ? undefined : Number(after);
      const asked = { mine: mine === 'yes', state, after: place, rows: rowsAtMost(query) };
      const { deposits, next } = await lists.deposits(asker, asked);
      return { deposits: deposits.map(depositView), ...(next === undefined ? {} : { next: String(next) }) };
    },
  });

  defineRoute(app, {
    method: 'GET',
    url: '/deposits/:depositId',
    id: 'deposit',
    summary: 'Shows one deposit: its files, what inspection found and why it was rejected.',
    access: { to: 'view' },
    params: oneDeposit,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: DepositView,
    handler: async ({ asker, params }) => depositView(await browse.deposit(asker, params.depositId)),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/deposits/:depositId/waivers',
    id: 'keptBack',
    usedBy: 'screens',
    summary:
      'Shows a deposit that inspection keeps back, and who may waive what was found, to whoever may see what it would become.',
    access: { to: 'view' },
    params: oneDeposit,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: KeptBack,
    handler: async ({ asker, params }) => keptBack(await waivers.look(asker, params.depositId)),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/deposits/kept-back',
    id: 'keptBackList',
    usedBy: 'screens',
    summary: 'Lists deposits that inspection keeps back and that a waiver would admit, the newest first.',
    access: { to: 'view' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: KeptBackList,
    handler: async ({ asker }) => {
      const { keptBack: found, more } = await lists.keptBack(asker);
      return { deposits: found.map(keptBack), more };
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/deposits/:depositId/waivers',
    id: 'waive',
    summary: 'Records a signed waiver of one finding, and looks at the deposit again.',
    access: { to: 'approve-as' },
    params: oneDeposit,
    query: nothing,
    body: SubmitWaiver,
    statuses: [201],
    response: WaiverAnswer,
    handler: async ({ asker, params: { depositId }, body }) =>
      waiverAnswer(depositId, await waivers.waive(asker, depositId, body.envelope)),
  });
}

function keptBack({ row, manifest, roleFor }: Kept): z.input<typeof KeptBack> {
  const waivable = row.findings.flatMap(({ severity, file, rule, line, more }) => {
    if (severity !== 'block' || more !== undefined) return [];
    const role = roleFor(rule);
    return { file, rule, ...(line === undefined ? {} : { line }), ...(role === undefined ? {} : { role }) };
  });
  const { part, revision, operation, classification } = manifest;
  const job = { part, revision, operation, banner: classificationBanner(classification) };
  return { ...depositView(row), ...job, waivable };
}

export function waiverAnswer(depositId: DepositId, { index, outcome }: Waived): z.input<typeof WaiverAnswer> {
  const { state } = outcome;
  if (state === 'admitted') return { depositId, index, state, packageId: outcome.packageId };
  return { depositId, index, state, ...(state === 'rejected' ? { reasons: [...outcome.reasons] } : {}) };
}

function depositView({ packageId, person, ...row }: DepositRow): z.input<typeof DepositView> {
  return {
    ...row,
    ...(packageId === undefined ? {} : { packageId }),
    ...(person === undefined ? {} : { person }),
  };
}
