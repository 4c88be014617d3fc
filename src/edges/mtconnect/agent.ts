import { DomainError, toDomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { MonitorLink } from '../../domain/machine-links.ts';
import { nothingSaid, type Observation } from '../../domain/monitoring.ts';
import { following, readStreams, requireDevice } from './document.ts';
import { boundaryOf, parts } from './multipart.ts';

export type AgentListener = {
  heard(observation: Observation): void;
  away(reason: string): void;
};
export type AgentBounds = { answerMs: number; retryMs: number; retryMaxMs: number };
export const defaultBounds: AgentBounds = {
  answerMs: limits.monitorAnswerMs,
  retryMs: limits.monitorRetryMs,
  retryMaxMs: limits.monitorRetryMaxMs,
};

/**
 * Listens to one device of one agent: what there is, what is so now, and then what changes as it is said. Begins anew where
 * the agent was started anew or has forgotten what we have not heard. What an agent sends us elsewhere (a redirection) is not followed.
 */
export class Agent {
  readonly #link: MonitorLink;
  readonly #listener: AgentListener;
  readonly #bounds: AgentBounds;
  readonly #stopped = new AbortController();
  readonly #listening: Promise<void>;

  constructor(link: MonitorLink, listener: AgentListener, bounds: AgentBounds) {
    this.#link = link;
    this.#listener = listener;
    this.#bounds = bounds;
    this.#listening = this.#listen();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    let pauseMs = this.#bounds.retryMs;
    while (!this.#stopped.signal.aborted) {
      const heard = await this.#hear().catch((error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#listener.away(reasonOf(error));
        return false;
      });
      pauseMs = heard ? this.#bounds.retryMs : Math.min(pauseMs * 2, this.#bounds.retryMaxMs);
      await pause(pauseMs, this.#stopped.signal);
    }
  }

  /** Resolves when the agent has ended what it said. */
  async #hear(): Promise<boolean> {
    const { device } = this.#link;
    requireDevice(await this.#document('probe'), device);
    const current = readStreams(await this.#document('current'), device);
    let known = following(nothingSaid, current);
    this.#listener.heard(known);
    const { instanceId } = current;
    let { nextSequence } = current;
    for await (const text of this.#sample(nextSequence)) {
      const streams = readStreams(text, device);
      // An agent that was started anew, or that has forgotten something, counts otherwise.
      if (streams.instanceId !== instanceId || streams.nextSequence < nextSequence) break;
      ({ nextSequence } = streams);
      known = following(known, streams);
      this.#listener.heard(known);
    }
    return true;
  }

  async #document(what: 'probe' | 'current'): Promise<string> {
    const patience = new Patience(this.#bounds.answerMs, this.#stopped.signal);
    try {
      const answer = await this.#get(what, patience.signal);
      return await whole(answer.body);
    } finally {
      patience.end();
    }
  }

  /** A stream that says nothing, not even that it has nothing to say, is no stream. */
  async *#sample(from: number): AsyncIterable<string> {
    const { answerMs } = this.#bounds;
    const patience = new Patience(answerMs, this.#stopped.signal);
    const heartbeat = Math.max(1, Math.floor(answerMs / 3));
    const query = `sample?from=${from}&interval=${limits.monitorIntervalMs}&heartbeat=${heartbeat}&count=${limits.monitorCount}`;
    try {
      const answer = await this.#get(query, patience.signal);
      const boundary = boundaryOf(answer.headers.get('content-type') ?? undefined);
      if (boundary === undefined) return void (yield await whole(answer.body));
      for await (const text of parts(patience.renewedBy(answer.body), boundary)) yield text;
    } finally {
      patience.end();
    }
  }

  async #get(what: string, signal: AbortSignal): Promise<Response & { body: NonNullable<Response['body']> }> {
    const url = `${this.#link.url.replace(/\/$/, '')}/${what}`;
    const answer = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'text/xml, multipart/x-mixed-replace' },
    });
    if (answer.status === 200 && answer.body) return answer as Response & { body: NonNullable<Response['body']> };
    await answer.body?.cancel();
    throw new DomainError('not-supported', `The agent answered ${answer.status}.`);
  }
}

/** Ends a request when nothing has come for so long, or when somebody says so. */
class Patience {
  readonly #ended = new AbortController();
  readonly #ms: number;
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, stopped: AbortSignal) {
    this.#ms = ms;
    this.signal = AbortSignal.any([this.#ended.signal, stopped]);
    this.#renew();
  }

  async *renewedBy(body: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
    for await (const bytes of body) {
      this.#renew();
      yield Buffer.from(bytes);
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }

  #renew(): void {
    clearTimeout(this.#timer);
    const late = () => this.#ended.abort(new DomainError('busy', 'The agent has not said anything for too long.'));
    this.#timer = setTimeout(late, this.#ms);
  }
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > limits.monitorDocumentBytes)
      throw new DomainError(
        'too-large',
        `The agent sent a document of more than ${limits.monitorDocumentBytes} bytes.`,
      );
    all.push(part);
  }
  return Buffer.concat(all).toString('utf8');
}

function reasonOf(error: unknown): string {
  const { code, message } = toDomainError(error);
  return code === 'internal' ? 'The agent cannot be reached, or broke off.' : message.slice(0, 200);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
