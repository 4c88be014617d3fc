import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { askHere } from '../helpers/keyway-here.ts';
import { openLedgerReader } from '../helpers/ledger-content.ts';
import { runKeyway, type Started, startKeyway } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
const at = (...path: string[]) => join(place.folder, ...path);
const [oldFile, newFile] = [at('old.yaml'), at('new.yaml')];
const unreached = at('other-disk', 'shop.example%2Fledger.checkpoint');
let running: Started | undefined;

const configOf = (data: string, origin: string) =>
  JSON.stringify({
    data,
    origin,
    http: { port: 0 },
    sftp: { port: 0 },
    log: { level: 'fatal' },
    ledger: { anchor: 'other-disk' },
  });

async function done(config: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, out } = await askHere(config, ...args);
  expect(code, JSON.stringify(out)).toBe(0);
  return out as Record<string, unknown>;
}
const enrol = (id: string) =>
  done(oldFile, 'person', 'add', id, '--name', id, '--role', 'quality', '--new-key', at(`${id}.key.pem`));
const fork = (...args: string[]) =>
  askHere(newFile, 'ledger', 'fork', '--old', at('old'), '--by', 'QA-1', '--reason', 'The disk was lost', ...args);

/** A ledger whose newest entry is lost: its data folder is an older copy, the anchor is not. */
beforeAll(async () => {
  writeFileSync(oldFile, configOf('old', 'shop.example/ledger'));
  writeFileSync(newFile, configOf('new', 'shop.example/ledger-2'));
  writeFileSync(at('lathe.pub'), newSshKeyPair().public);
  await done(oldFile, 'init');
  running = await startKeyway(oldFile, 'serve');
  await enrol('QA-1');
  await done(
    oldFile,
    ...['machine', 'add', 'LATHE-1', '--group', 'LATHES', '--cell', 'C1', '--country', 'US'],
    ...['--jurisdiction', 'none', '--ssh-key', at('lathe.pub')],
  );
  await running.stop();
  cpSync(at('old'), at('backup'), { recursive: true, filter: (path) => !path.endsWith('.sock') });
  running = await startKeyway(oldFile, 'serve');
  await enrol('QA-2');
  await running.stop();
  rmSync(at('old'), { recursive: true });
  cpSync(at('backup'), at('old'), { recursive: true });
}, 120_000);
afterAll(async () => {
  await running?.stop();
  place.remove();
});

describe('a ledger that lost its newest entries', () => {
  it('does not start, and says how to go on', async () => {
    expect(await runKeyway(oldFile, 'serve')).toMatchObject({
      code: 4,
      out: { error: { code: 'ledger-inconsistent', message: expect.stringContaining('keyway ledger fork') } },
    });
  });

  it('is gone on after under an origin and keys of its own only, and only where something was lost', async () => {
    expect(await fork('--unreached', unreached)).toMatchObject({ code: 2, out: { error: { code: 'config-invalid' } } });
    await done(newFile, 'init');
    expect(await fork()).toMatchObject({ code: 2, out: { error: { field: 'unreached' } } });
    const reader = openLedgerReader(at('old', 'ledger.db'));
    writeFileSync(at('reached.checkpoint'), reader.latestCheckpoint()?.note ?? '');
    reader.close();
    expect(await fork('--unreached', at('reached.checkpoint'))).toMatchObject({
      code: 1,
      out: { error: { code: 'state-forbids', message: expect.stringContaining('nothing is lost') } },
    });
    writeFileSync(at('made-up.checkpoint'), readFileSync(unreached, 'utf8').replace('ledger\n', 'ledgers\n'));
    expect(await fork('--unreached', at('made-up.checkpoint'))).toMatchObject({
      out: { error: { code: 'not-verified' } },
    });
    expect(existsSync(at('old', 'frozen.json')), 'a refusal freezes nothing').toBe(false);
  });

  it('goes on, naming whom its copy proves to be enrolled again, and the old one never starts again', async () => {
    expect(await fork('--unreached', unreached)).toMatchObject({
      code: 0,
      out: { origin: 'shop.example/ledger-2', people: ['QA-1'], machines: ['LATHE-1'], redeposit: [], held: [] },
    });
    expect(await fork('--unreached', unreached)).toMatchObject({ code: 1, out: { error: { code: 'conflict' } } });
    expect(await runKeyway(oldFile, 'serve')).toMatchObject({
      code: 1,
      out: { error: { code: 'state-forbids', message: expect.stringContaining('frozen') } },
    });
    running = await startKeyway(newFile, 'serve');
    expect(await done(newFile, 'person', 'list')).toEqual([]);
    await running.stop();
  });

  it('is linked to by the new one, as whoever has both ledgers and both trust files can check', async () => {
    const link = ['ledger', 'verify', '--old', at('old', 'ledger.db'), '--old-trust'];
    expect(await done(newFile, ...link, at('old', 'trust.json'))).toMatchObject({ verified: true, problems: [] });
    expect(await askHere(newFile, ...link, at('new', 'trust.json'))).toMatchObject({ code: 10 });
    expect(await done(newFile, 'ledger', 'show', '0')).toMatchObject({
      event: { type: 'gateway.forked', data: { by: 'QA-1', from: { origin: 'shop.example/ledger' } } },
    });
  });
});
