export type Answer = { status: number; type: string; body: Buffer };
type Bounds = {
  timeoutMs: number;
  answerBytes: number;
  signal?: AbortSignal;
  /** Absent: a GET. */
  post?: { type: string; body: string | Buffer };
};

/**
 * One HTTP request to a server that nobody trusts, such as a witness or a timestamping authority. Rejects with an Error
 * that says for a person why there is no answer, whatever the server does, within `timeoutMs`.
 */
export async function bounded(url: string, { timeoutMs, answerBytes, signal, post }: Bounds): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    // What it says counts only from the place that was configured.
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    ...(post
      ? { method: 'POST', body: new Uint8Array(Buffer.from(post.body)), headers: { 'content-type': post.type } }
      : {}),
  }).catch((error: unknown) => {
    throw new Error(`it does not answer (${causeOf(error)})`, { cause: error });
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > answerBytes) throw new Error(`its answer is larger than ${answerBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: Buffer.concat(chunks) };
}

/** `fetch` hides what happened behind "fetch failed". */
const causeOf = (error: unknown): string => {
  const { cause, name } = error as Error;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
};
