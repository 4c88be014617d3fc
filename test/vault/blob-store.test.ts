import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { limits } from '../../src/domain/limits.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { blobPath } from '../../src/vault/blob-files.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';

let folder: string;
let store: BlobStore;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'keyway-vault-'));
  store = new BlobStore(folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function* pieces(...parts: (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

const temporaries = () => fs.readdirSync(join(folder, 'quarantine')).filter((name) => name.startsWith('.'));
const storedFiles = () =>
  fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).length;
const quarantined = (digest: Digest) => blobPath(folder, 'quarantine', digest);
const errno = (code: string) => Object.assign(new Error(code), { code });

describe('taking bytes into quarantine', () => {
  it('stores a program under the SHA-256 of its exact bytes, readable by its owner only and not writable', async () => {
    const stored = await store.put(pieces('%\nO1234\n', Buffer.from([0, 255, 13, 10]), 'M30\n%'), 1_000);

    const bytes = Buffer.concat([Buffer.from('%\nO1234\n'), Buffer.from([0, 255, 13, 10]), Buffer.from('M30\n%')]);
    expect(stored).toEqual({ digest: digestOf(bytes), size: bytes.length });
    expect(fs.readFileSync(quarantined(stored.digest))).toEqual(bytes);
    expect(fs.statSync(quarantined(stored.digest)).mode & 0o777).toBe(0o400);
    expect(fs.statSync(dirname(quarantined(stored.digest))).mode & 0o777).toBe(0o700);
    expect(temporaries()).toEqual([]);
  });

  it('takes an empty file, and a file of exactly the limit', async () => {
    expect(await store.put(pieces(), 0)).toEqual({ digest: digestOf(''), size: 0 });
    expect(await store.put(pieces('12345', '67890'), 10)).toEqual({ digest: digestOf('1234567890'), size: 10 });
  });

  it('refuses a file one byte beyond the limit, stops reading it and leaves nothing', async () => {
    let asked = 0;
    async function* endless() {
      for (;;) {
        asked++;
        yield Buffer.from('12345');
      }
    }
    await expect(store.put(endless(), 14)).rejects.toMatchObject({ code: 'too-large' });
    expect(asked).toBe(3);
    expect(storedFiles()).toBe(0);
  });

  it('leaves nothing when the sender breaks off, and passes on why', async () => {
    await expect(store.put(pieces('half', new Error('connection lost')), 100)).rejects.toThrow('connection lost');
    expect(storedFiles()).toBe(0);
  });

  it('keeps one file for equal bytes, also when they arrive at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => store.putBytes(Buffer.from('same'))));
    const { ino } = fs.statSync(quarantined(digestOf('same')));
    await store.putBytes(Buffer.from('same'));

    expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([digestOf('same')]));
    expect(storedFiles()).toBe(1);
    expect(fs.statSync(quarantined(digestOf('same'))).ino).toBe(ino);
  });

  it('does not take for equal bytes what someone put under the digest: a link or a shorter file', async () => {
    const linked = digestOf('linked');
    fs.mkdirSync(dirname(quarantined(linked)), { recursive: true });
    fs.symlinkSync('/etc/hostname', quarantined(linked));
    await expect(store.putBytes(Buffer.from('linked'))).rejects.toMatchObject({ code: 'bytes-differ' });

    const { digest } = await store.putBytes(Buffer.from('shortened'));
    fs.chmodSync(quarantined(digest), 0o600);
    fs.truncateSync(quarantined(digest), 4);
    await expect(store.putBytes(Buffer.from('shortened'))).rejects.toMatchObject({ code: 'bytes-differ' });
  });

  it.each(['ENOSPC', 'EDQUOT'])(
    'says storage-full on %s, wherever it strikes, and leaves no temporary',
    async (code) => {
      const real = fsPromises.open;
      for (const method of ['write', 'sync'] as const) {
        vi.spyOn(fsPromises, 'open').mockImplementation(async (...args) => {
          const handle = await real(...args);
          vi.spyOn(handle, method as 'sync').mockRejectedValue(errno(code));
          return handle;
        });
        syncBuiltinESMExports();
        await expect(store.putBytes(Buffer.from('x'))).rejects.toMatchObject({ code: 'storage-full' });
        vi.restoreAllMocks();
        syncBuiltinESMExports();
        expect(storedFiles()).toBe(0);
      }
      vi.spyOn(fsPromises, 'link').mockRejectedValue(errno(code));
      syncBuiltinESMExports();
      await expect(store.putBytes(Buffer.from('x'))).rejects.toMatchObject({ code: 'storage-full' });
      expect(storedFiles()).toBe(0);
    },
  );

  it('passes an I/O error on as it is', async () => {
    vi.spyOn(fsPromises, 'link').mockRejectedValue(errno('EIO'));
    syncBuiltinESMExports();
    await expect(store.putBytes(Buffer.from('x'))).rejects.toMatchObject({ code: 'EIO' });
  });

  it('deletes at start what an interrupted put left, and only that', async () => {
    const { digest } = await store.putBytes(Buffer.from('kept'));
    fs.writeFileSync(join(folder, 'quarantine', '.tmp-1-abc-put'), 'half a program');
    // Interrupted after it had its name: the temporary is the same file.
    fs.linkSync(quarantined(digest), join(folder, 'quarantine', '.tmp-1-def-put'));
    new BlobStore(folder).recover();
    expect(temporaries()).toEqual([]);
    expect(fs.readFileSync(quarantined(digest), 'utf8')).toBe('kept');
  });

  it('is durable step by step: content, then name, then folder; and for admission the link, then its folder', async () => {
    const steps: string[] = [];
    const real = fsPromises.open;
    const name = (path: unknown) => (String(path).includes('.tmp-') ? 'temporary' : String(path).slice(folder.length));
    vi.spyOn(fsPromises, 'open').mockImplementation(async (...args) => {
      const handle = await real(...args);
      const sync = handle.sync.bind(handle);
      vi.spyOn(handle, 'sync').mockImplementation(async () => {
        await sync();
        steps.push(`fsync ${name(args[0])}`);
      });
      return handle;
    });
    const link = fsPromises.link;
    vi.spyOn(fsPromises, 'link').mockImplementation(async (from, to) => {
      await link(from, to);
      steps.push(`link ${name(to)}`);
    });
    const opened = new Map<number, string>();
    const { openSync, fsyncSync, linkSync } = fs;
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
      const fd = openSync(...args);
      opened.set(fd, name(args[0]));
      return fd;
    });
    vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
      fsyncSync(fd);
      steps.push(`fsync ${opened.get(fd)}`);
    });
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      linkSync(from, to);
      steps.push(`link ${name(to)}`);
    });
    syncBuiltinESMExports();

    const { digest } = await store.putBytes(Buffer.from('program'));
    const hex = digest.slice(7);
    const shard = hex.slice(0, 2);
    expect(steps.splice(0)).toEqual([
      'fsync temporary',
      'fsync /quarantine',
      `link /quarantine/${shard}/${hex}`,
      `fsync /quarantine/${shard}`,
    ]);
    store.admit(digest);
    expect(steps.splice(0)).toEqual(['fsync /blobs', `link /blobs/${shard}/${hex}`, `fsync /blobs/${shard}`]);
    store.admit(digest);
    expect(steps).toEqual([`fsync /blobs/${shard}`]);
  });
});

