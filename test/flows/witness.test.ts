import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayClient } from '../../src/edges/http/client.ts';
import { openCheckpoint } from '../../src/merkle/checkpoint.ts';
import { parseCosignerKey, verifyCosignatures } from '../../src/merkle/cosignature.ts';
import { parseNote, parseVerifierKey } from '../../src/merkle/note.ts';
import { until } from '../helpers/floor.ts';
import { askHere } from '../helpers/keyway-here.ts';
import { runKeyway, type Started, startKeyway } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const origin = 'shop.example/ledger';
const names = ['w1.example', 'w2.example', 'w3.example'];
const place = temporaryFolder();
const at = (...path: string[]) => join(place.folder, ...path);
const gatewayFile = at('keyway.yaml');
const witnessFile = (name: string) => at(`${name}.yaml`);

let ledgerKeys: string[];
let gateway: Started | undefined;
const witnesses = new Map<string, { key: string; port: number; running: Started | undefined }>();
const client = GatewayClient.overSocket(at('data', 'keyway.sock'));

const gatewayConfig = (list: object[]) =>
  JSON.stringify({
    data: 'data',
    origin,
    http: { port: 0 },
    sftp: { port: 0 },
    log: { level: 'fatal' },
    ledger: { anchor: 'other-disk', ...(list.length > 0 ? { witnesses: { list } } : {}) },
  });
const witnessConfig = (name: string, port: number) =>
  JSON.stringify({ name, listen: { port }, state: name, logs: [{ origin, keys: ledgerKeys }] });

async function startWitness(name: string): Promise<void> {
  const known = witnesses.get(name) ?? expect.fail(`no witness ${name}`);
  writeFileSync(witnessFile(name), witnessConfig(name, known.port));
  const running = await startKeyway(witnessFile(name), 'witness', 'serve');
  const { url } = running.said as { url: string };
  witnesses.set(name, { ...known, port: Number(new URL(url).port), running });
}

async function done(...args: string[]): Promise<unknown> {
  const { code, out } = await askHere(gatewayFile, ...args);
  expect(code, JSON.stringify(out)).toBe(0);
  return out;
}
const enrol = (id: string) =>
  done('person', 'add', id, '--name', id, '--role', 'quality', '--new-key', at(`${id}.key.pem`));

const start = async () => {
  gateway = await startKeyway(gatewayFile, 'serve');
};
const stop = () => gateway?.stop() ?? Promise.resolve();

/** What a backup of the data folder holds, the signer's memory with it, and what restoring it brings back. */
const backUp = () => cpSync(at('data'), at('backup'), { recursive: true, filter: (path) => !path.endsWith('.sock') });
const restore = () => {
  rmSync(at('data'), { recursive: true });
  cpSync(at('backup'), at('data'), { recursive: true });
};

const witnessed = (size: number) =>
  until(`${size} entries under two cosignatures`, async () => {
    const { witnessed, ...status } = await client.ledger();
    return witnessed?.reached && witnessed.size >= size && status.size === witnessed.size ? witnessed : undefined;
  });

beforeAll(async () => {
  writeFileSync(gatewayFile, gatewayConfig([]));
  await done('init');
  ledgerKeys = JSON.parse(readFileSync(at('data', 'trust.json'), 'utf8')).root.ledgerKeys[0].vkeys;
  for (const name of names) {
    writeFileSync(witnessFile(name), witnessConfig(name, 0));
    const { code, out } = await askHere(witnessFile(name), 'witness', 'init');
    expect(code).toBe(0);
    witnesses.set(name, { key: (out as { key: string }).key, port: 0, running: undefined });
  }
  await Promise.all(names.map(startWitness));
  const list = [...witnesses.values()].map(({ key, port }) => ({ key, url: `http://127.0.0.1:${port}` }));
  writeFileSync(gatewayFile, gatewayConfig(list));
  await start();
}, 60_000);

afterAll(async () => {
  await stop();
  await Promise.all([...witnesses.values()].map(({ running }) => running?.stop()));
  place.remove();
});

