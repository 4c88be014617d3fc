import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keywayVerify } from '../helpers/export-place.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';

describe('a ledger of a real floor, handed to an auditor', () => {
  let floor: Floor;
  beforeAll(async () => {
    floor = await Floor.open();
    await floor.crew();
    floor.drop('job.keyway.yaml', floor.sidecar('P1', 'O1.NC'), { 'O1.NC': simpleProgram(1) });
    const status = async () => JSON.stringify((await floor.done('status')).out);
    const id = await until('the package', async () => /PKG-[0-9A-Z]{10}/.exec(await status())?.[0]);
    for (const who of ['ME-2', 'QA-1']) await floor.done('approve', id, '--as', who, '--key', floor.key(who));
    await until('the release', async () => /REL-[0-9A-Z]{10}/.exec(await status())?.[0]);
    await floor.covered();
  });
  afterAll(() => floor.close());

  it('is exported while the gateway runs, and verified by the program that shares nothing with it', async () => {
    const folder = join(floor.stage.folder, 'public');
    const { out } = await floor.done('ledger', 'export', folder);
    const { size } = out as { size: number };
    expect(keywayVerify(folder, floor.data('trust.json'))).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${size} entries`),
    });
    expect((await floor.done('ledger', 'consistency', join(folder, 'checkpoint'))).out).toMatchObject({
      verified: true,
    });
  });

  it('names every blob of deposit, package and release; one that is lost is found', async () => {
    const { out } = await floor.done('ledger', 'fsck');
    // The program and its sidecar as deposited, the program as packaged, its signature, and the rules in force.
    const rules = readdirSync(new URL('../../config/policy', import.meta.url)).filter((name) => /\.cedar/.test(name));
    expect(out).toMatchObject({ verified: true, blobs: { checked: 4 + rules.length, missing: [], damaged: [] } });
    const blobs = floor.data('vault', 'blobs');
    for (const shard of readdirSync(blobs)) rmSync(join(blobs, shard), { recursive: true });
    const ran = await floor.stage.keyway('ledger', 'fsck');
    expect(ran.code).toBe(13);
    expect((ran.out as { blobs: { missing: unknown[] } }).blobs.missing).toHaveLength(2 + rules.length);
  });
});
