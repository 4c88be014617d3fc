import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededBytes } from './seeded.ts';
import { until } from './sftp-test-door.ts';
import { TcpProxy } from './tcp-proxy.ts';

const content = Buffer.from(seededBytes(7)(300_000));
let server: Server;
let proxy: TcpProxy;
/** What came to the server, a connection each, in the order in which they came. */
let came: Buffer[][];
beforeEach(async () => {
  came = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const pieces: Buffer[] = [];
    came.push(pieces);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => pieces.push(bytes));
    socket.on('end', () => socket.end(content));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  proxy = await TcpProxy.to(typeof address === 'object' && address !== null ? address.port : 0);
});
afterEach(async () => {
  await proxy.close();
  server.close();
});

const call = (said: Buffer): Socket => connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }).end(said);
const bytesAt = (number: number): Buffer => Buffer.concat(came[number] ?? []);

describe('a network of a test', () => {
  it('passes every byte of both ways, and the ends', async () => {
    expect((await buffer(call(content))).equals(content)).toBe(true);
    expect(bytesAt(0).equals(content)).toBe(true);
  });

  it('cuts a connection behind as many bytes as it is told', async () => {
    proxy.weather = () => ({ toServer: { cutAfter: 100_000 } });
    await expect(buffer(call(content))).rejects.toThrow('ECONNRESET');
    expect(bytesAt(0).length).toBeLessThanOrEqual(100_000);
  });

  it('falls silent behind as many bytes as it is told, until it is cut', async () => {
    proxy.weather = (number) => (number === 0 ? { toClient: { stallAfter: 1_000 } } : {});
    const stalled = call(content);
    let got = 0;
    stalled.on('data', (bytes) => {
      got += bytes.length;
    });
    await until(() => got === 1_000, 'the bytes before the silence');
    expect((await buffer(call(content))).length).toBe(content.length);
    expect(got).toBe(1_000);
    proxy.cut();
    await expect(once(stalled, 'end')).rejects.toThrow('ECONNRESET');
  });

  it('is slow', async () => {
    proxy.weather = () => ({ toClient: { bytesPerSecond: 3_000_000 } });
    const startedAt = performance.now();
    expect((await buffer(call(content))).equals(content)).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
  });

  it('lets the connection that was made first come second', async () => {
    const held = Promise.withResolvers<void>();
    proxy.weather = (number) => (number === 0 ? { heldUntil: held.promise } : {});
    const first = call(Buffer.from('first'));
    await until(() => proxy.connections === 1, 'the first connection');
    await buffer(call(Buffer.from('second')));
    held.resolve();
    await buffer(first);
    expect([String(bytesAt(0)), String(bytesAt(1))]).toEqual(['second', 'first']);
  });
});
