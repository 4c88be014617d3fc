import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { ConnectionClosed, Outbox } from '../../../src/edges/sftp/outbox.ts';

/** A connection whose window and socket open when the test says so. */
function connection() {
  const written: Buffer[] = [];
  const taken: (() => void)[] = [];
  const socket = Object.assign(new EventEmitter(), { writableLength: 0, cork() {}, uncork() {} });
  const channel = {
    write(bytes: Buffer, done?: () => void) {
      written.push(bytes);
      if (done !== undefined) taken.push(done);
    },
  };
  return { written, taken, socket, outbox: new Outbox(channel as ServerChannel, socket as unknown as Socket) };
}

const stateOf = async (sending: Promise<void>) =>
  Promise.race([sending.then(() => 'sent'), new Promise((resolve) => setImmediate(resolve, 'waiting'))]);

describe('a reply', () => {
  it('is sent when the window has taken it, all parts in order', async () => {
    const { written, taken, outbox } = connection();
    const sending = outbox.send(Buffer.from('head'), Buffer.from('bytes'));
    expect(written.map(String)).toEqual(['head', 'bytes']);
    expect(await stateOf(sending)).toBe('waiting');
    taken[0]?.();
    expect(await stateOf(sending)).toBe('sent');
  });

  it('waits for a socket that holds more than its share', async () => {
    const { taken, socket, outbox } = connection();
    const sending = outbox.send(Buffer.from('a'));
    socket.writableLength = limits.sftpSendBufferBytes + 1;
    taken[0]?.();
    expect(await stateOf(sending)).toBe('waiting');
    socket.emit('drain');
    expect(await stateOf(sending)).toBe('sent');
  });

  it('fails when the connection goes, whether or not the channel ever says so', async () => {
    const { outbox } = connection();
    const sending = outbox.send(Buffer.from('a'));
    outbox.close();
    await expect(sending).rejects.toThrow(ConnectionClosed);
    await expect(outbox.send(Buffer.from('b'))).rejects.toThrow(ConnectionClosed);
  });
});
