import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWebFiles, serveWeb } from '../../../src/edges/http/web.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-web-'));
const page = '<!doctype html><title>Keyway</title>';
const script = 'console.log("screens");'.repeat(50);
const app = Fastify();

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), page);
  writeFileSync(join(folder, 'assets', 'index-abc.js'), script);
  writeFileSync(join(folder, 'assets', 'index-abc.js.gz'), gzipSync(script));
  writeFileSync(join(folder, 'assets', 'index-abc.js.map'), '{}');
  writeFileSync(join(folder, 'secret.pem'), 'a key');
  serveWeb(app, readWebFiles(folder));
  await app.ready();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

describe('the screens are served', () => {
  test('whole, under their own folder, which the door leads to', async () => {
    expect((await app.inject('/')).headers.location).toBe('/app/');
    expect((await app.inject('/app')).headers.location).toBe('/app/');
    const answer = await app.inject('/app/');
    expect([answer.statusCode, answer.body]).toEqual([200, page]);
  });

  test('also at an address inside of them, so that links can be sent', async () => {
    for (const at of ['/app/packages/PKG-1', '/app/packages/PKG-1?x=%2e%2e', '/app/..%2f..%2fetc%2fpasswd'])
      expect((await app.inject(at)).body, at).toBe(page);
  });

  test('compressed beforehand where the browser takes it, and kept for good under a name that is their content', async () => {
    const plain = await app.inject('/app/assets/index-abc.js');
    expect(plain.body).toBe(script);
    const small = await app.inject({ url: '/app/assets/index-abc.js', headers: { 'accept-encoding': 'gzip, br' } });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(small.rawPayload).toString()).toBe(script);
    expect(small.headers['cache-control']).toContain('immutable');
    expect(small.headers['content-type']).toContain('text/javascript');
  });

  test('and nothing else: no source map, no other kind of file, no page in place of a file that is gone', async () => {
    expect((await app.inject('/app/assets/index-abc.js.map')).statusCode).not.toBe(200);
    expect((await app.inject('/app/secret.pem')).body).toBe(page);
    expect((await app.inject('/app/assets/index-old.js')).statusCode).not.toBe(200);
  });

  test('with a policy that lets nothing inline run and no other place speak', async () => {
    const { headers } = await app.inject('/app/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(String(headers['permissions-policy'])).toContain('microphone=()');
  });
});

describe('the built screens', () => {
  const dist = join(import.meta.dirname, '..', '..', '..', 'src', 'web', 'dist');
  const built = readdirSync(dist, { recursive: true }).map(String);
  const sizeOf = (name: string) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;

  test('load at first in 180 kB at most', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    const first = [...html.matchAll(/\/app\/(assets\/[^"]+)/g)].map((match) => match[1] ?? '');
    const bytes = [...first, 'index.html'].reduce((sum, name) => sum + sizeOf(name), 0);
    expect(first.length).toBeGreaterThan(2);
    expect(bytes).toBeLessThanOrEqual(180 * 1024);
  });

  test('hold no source map, nothing inline and no address of another place', () => {
    expect(built.filter((name) => name.endsWith('.map'))).toEqual([]);
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style="|<script(?![^>]*src=)|(src|href)="(?!\/app\/)/);
    for (const name of built.filter((file) => /\.(js|css)$/.test(file)))
      expect(readFileSync(join(dist, name), 'utf8'), name).not.toContain('sourceMappingURL');
  });
});
