import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';

// Not imported: that reads all that node:http exports, which loads a WebSocket client into every command that starts.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** Where a gateway is: its local socket, or its HTTPS address with the CA that vouches for it (PEM). */
export type Destination = { socketPath: string } | { url: URL; ca: string | Buffer };

export type OutgoingRequest = {
  method: string;
  /** Path and query, percent-encoded. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
};

/** Sends one request and gives its answer, body unread. Throws `gateway-unreachable`; what `body` throws passes through. */
export async function send(
  destination: Destination,
  { method, target, headers, body }: OutgoingRequest,
): Promise<IncomingMessage> {
  const request = open(destination, { method, path: target, headers, timeout: limits.httpUploadMs });
  request.once('timeout', () => request.destroy(new Error('it did not answer in time')));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', (error) => reject(unreachable(destination, error)));
  });
  if (body === undefined || body instanceof Uint8Array) request.end(body);
  // Its end is waited for in any case: whoever sends a file closes it when this is over.
  else await write(request, body, answered);
  const answer = await answered;
  // A refusal that came before the end of the body: the rest is never sent, so that nothing more can be said here.
  if (!request.writableEnded) answer.once('close', () => request.destroy());
  return answer;
}

/** Writes until the end, or until there is an answer. `body` is left when this resolves. */
async function write(
  request: ClientRequest,
  body: AsyncIterable<Uint8Array>,
  answered: Promise<IncomingMessage>,
): Promise<void> {
  let done = false;
  const end = () => {
    done = true;
  };
  const settled = answered.then(end, end);
  try {
    for await (const part of body) {
      if (done) return;
      if (!request.write(part))
        await Promise.race([settled, new Promise<void>((resolve) => void request.once('drain', resolve))]);
    }
    request.end();
  } catch (error) {
    request.destroy();
    throw error;
  }
}

/** The whole body of an answer. Throws `too-large`, or `gateway-unreachable` when it ends before its end. */
export async function readAnswer(destination: Destination, answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limits.httpAnswerBytes)
        throw new DomainError('too-large', 'The answer is larger than this client reads.');
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof DomainError ? error : unreachable(destination, error as Error);
  }
  return Buffer.concat(parts);
}

function open(destination: Destination, options: RequestOptions): ClientRequest {
  // A connection of its own costs nothing here, where one that was kept may have been closed a moment ago.
  if ('socketPath' in destination)
    return http.request({ ...options, socketPath: destination.socketPath, agent: false });
  const { url, ca } = destination;
  // A literal IPv6 address stands in brackets in a URL and without them everywhere else.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return https.request({ ...options, host, port: url.port || 443, ca, minVersion: 'TLSv1.2' });
}

function unreachable(destination: Destination, error: NodeJS.ErrnoException): DomainError {
  const where = 'socketPath' in destination ? destination.socketPath : destination.url.origin;
  const { code = '' } = error;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new DomainError('gateway-unreachable', `No gateway answers at ${where}; start it with "keyway serve".`);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DomainError('gateway-unreachable', `This account may not open ${where}; only the gateway's own may.`);
  }
  return new DomainError('gateway-unreachable', `The connection to ${where} failed: ${code || error.message}.`, {
    cause: error,
  });
}
