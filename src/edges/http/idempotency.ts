import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../domain/errors.ts';
import { principalName } from '../../domain/people.ts';
import { digestOf } from '../../platform/hash.ts';
import type { KeptAnswers } from '../../platform/kept-answers.ts';
import { isAnsweredOnce } from './route.ts';

export type Answers = Pick<KeptAnswers, 'begin' | 'finish' | 'forget'>;

declare module 'fastify' {
  interface FastifyRequest {
    /** An act that is under way under a key of its asker. */
    keyed: { asker: string; key: string } | undefined;
  }
}

/**
 * `Idempotency-Key` on every POST that acts: the same key with the same request is given the first answer again, and with another
 * one it is refused. Each asker has keys of their own.
 */
export function answerOnce(app: FastifyInstance, answers: Answers): void {
  app.decorateRequest('keyed', undefined);
  app.addHook('preHandler', async (request, reply) => {
    const keyed = keyOf(request);
    if (!keyed) return;
    const before = answers.begin(keyed.asker, keyed.key, requestDigest(request));
    if (!before) {
      request.keyed = keyed;
      return;
    }
    const { status, body } = before;
    await reply.status(status).header('idempotency-replayed', 'true').type('application/json').send(body);
  });
  // Durable before the answer leaves.
  app.addHook('onSend', async (request, reply, payload) => {
    const { keyed } = request;
    request.keyed = undefined;
    if (keyed && Buffer.isBuffer(payload) && reply.statusCode < 300)
      answers.finish(keyed.asker, keyed.key, { status: reply.statusCode, body: payload });
    else if (keyed) answers.forget(keyed.asker, keyed.key);
    return payload;
  });
}

function keyOf({ headers, asker, routeOptions }: FastifyRequest): FastifyRequest['keyed'] {
  const key = headers['idempotency-key'];
  const { contract } = routeOptions.config;
  if (key === undefined || !asker || !contract || !isAnsweredOnce(contract)) return undefined;
  if (typeof key !== 'string' || !/^[A-Za-z0-9_-]{8,100}$/.test(key))
    throw new DomainError('request-invalid', 'An Idempotency-Key is 8 to 100 letters, digits, - or _.');
  return { asker: `${asker.principal.kind} ${principalName(asker.principal)}`, key };
}

const requestDigest = ({ method, url, body }: FastifyRequest): string =>
  digestOf(`${method} ${url}\n${JSON.stringify(body ?? null)}`);
