import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedPacket, PacketSplitter, parseRequest } from '../../../src/edges/sftp/wire.ts';
import { bytes, packet, uint32, uint64 } from '../../helpers/sftp-raw.ts';

describe('the packets of a machine', () => {
  it('come out whole however the stream is cut', () => {
    const stat = packet(17, uint32(7), bytes('/4711'));
    const read = packet(5, uint32(8), bytes(uint32(1)), uint64(2n ** 40n), uint32(32_768));
    const stream = Buffer.concat([stat, read, stat]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const splitter = new PacketSplitter(1000);
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const packets = edges.slice(1).flatMap((to, i) => splitter.push(stream.subarray(edges[i], to)));
        expect(packets).toEqual([stat.subarray(4), read.subarray(4), stat.subarray(4)]);
      }),
    );
  });

  it('are refused when empty or over the limit, before they are all there', () => {
    expect(() => new PacketSplitter(1000).push(uint32(0))).toThrow(MalformedPacket);
    expect(() => new PacketSplitter(1000).push(uint32(1001))).toThrow(MalformedPacket);
    expect(() => new PacketSplitter(1000).push(uint32(0xffff_ffff))).toThrow(MalformedPacket);
  });

  it('give a read of a large offset exactly', () => {
    const body = packet(5, uint32(8), bytes('abcd'), uint64(2n ** 40n + 3n), uint32(9)).subarray(4);
    expect(parseRequest(body)).toMatchObject({ type: 'read', id: 8, offset: 2 ** 40 + 3, length: 9 });
  });

  it('are malformed when a field runs over the end', () => {
    expect(() => parseRequest(Buffer.from([17, 0, 0]))).toThrow(MalformedPacket);
    expect(() => parseRequest(packet(17, uint32(7), uint32(6), Buffer.from('/4711')).subarray(4))).toThrow(
      MalformedPacket,
    );
    expect(() => parseRequest(packet(3, uint32(7), bytes('/4711')).subarray(4))).toThrow(MalformedPacket);
  });

  it('never fail in another way than as malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (raw) => {
        try {
          parseRequest(Buffer.from(raw));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPacket);
        }
      }),
    );
  });
});
