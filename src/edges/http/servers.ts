import http, { type RequestListener, type Server, type ServerOptions } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { problemOf } from './errors.ts';

/** PEM. */
export type TlsFiles = {
  key: string | Buffer;
  cert: string | Buffer;
  /** Whether browsers are asked for a certificate. */
  clientCertificates?: boolean;
};

/**
 * TLS 1.2 with forward secrecy and AES-GCM, and TLS 1.3 (NIST SP 800-52r2 3.3.1). An operator who needs a validated
 * module finds every one of these suites in it.
 */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

const options: ServerOptions = {
  maxHeaderSize: limits.httpHeaderBytes,
  headersTimeout: limits.httpRequestMs,
  // The longest request is an upload; all others are small enough for it not to matter once their head was accepted.
  requestTimeout: limits.httpUploadMs,
  keepAliveTimeout: limits.httpKeepAliveMs,
  connectionsCheckingInterval: limits.httpRequestMs / 10,
};

/** An HTTP/1.1 server with every time and size bounded; Node and fastify set hardly any of them. Throws `config-invalid`. */
export function makeServer(handler: RequestListener, tls: TlsFiles | undefined): Server {
  const server = tls ? makeTlsServer(handler, tls) : http.createServer(options, handler);
  // Nothing on the socket either way; an answer may be that long in the making, where intake reads a large deposit.
  server.setTimeout(limits.httpUploadMs);
  server.maxConnections = limits.httpConnections;
  return server;
}

function makeTlsServer(handler: RequestListener, { key, cert, clientCertificates = false }: TlsFiles): Server {
  // Whoever shows none, or a bad one, gets in to sign in otherwise: what one is worth is judged at the sign-in. With an
  // authority to believe, Node hands over the certificate alone and keeps what came along with it to itself.
  const asking = clientCertificates && { requestCert: true, rejectUnauthorized: false, ca: [] };
  const secure = { key, cert, ciphers, minVersion: 'TLSv1.2', honorCipherOrder: true, ...asking } as const;
  try {
    return https.createServer({ ...options, ...secure, handshakeTimeout: limits.httpRequestMs }, handler);
  } catch (cause) {
    throw new DomainError('config-invalid', 'The TLS key and certificate cannot be used together.', { cause });
  }
}

/** Answers what is no HTTP request at all, or came too slowly, and ends the connection. */
export function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const problem = problemOf(brokenRequest(error.code));
    const body = JSON.stringify(problem);
    socket.write(
      `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}

function brokenRequest(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new DomainError('too-large', `The headers are larger than ${limits.httpHeaderBytes} bytes.`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new DomainError('request-invalid', 'The request did not arrive in time.');
  return new DomainError('request-invalid', 'This is not an HTTP/1.1 request.');
}
