import { z } from 'zod';
import { DomainError, errorCodes, toDomainError } from '../domain/errors.ts';

/** Two ends that carry JSON messages in order: a child process' IPC channel, or a pair in memory in tests. */
export interface Channel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** One procedure: the schemas of what goes in and what comes back. Both ends check both. */
export type Procedure<I = unknown, O = unknown> = { input: z.ZodType<I>; output: z.ZodType<O> };
export type Procedures = Record<string, Procedure>;
export const procedure = <I, O>(input: z.ZodType<I>, output: z.ZodType<O>): Procedure<I, O> => ({ input, output });

export type Handlers<P extends Procedures> = {
  [K in keyof P]: (input: z.output<P[K]['input']>) => Promise<z.output<P[K]['output']>> | z.output<P[K]['output']>;
};
export type Caller<P extends Procedures> = <K extends keyof P & string>(
  name: K,
  input: z.output<P[K]['input']>,
  /** Where the answer may take longer than that of the others. */
  timeoutMs?: number,
) => Promise<z.output<P[K]['output']>>;

const Message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('call'), id: z.int(), name: z.string().max(100), input: z.unknown() }),
  z.strictObject({ kind: z.literal('result'), id: z.int(), output: z.unknown() }),
  z.strictObject({
    kind: z.literal('error'),
    id: z.int(),
    code: z.enum(errorCodes),
    message: z.string(),
    field: z.string().optional(),
  }),
]);

const Named = z.strictObject({ channel: z.string().max(20), message: z.unknown() });

/** One of several conversations over the same channel: each hears only what was said in its name. */
export function namedChannel(channel: Channel, name: string): Channel {
  return {
    post: (message) => channel.post({ channel: name, message }),
    onMessage: (listener) =>
      channel.onMessage((raw) => {
        const named = Named.safeParse(raw);
        if (named.success && named.data.channel === name) listener(named.data.message);
      }),
    onClose: (listener) => channel.onClose(listener),
  };
}

/** Answers the other end's calls of `procedures`; what is no DomainError goes to `onUnforeseen`, for the log. A message that fits no schema is answered or dropped, never obeyed. */
export function serveCalls<P extends Procedures>(
  channel: Channel,
  procedures: P,
  handlers: Handlers<P>,
  onUnforeseen: (error: unknown) => void = () => {},
): void {
  channel.onMessage((raw) => {
    const message = Message.safeParse(raw);
    if (!message.success || message.data.kind !== 'call') return;
    const { id, name, input } = message.data;
    void answer(procedures, handlers, name, input).then(
      (output) => channel.post({ kind: 'result', id, output }),
      (error: unknown) => {
        const { code, message: text, field } = toDomainError(error);
        if (code === 'internal') onUnforeseen(error);
        channel.post({ kind: 'error', id, code, message: text, ...(field === undefined ? {} : { field }) });
      },
    );
  });
}

async function answer<P extends Procedures>(procedures: P, handlers: Handlers<P>, name: string, input: unknown) {
  const described = Object.hasOwn(procedures, name) ? procedures[name] : undefined;
  const handler = handlers[name];
  if (described === undefined || handler === undefined)
    throw new DomainError('request-invalid', `No procedure ${name}.`);
  const parsed = described.input.safeParse(input);
  if (!parsed.success) throw new DomainError('request-invalid', `${name}: ${z.prettifyError(parsed.error)}`);
  return (handler as (input: unknown) => unknown)(parsed.data);
}

/**
 * Calls the other end. Rejects with its error, or with `unavailable` when the channel closes or `timeoutMs` pass
 * without an answer; a late answer is dropped.
 */
export function makeCaller<P extends Procedures>(
  channel: Channel,
  procedures: P,
  options: { timeoutMs: number; unavailable: () => DomainError },
): Caller<P> {
  const waiting = new Map<
    number,
    { resolve(output: unknown): void; reject(error: Error): void; timer: NodeJS.Timeout }
  >();
  let nextId = 1;
  let closed = false;
  const settle = (id: number) => {
    const entry = waiting.get(id);
    if (entry) clearTimeout(entry.timer);
    waiting.delete(id);
    return entry;
  };
  channel.onMessage((raw) => {
    const message = Message.safeParse(raw);
    if (!message.success || message.data.kind === 'call') return;
    const entry = settle(message.data.id);
    if (message.data.kind === 'result') entry?.resolve(message.data.output);
    else {
      const { code, message: text, field } = message.data;
      entry?.reject(new DomainError(code, text, field === undefined ? {} : { field }));
    }
  });
  channel.onClose(() => {
    closed = true;
    for (const id of [...waiting.keys()]) settle(id)?.reject(options.unavailable());
  });
  return async (name, input, timeoutMs = options.timeoutMs) => {
    if (closed) throw options.unavailable();
    const output = await new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      const timer = setTimeout(() => settle(id)?.reject(options.unavailable()), timeoutMs);
      waiting.set(id, { resolve, reject, timer });
      channel.post({ kind: 'call', id, name, input });
    });
    const described = procedures[name];
    if (described === undefined) throw new DomainError('request-invalid', `No procedure ${name}.`);
    return described.output.parse(output) as never;
  };
}
