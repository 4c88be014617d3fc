import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDevelopmentPki } from '../../../certs-dev/generate.ts';
import type { PackageId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { GatewayClient } from '../../../src/edges/http/client.ts';
import { listenHttp } from '../../../src/edges/http/listen.ts';
import { makeServer } from '../../../src/edges/http/servers.ts';
import { pemSigningKey } from '../../../src/signing/signing-key.ts';
import { engineer, fakeParts, neverCalled, openHttpDoor, pki } from './http-door.ts';

let folder: string;
let ends: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyway-listen-'));
});
afterEach(async () => {
  for (const end of ends) await end();
  ends = [];
  rmSync(folder, { recursive: true, force: true });
});

const tls = { key: pki.tls.privateKeyPem, cert: pki.tls.certificatePem };
async function listen(socketPath: string, port = 0) {
  const door = await listenHttp({ parts: fakeParts(folder), host: '127.0.0.1', port, tls, socketPath });
  ends.push(door.close);
  return door;
}
const invalid = (text: string) => ({ code: 'config-invalid', message: expect.stringContaining(text) });

describe('the local socket', () => {
  it('is for the gateway’s own account alone, in a folder that nobody else may enter', async () => {
    const path = join(folder, 'run', 'keyway.sock');
    await listen(path);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(lstatSync(path).isSocket()).toBe(true);
    expect(lstatSync(join(folder, 'run')).mode & 0o777).toBe(0o700);
    expect(await GatewayClient.overSocket(path).health()).toEqual({ status: 'ok' });
  });

  it('is not opened in a folder that others may enter, or that is a link', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o750);
    await expect(listen(join(open, 'keyway.sock'))).rejects.toMatchObject(invalid('0700'));
    mkdirSync(join(folder, 'real'), { mode: 0o700 });
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await expect(listen(join(folder, 'link', 'keyway.sock'))).rejects.toMatchObject(invalid('0700'));
  });

  it('takes the place of one that a killed gateway left', async () => {
    const path = join(folder, 'run', 'keyway.sock');
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    await leaveSocketBehind(path);
    await listen(path);
    expect(await GatewayClient.overSocket(path).health()).toEqual({ status: 'ok' });
  });

  it('is not taken from a gateway that answers', async () => {
    const path = join(folder, 'run', 'keyway.sock');
    await listen(path);
    await expect(listen(path)).rejects.toMatchObject(invalid('another gateway answers'));
    expect(await GatewayClient.overSocket(path).health()).toEqual({ status: 'ok' });
  });

  it('never removes what is no socket', async () => {
    const path = join(folder, 'run', 'keyway.sock');
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    writeFileSync(path, 'somebody’s file');
    await expect(listen(path)).rejects.toMatchObject(invalid('is no socket'));
    expect(lstatSync(path).size).toBeGreaterThan(0);
  });

  it('is gone when the door closed, and a client then says how to start a gateway', async () => {
    const path = join(folder, 'run', 'keyway.sock');
    const door = await listen(path);
    await door.close();
    ends = [];
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
    await expect(GatewayClient.overSocket(path).health()).rejects.toMatchObject({
      code: 'gateway-unreachable',
      message: expect.stringContaining('keyway serve'),
    });
  });
});

describe('the TLS listener', () => {
  it('speaks TLS 1.2 with forward secrecy and 1.3, and nothing older or weaker', async () => {
    const { port } = await listen(join(folder, 'run', 'keyway.sock'));
    const handshake = async (options: object) => {
      const socket = connect({ port, host: '127.0.0.1', ca: pki.ca.certificatePem, ...options });
      try {
        await once(socket, 'secureConnect');
        return { protocol: socket.getProtocol(), cipher: socket.getCipher().name };
      } catch {
        return 'refused';
      } finally {
        socket.destroy();
      }
    };
    expect(await handshake({})).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatchObject({ cipher: expect.stringMatching(/^ECDHE-.*GCM/) });
    expect(await handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toBe(
      'refused',
    );
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' })).toBe('refused');
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' })).toBe('refused');
  });

  it('that cannot bind or has a key of another certificate leaves nothing open', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as { port: number };
    const path = join(folder, 'run', 'keyway.sock');
    await expect(listen(path, port)).rejects.toMatchObject(invalid('EADDRINUSE'));
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
    busy.close();
    const other = makeDevelopmentPki({ now: Date.now(), hostnames: ['localhost'], ips: [] });
    const mixed = { key: other.tls.privateKeyPem, cert: pki.tls.certificatePem };
    const options = { parts: fakeParts(folder), host: '127.0.0.1', port: 0, socketPath: path };
    await expect(listenHttp({ ...options, tls: mixed })).rejects.toMatchObject(invalid('cannot be used together'));
  });

  it('is believed by our own client only under the CA that it was given', async () => {
    const { port } = await listen(join(folder, 'run', 'keyway.sock'));
    const who = { signer: pemSigningKey(engineer.key) };
    const url = `https://127.0.0.1:${port}`;
    expect(await GatewayClient.overTls(url, { ca: pki.ca.certificatePem, ...who }).packages()).toEqual([]);
    const stranger = makeDevelopmentPki({ now: Date.now(), hostnames: ['localhost'], ips: ['127.0.0.1'] });
    await expect(
      GatewayClient.overTls(url, { ca: stranger.ca.certificatePem, ...who }).packages(),
    ).rejects.toMatchObject({ code: 'gateway-unreachable' });
    await expect(GatewayClient.overTls(url, { ca: pki.ca.certificatePem }).packages()).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

it('every time and size of both servers is bounded', () => {
  for (const server of [makeServer(() => {}, undefined), makeServer(() => {}, tls)]) {
    expect(server).toMatchObject({
      requestTimeout: limits.httpUploadMs,
      headersTimeout: limits.httpRequestMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      timeout: limits.httpUploadMs,
      maxConnections: limits.httpConnections,
    });
  }
});

it('a gateway that is not ready says so with 503, and what is not', async () => {
  const checks = { ledger: true, signer: false, sftp: true, checkpoint: true };
  const door = await openHttpDoor(() => ({ readiness: () => ({ ready: false, checks }) }));
  ends.push(door.close);
  expect((await door.overTls({ path: '/ready' })).status).toBe(503);
  expect(await door.local.ready()).toEqual({ ready: false, checks });
});

it('a request under way when the door closes is answered, and idle connections do not hold it up', async () => {
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const door = await openHttpDoor(() => ({
    releases: {
      issue: neverCalled,
      withdraw: async () => {
        begin();
        await go;
        return { index: 5, withdrawn: 'PKG-0123456789' as PackageId };
      },
    },
  }));
  const agent = new Agent({ keepAlive: true });
  const idle = request({ socketPath: door.socketPath, path: '/health', agent }).end();
  const [answer] = await once(idle, 'response');
  answer.resume();
  await once(answer, 'end');
  const underWay = door.local.withdraw('PKG-0123456789', 'A slip.');
  await begun;
  const closed = door.close();
  goOn();
  expect(await underWay).toMatchObject({ index: 5 });
  await closed;
  agent.destroy();
});

/** Binds it in a process that is then killed, as `kill -9` leaves it. */
async function leaveSocketBehind(path: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(lstatSync(path).isSocket()).toBe(true);
}
