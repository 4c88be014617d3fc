import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { limits } from '../../src/domain/limits.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { VerifiedBlob } from '../../src/vault/verified-blob.ts';

let folder: string;
let store: BlobStore;
let salt = 0;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'keyway-vault-'));
  store = new BlobStore(folder);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const chunk = limits.blobChunkBytes;
const largeSize = limits.blobHeldFileBytes + 3 * chunk + 777;

/** Bytes that no earlier test has used: chunk tables are remembered by digest for the whole process. */
function content(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  salt++;
  for (let at = 0; at + 8 <= size; at += 64) bytes.writeDoubleLE(at + salt / 1_000, at);
  return bytes;
}

async function admitted(bytes: Buffer): Promise<Digest> {
  const { digest } = await store.putBytes(bytes);
  store.admit(digest);
  fs.chmodSync(store.path(digest), 0o600);
  return digest;
}

/** Changes one byte in place, as an administrator with an editor could. */
function flip(digest: Digest, at: number): void {
  const fd = fs.openSync(store.path(digest), 'r+');
  const byte = Buffer.alloc(1);
  fs.readSync(fd, byte, 0, 1, at);
  fs.writeSync(fd, Buffer.from([(byte[0] ?? 0) ^ 0x20]), 0, 1, at);
  fs.closeSync(fd);
}

