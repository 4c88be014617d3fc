/** The one place that speaks HTTP: every answer is what was asked for, a `Refusal`, or `Unreachable`. */

import type { Problem } from '../../edges/http/contract/common.ts';
import { isSomebodyThere } from './presence.ts';
import { wholeOf } from './whole-of.ts';

/** What the gateway said no to, in its own words. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nobody answered, so that nobody knows whether the act happened: it is asked again under the same key. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The gateway does not answer.', { cause });
  }
}

export const isSignedOut = (error: unknown): boolean => error instanceof Refusal && error.problem.status === 401;

type Asked = { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; body?: unknown; bytes?: Blob; actKey?: string };

/** A form that a page asks for and the server checked when it answered (`defineRoute`): not checked again here. */
export const getJson = async <T>(path: string): Promise<T> => (await ask(path, {})).json() as Promise<T>;
export const getBytes = async (path: string): Promise<ArrayBuffer> => wholeOf(await ask(path, {}));
export const getText = async (path: string): Promise<string> => (await ask(path, {})).text();

/** `actKey` names the act: the gateway does what came twice under one key once. */
export async function sendJson<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, actKey?: string) {
  const answer = await ask(path, { method, body, ...(actKey === undefined ? {} : { actKey }) });
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export async function sendBytes<T>(path: string, bytes: Blob): Promise<T> {
  return (await ask(path, { method: 'PUT', bytes })).json() as Promise<T>;
}

/** Bytes that an act makes, such as a pack of evidence. */
export const sendForBytes = async (path: string, body: unknown, actKey: string): Promise<Blob> =>
  (await ask(path, { method: 'POST', body, actKey })).blob();

async function ask(path: string, { method = 'GET', body, bytes, actKey }: Asked): Promise<Response> {
  const headers: Record<string, string> = {};
  // What a foreign page cannot send: a form knows no headers of its own.
  if (method !== 'GET') headers['Keyway-Session'] = '1';
  // What a page asks for by itself keeps no session awake.
  if (method === 'GET' && !isSomebodyThere()) headers['Keyway-Background'] = '1';
  if (actKey !== undefined) headers['Idempotency-Key'] = actKey;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (bytes !== undefined) headers['Content-Type'] = 'application/octet-stream';
  const content = bytes ?? (body === undefined ? null : JSON.stringify(body));
  const answer = await fetch(path, { method, headers, body: content, cache: 'no-store' }).catch((cause: unknown) => {
    throw new Unreachable(cause);
  });
  if (!answer.ok) throw new Refusal(await problemIn(answer));
  return answer;
}

async function problemIn(answer: Response): Promise<Problem> {
  if (answer.headers.get('content-type')?.startsWith('application/problem+json')) return answer.json();
  // A proxy on the way answers in its own manner.
  return {
    type: 'about:blank',
    title: answer.statusText,
    status: answer.status,
    code: 'internal',
    detail: `The answer was ${answer.status} ${answer.statusText}, and not one of the gateway's.`,
  };
}
