import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackFile } from '../../src/evidence/pack.ts';
import { zipStream } from '../../src/evidence/zip.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { onPath } from '../debian-packages.ts';

const chunk = Buffer.alloc(1 << 20, 'G1 X1. Y2. F100\n');
const digest = digestOf(chunk);
const blob = (size: number): PackFile => ({ path: 'artefacts/BIG.NC', blob: digest, digest, size });
function* chunks(count: number) {
  for (let i = 0; i < count; i++) yield chunk;
}

describe('a pack as a zip', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyway-zip-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.skipIf(!onPath('unzip'))(
    'streams an artefact of 200 MB with flat memory, and unzip gets the same bytes',
    async () => {
      const count = 200;
      const out = join(folder, 'big.zip');
      let highest = 0;
      const before = process.memoryUsage.rss();
      const observed = function* () {
        for (const each of chunks(count)) {
          highest = Math.max(highest, process.memoryUsage.rss());
          yield each;
        }
      };
      await pipeline(
        zipStream([blob(count << 20)], () => Readable.from(observed())),
        createWriteStream(out),
      );
      expect(highest - before).toBeLessThan(100 << 20);
      const expected = createHash('sha256');
      for (const each of chunks(count)) expected.update(each);
      const said = execFileSync('sh', ['-c', `unzip -p ${out} | sha256sum`], { encoding: 'utf8' });
      expect(said.split(' ')[0]).toBe(expected.digest('hex'));
    },
  );

  it('breaks off where an artefact can not be read to its end, and never ends as if it were whole', async () => {
    const broken = () =>
      Readable.from(
        (function* () {
          yield chunk;
          throw new Error('the disk went away');
        })(),
      );
    const out = createWriteStream(join(folder, 'broken.zip'));
    await expect(pipeline(zipStream([blob(2 << 20)], broken), out)).rejects.toThrow('the disk went away');
  });

  it('refuses an artefact that is not as long as it was said to be', async () => {
    const out = createWriteStream(join(folder, 'short.zip'));
    const short = () => Readable.from(chunks(1));
    await expect(pipeline(zipStream([blob(2 << 20)], short), out)).rejects.toThrow();
  });
});