describe('opening', () => {
  it.each([1_000, largeSize])('reads a blob of %i bytes from end to end as it was admitted', async (size) => {
    const bytes = content(size);
    const blob = await VerifiedBlob.open(folder, await admitted(bytes), size);
    const parts: Buffer[] = [];
    for (let at = 0; ; ) {
      const part = await blob.read(at, 32 * 1024);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    await blob.close();
    await blob.close();
    await expect(blob.read(0, 1)).rejects.toMatchObject({ code: 'internal' });
  });

  it('opens an empty blob, which has nothing to read', async () => {
    const blob = await VerifiedBlob.open(folder, await admitted(Buffer.alloc(0)), 0);
    expect(await blob.read(0, 100)).toHaveLength(0);
    await blob.close();
  });

  it('refuses a file that is not admitted, of another size, or a symbolic link', async () => {
    const { digest } = await store.putBytes(content(500));
    await expect(VerifiedBlob.open(folder, digest, 500)).rejects.toMatchObject({ code: 'not-found' });
    store.admit(digest);
    await expect(VerifiedBlob.open(folder, digest, 499)).rejects.toMatchObject({ code: 'bytes-differ' });
    fs.renameSync(store.path(digest), join(folder, 'moved'));
    fs.symlinkSync(join(folder, 'moved'), store.path(digest));
    await expect(VerifiedBlob.open(folder, digest, 500)).rejects.toMatchObject({ code: 'bytes-differ' });
  });

  it.each([
    [900, 0],
    [900, 899],
    [largeSize, 0],
    [largeSize, chunk],
    [largeSize, largeSize - 1],
  ])('never opens a blob of %i bytes whose byte %i was changed', async (size, at) => {
    const digest = await admitted(content(size));
    flip(digest, at);
    await expect(VerifiedBlob.open(folder, digest, size)).rejects.toMatchObject({ code: 'bytes-differ' });
    // Mended again it opens: a refusal is not remembered.
    flip(digest, at);
    await (await VerifiedBlob.open(folder, digest, size)).close();
  });

  it('lets many open one blob at the same time', async () => {
    const bytes = content(largeSize);
    const digest = await admitted(bytes);
    const blobs = await Promise.all(Array.from({ length: 5 }, () => VerifiedBlob.open(folder, digest, largeSize)));
    for (const blob of blobs) {
      expect((await blob.read(chunk - 5, 10)).equals(bytes.subarray(chunk - 5, chunk + 5))).toBe(true);
      await blob.close();
    }
  });
});

describe('reading', () => {
  it('gives what the plain bytes have at any range, in any order and at once', async () => {
    const small = content(70_000);
    const large = content(largeSize);
    const blobs = [
      { bytes: small, blob: await VerifiedBlob.open(folder, await admitted(small), small.length) },
      { bytes: large, blob: await VerifiedBlob.open(folder, await admitted(large), large.length) },
    ];
    for (const { bytes, blob } of blobs) {
      const range = fc.record({
        offset: fc.oneof(
          fc.nat(bytes.length + 10),
          fc.nat(20).map((n) => n * chunk),
        ),
        length: fc.oneof(fc.nat(300_000), fc.constantFrom(0, 1, chunk - 1, chunk, chunk + 1)),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 6 }), async (ranges) => {
          const parts = await Promise.all(ranges.map(({ offset, length }) => blob.read(offset, length)));
          return parts.every((part, at) => {
            const { offset, length } = ranges[at] ?? { offset: 0, length: 0 };
            return part.equals(bytes.subarray(offset, offset + length));
          });
        }),
        { numRuns: 60, seed: 11 },
      );
      await expect(blob.read(-1, 10)).rejects.toMatchObject({ code: 'request-invalid' });
      await blob.close();
    }
  });

  it('lends memory that is another chunk’s only once nobody uses it, and never after a use that failed', async () => {
    const bytes = content(largeSize);
    const blob = await VerifiedBlob.open(folder, await admitted(bytes), largeSize);
    const chunkAt = (n: number) => bytes.subarray(n * chunk, (n + 1) * chunk);
    const [sent, failed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lent: Buffer[] = [];
    const use = (n: number, until: Promise<void>) =>
      blob.lend(n * chunk, chunk, (part) => {
        lent[n] = part;
        return until;
      });
    const slow = use(0, sent.promise);
    const lost = use(1, failed.promise).catch(() => {});
    // Who reads a chunk after somebody has it after them: both are lent now, and neither is the newest.
    for (const n of [0, 1, 2]) await blob.read(n * chunk, 1);
    failed.reject(new Error('the connection is gone'));
    await lost;
    for (let n = 3; n < 15; n++) await use(n, Promise.resolve());
    expect(lent[0]?.equals(chunkAt(0))).toBe(true);
    expect(lent[1]?.equals(chunkAt(1))).toBe(true);
    sent.resolve();
    await slow;
    // Told apart by place: of those that were given back, most stand in memory of others.
    const places = new Set(lent.slice(3).map((part) => part.buffer));
    expect(places.size).toBeLessThan(5);
    expect(places.has(lent[1]?.buffer as ArrayBuffer)).toBe(false);
    await blob.close();
  });

  it('stops a transfer under which the file is changed in place, before a changed byte is handed out', async () => {
    const bytes = content(largeSize);
    const digest = await admitted(bytes);
    const blob = await VerifiedBlob.open(folder, digest, largeSize);
    expect((await blob.read(0, 32_768)).equals(bytes.subarray(0, 32_768))).toBe(true);

    flip(digest, 2 * chunk + 99);
    // What was verified before is still right, the chunk between is untouched, the changed one is refused.
    expect((await blob.read(32_768, 32_768)).equals(bytes.subarray(32_768, 65_536))).toBe(true);
    expect((await blob.read(chunk, 10)).equals(bytes.subarray(chunk, chunk + 10))).toBe(true);
    await expect(blob.read(2 * chunk, 10)).rejects.toMatchObject({ code: 'bytes-differ' });
    await expect(blob.read(2 * chunk - 10, 20)).rejects.toMatchObject({ code: 'bytes-differ' });
    await blob.close();
  });

  it('stops a transfer under which the file is cut short', async () => {
    const digest = await admitted(content(largeSize));
    const blob = await VerifiedBlob.open(folder, digest, largeSize);
    fs.truncateSync(store.path(digest), chunk + 1);
    await expect(blob.read(chunk, 1)).rejects.toMatchObject({ code: 'bytes-differ' });
    await blob.close();
  });

  it('hands out a small blob from memory, whatever happens to the file meanwhile', async () => {
    const bytes = content(5_000);
    const digest = await admitted(bytes);
    const blob = await VerifiedBlob.open(folder, digest, 5_000);
    fs.writeFileSync(store.path(digest), Buffer.alloc(5_000));
    expect((await blob.read(0, 5_000)).equals(bytes)).toBe(true);
    await blob.close();
    await expect(VerifiedBlob.open(folder, digest, 5_000)).rejects.toMatchObject({ code: 'bytes-differ' });
  });

  it('finds a change made between two transfers although the chunk hashes are remembered', async () => {
    const digest = await admitted(content(largeSize));
    await (await VerifiedBlob.open(folder, digest, largeSize)).close();
    flip(digest, chunk + 1);
    const blob = await VerifiedBlob.open(folder, digest, largeSize);
    await expect(blob.read(chunk, 10)).rejects.toMatchObject({ code: 'bytes-differ' });
    await blob.close();
  });
});

it('a digest of the wrong content is never satisfied by the right size', async () => {
  const bytes = content(largeSize);
  const digest = await admitted(bytes);
  const other = digestOf(content(largeSize));
  fs.mkdirSync(join(folder, 'blobs', other.slice(7, 9)), { recursive: true });
  fs.copyFileSync(store.path(digest), store.path(other));
  await expect(VerifiedBlob.open(folder, other, largeSize)).rejects.toMatchObject({ code: 'bytes-differ' });
});