describe('admission', () => {
  it('makes the quarantined file readable without copying it, and can be repeated', async () => {
    const { digest } = await store.putBytes(Buffer.from('program'));
    expect([store.inQuarantine(digest), store.has(digest)]).toEqual([true, false]);
    await expect(store.read(digest, 100)).rejects.toMatchObject({ code: 'not-found' });

    store.admit(digest);
    store.admit(digest);
    expect(store.has(digest)).toBe(true);
    expect(fs.statSync(store.path(digest)).ino).toBe(fs.statSync(quarantined(digest)).ino);
    expect(await store.read(digest, 100)).toEqual(Buffer.from('program'));
  });

  it('refuses a digest that never arrived, and a link in its place', () => {
    const digest = digestOf('never');
    expect(() => store.admit(digest)).toThrow(expect.objectContaining({ code: 'not-found' }));
    fs.mkdirSync(dirname(quarantined(digest)), { recursive: true });
    fs.symlinkSync('/etc/hostname', quarantined(digest));
    expect(() => store.admit(digest)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('reading', () => {
  it('gives quarantined bytes for inspection, whole', async () => {
    const { digest } = await store.putBytes(Buffer.from('G0 X1.'));
    expect(await store.readQuarantined(digest, 6)).toEqual(Buffer.from('G0 X1.'));
    await expect(store.readQuarantined(digest, 5)).rejects.toMatchObject({ code: 'too-large' });
    await expect(store.readQuarantined(digestOf('absent'), 5)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each(['first', 'middle', 'last'])('refuses a blob whose %s byte was changed on disk', async (place) => {
    const bytes = Buffer.alloc(10_000, 'G1 X1. ');
    const { digest } = await store.putBytes(bytes);
    store.admit(digest);
    const at = { first: 0, middle: 5_000, last: 9_999 }[place] ?? 0;
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    fs.chmodSync(store.path(digest), 0o600);
    fs.writeFileSync(store.path(digest), changed);

    await expect(store.read(digest, 10_000)).rejects.toMatchObject({ code: 'bytes-differ' });
    await expect(store.readQuarantined(digest, 10_000)).rejects.toMatchObject({ code: 'bytes-differ' });
    await expect(store.stream(digest).next()).rejects.toMatchObject({ code: 'bytes-differ' });
  });

  it('follows no link and waits for no FIFO in place of a blob', async () => {
    const { digest } = await store.putBytes(Buffer.from('secret'));
    store.admit(digest);
    const elsewhere = join(folder, 'elsewhere');
    fs.renameSync(store.path(digest), elsewhere);
    fs.symlinkSync(elsewhere, store.path(digest));
    await expect(store.read(digest, 100)).rejects.toMatchObject({ code: 'bytes-differ' });
    expect(store.has(digest)).toBe(false);

    fs.unlinkSync(store.path(digest));
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [store.path(digest)]);
    await expect(store.read(digest, 100)).rejects.toMatchObject({ code: 'bytes-differ' });
    expect(store.has(digest)).toBe(false);
  });

  it('streams an admitted blob in chunks', async () => {
    const bytes = Buffer.alloc(limits.blobHeldFileBytes + 12_345);
    for (let at = 0; at < bytes.length; at += 1_000) bytes.writeUInt32LE(at, Math.min(at, bytes.length - 4));
    const { digest } = await store.putBytes(bytes);
    store.admit(digest);
    const chunks: Buffer[] = [];
    for await (const chunk of store.stream(digest)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(chunks.length).toBe(Math.ceil(bytes.length / limits.blobChunkBytes));
  });
});
