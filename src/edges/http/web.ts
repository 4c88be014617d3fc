import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, posix, relative } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { byteStream, noBody, nothing, type RouteContract } from './route.ts';

/** The screens as `npm run build` left them: whole in memory, so that no request reaches the file system. */
export type WebFiles = ReadonlyMap<string, WebFile>;
type WebFile = { bytes: Buffer; gzipped: Buffer | undefined; type: string };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const page = 'index.html';
const builtFolder = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** Empty where nothing was built yet. */
export function readWebFiles(folder = builtFolder): WebFiles {
  if (!existsSync(folder)) return new Map();
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = new Map<string, WebFile>();
  for (const { parentPath, name } of found) {
    const type = types[extname(name)];
    const path = join(parentPath, name);
    if (type === undefined) continue;
    const gzipped = existsSync(`${path}.gz`) ? readFileSync(`${path}.gz`) : undefined;
    files.set(relative(folder, path).replaceAll('\\', '/'), { bytes: readFileSync(path), gzipped, type });
  }
  return files;
}

/**
 * Scripts, styles and everything else come from here and from nowhere else; nothing inline runs, and no text becomes
 * script or markup by assignment (Trusted Types). A work instruction is shown by the browser's own PDF reader.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** What a page may use of the device: a camera to scan travellers, and passkeys. */
const permissionsPolicy = [
  'camera=(self)',
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
  ...['display-capture', 'geolocation', 'hid', 'microphone', 'midi', 'payment', 'serial', 'usb'].map(
    (it) => `${it}=()`,
  ),
].join(', ');

const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'permissions-policy': permissionsPolicy,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Open to strangers, as it holds no data: what fills it is asked for by whoever signed in. */
const shell = (url: string, id: string, summary: string): RouteContract => ({
  ...{ method: 'GET', url, id, summary, access: { to: 'anyone' }, query: nothing, body: noBody, statuses: [200] },
  params: z.strictObject(url.endsWith('*') ? { '*': z.string() } : {}),
  response: byteStream,
});

export const webRoutes = ['GET /', 'GET /app', 'GET /app/*'];

/** Serves the screens: what is no file is an address inside of them, and gets the page. */
export function serveWeb(app: FastifyInstance, files: WebFiles): void {
  const toApp = async (_request: FastifyRequest, reply: FastifyReply) => reply.redirect('/app/', 308);
  for (const url of ['/', '/app']) {
    const contract = shell(url, url === '/' ? 'toScreens' : 'screensFolder', 'Leads to the screens.');
    app.get(url, { config: { access: contract.access, contract }, handler: toApp });
  }
  const contract = shell('/app/*', 'screens', 'The files of the screens.');
  app.get('/app/*', {
    config: { access: contract.access, contract },
    handler: async (request, reply) => {
      const name = posix.normalize((request.params as { '*': string })['*']);
      const isHashed = name.startsWith('assets/');
      const file = files.get(name) ?? (isHashed ? undefined : files.get(page));
      if (!file) throw new DomainError('not-found', files.size === 0 ? notBuilt : 'The screens have no such file.');
      return sendFile(request, reply, file, isHashed);
    },
  });
}

const notBuilt = 'The screens are not built here: npm run build makes them.';

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile, isHashed: boolean): FastifyReply {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const { type, gzipped, bytes } = file;
  reply.headers({ ...pageHeaders, 'content-type': type, vary: 'accept-encoding' });
  // Its name is its content; the page that names it is asked for anew each time.
  if (isHashed) reply.header('cache-control', 'public, max-age=31536000, immutable');
  if (!takesGzip || !gzipped) return reply.send(bytes);
  return reply.header('content-encoding', 'gzip').send(gzipped);
}