describe('with three witnesses on machines of other administrators', () => {
  it('every checkpoint gets two cosignatures, which anyone checks with their keys alone', async () => {
    await enrol('QA-1');
    const { size } = await client.ledger();
    expect(await witnessed(size)).toMatchObject({ quorum: 2, of: 3, reached: true });
    const note = await client.checkpoint();
    const verifiers = ledgerKeys.map((key) => parseVerifierKey(key));
    expect(openCheckpoint(note, { origin, verifiers, required: 2 }).size).toBe(size);
    const cosigners = [...witnesses.values()].map(({ key }) => parseCosignerKey(key));
    expect(verifyCosignatures(parseNote(note), cosigners).length).toBeGreaterThanOrEqual(2);
  });

  it('one may be killed and the quorum holds', async () => {
    await witnesses.get('w3.example')?.running?.stop('SIGKILL');
    await enrol('QA-2');
    await witnessed((await client.ledger()).size);
  });

  it('with all of them killed the floor goes on and says that nobody watches; they catch up when they are back', async () => {
    for (const { running } of witnesses.values()) await running?.stop('SIGKILL');
    await enrol('QA-3');
    const { size } = await client.ledger();
    await until('a checkpoint over it', async () =>
      (await client.ledger()).checkpoint?.size === size ? true : undefined,
    );
    const before = await client.ledger();
    expect(before.witnessed).toMatchObject({ reached: false, ageSeconds: expect.any(Number) });
    expect(before.witnessed?.size).toBeLessThan(size);
    expect(await client.ready()).toMatchObject({ ready: true });
    await Promise.all(names.map(startWitness));
    await witnessed(size);
  });

  it('two witnesses never work on one memory', async () => {
    const second = await runKeyway(witnessFile('w1.example'), 'witness', 'serve');
    expect(second).toMatchObject({ out: { error: { code: 'ledger-locked' } } });
    expect(await askHere(witnessFile('w1.example'), 'witness', 'init')).toMatchObject({
      out: { error: { code: 'conflict' } },
    });
  });
});

describe('a backup that was restored, with the signer’s memory in it,', () => {
  let newest: string;
  beforeAll(async () => {
    await stop();
    backUp();
    await start();
    await enrol('QA-4');
    const { size } = await client.ledger();
    newest = String(size);
    // All three over the last entry, so that each of them alone can stop the older copy.
    await until('three cosignatures', async () => {
      const note = await client.checkpoint();
      const covered = openCheckpoint(note, {
        origin,
        verifiers: ledgerKeys.map((key) => parseVerifierKey(key)),
        required: 1,
      });
      const all = parseNote(note).signatures.length === ledgerKeys.length + names.length;
      return all && covered.size === size ? true : undefined;
    });
    await stop();
    restore();
  }, 60_000);

  it('does not start beside the anchor, and shows both checkpoints', async () => {
    const { code, out } = await runKeyway(gatewayFile, 'serve');
    expect(code).toBe(4);
    const { error } = out as { error: { code: string; message: string } };
    expect(error.code).toBe('ledger-inconsistent');
    expect(error.message).toContain(
      `Anchored at ${at('other-disk', 'shop.example%2Fledger.checkpoint')}: ${newest} entries`,
    );
    expect(error.message).toMatch(/this ledger: \d+ entries, root [A-Za-z0-9+/]{43}=/);
  });

  it('nor without the anchor, as long as one witness answers', async () => {
    rmSync(at('other-disk'), { recursive: true });
    for (const name of ['w1.example', 'w2.example']) await witnesses.get(name)?.running?.stop();
    const { code, out } = await runKeyway(gatewayFile, 'serve');
    expect(code, JSON.stringify(out)).toBe(4);
    expect(out).toMatchObject({
      error: { code: 'ledger-inconsistent', message: expect.stringContaining('Anchored at w3.example') },
    });
    expect(existsSync(at('other-disk', 'shop.example%2Fledger.checkpoint')), 'a refusal anchors nothing').toBe(false);
  });
});
