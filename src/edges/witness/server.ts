import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Witness, WitnessAnswer } from './witness.ts';

type Answer = Omit<WitnessAnswer, 'status'> & { status: number };
const refusal = (status: number, why: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${why}\n`,
});

/**
 * Serves one witness over plain HTTP: all that passes is public, and signed at both ends. For another network, put a TLS
 * proxy before it. `onFatal` is called once when its storage failed; the process must end, as it no longer knows what
 * is on disk. Throws `config-invalid` when the address cannot be had. Port 0 lets the system choose.
 */
export async function serveWitness(options: {
  witness: Pick<Witness, 'add' | 'latest'>;
  host: string;
  port: number;
  log: Logger;
  onFatal(error: unknown): void;
}): Promise<{ port: number; close(): Promise<void> }> {
  const { witness, host, log, onFatal } = options;
  const bounds = {
    maxHeaderSize: limits.httpHeaderBytes,
    headersTimeout: limits.witnessRequestMs,
    requestTimeout: limits.witnessRequestMs,
    keepAliveTimeout: limits.httpKeepAliveMs,
    connectionsCheckingInterval: limits.witnessRequestMs / 10,
  };
  const server = createServer(bounds, (request, response) => {
    answer(witness, request).then(
      (made) => send(response, made),
      (error: unknown) => {
        send(response, refusal(500, 'The witness cannot answer; its own log says why.'));
        log.fatal({ err: error }, 'the witness cannot go on');
        onFatal(error);
      },
    );
  });
  server.setTimeout(limits.witnessRequestMs);
  server.maxConnections = limits.witnessConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new DomainError('config-invalid', `The witness cannot listen at ${host}:${options.port}: ${cause.code}.`, {
          cause,
        }),
      ),
    );
    server.listen({ host, port: options.port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(witness: Pick<Witness, 'add' | 'latest'>, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '').slice(1);
  if (path === 'add-checkpoint') {
    if (request.method !== 'POST') return refusal(405, 'A checkpoint is added with POST.');
    if (request.headers['content-encoding'] !== undefined) return refusal(415, 'No content encoding is understood.');
    const body = await readBody(request);
    return body ? witness.add(body) : refusal(413, `A request is at most ${limits.witnessRequestBytes} bytes.`);
  }
  if (request.method !== 'GET') return refusal(404, 'There is nothing here.');
  return witness.latest(path);
}

/** Undefined for a body that is too large, or whose sender went away: nobody waits for that answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.witnessRequestBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  // A refused body is not read to its end, so its connection cannot be used again.
  const rest = status === 413 || status === 500 ? { Connection: 'close' } : {};
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...rest,
  });
  response.end(body);
}
