import { createPublicKey } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveWitness } from '../../src/edges/witness/server.ts';
import { createWitnessState, openWitnessState } from '../../src/edges/witness/state.ts';
import { Witness } from '../../src/edges/witness/witness.ts';
import { AnchorFolder } from '../../src/ledger/anchor.ts';
import { requireAnchored } from '../../src/ledger/anchored-start.ts';
import type { SignedCheckpoint } from '../../src/ledger/publisher.ts';
import { witnessPeers } from '../../src/ledger/witness-client.ts';
import { Witnesses } from '../../src/ledger/witnesses.ts';
import { formatCosignerKey, makeCosigner, verifyCosignatures } from '../../src/merkle/cosignature.ts';
import { parseNote } from '../../src/merkle/note.ts';
import { newEd25519Key } from '../../src/signing/keys.ts';
import { until } from '../helpers/floor.ts';
import { makeTestKeys, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';
import { openTestLedger, silentLog, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
let said: { level: number; msg: string; why?: string }[];
let closing: (() => Promise<void> | void)[];
const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });
beforeEach(() => {
  place = temporaryFolder();
  said = [];
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  place.remove();
});
const alarms = () => said.filter(({ level }) => level >= 50);

/** A witness on a port of its own, which can be stopped and started again with its memory. */
async function makeWitness(name: string) {
  const key = newEd25519Key();
  const path = join(place.folder, `${name}.db`);
  createWitnessState(path);
  let port = 0;
  let stop = async () => {};
  const start = async () => {
    const state = openWitnessState(path);
    const cosigner = makeCosigner(name, key, () => 1_800_000_000);
    const logs = [{ origin: testOrigin, verifiers: keys.trust.ledgerVerifiers }];
    const witness = new Witness({ logs, state, cosigner, log: silentLog });
    const server = await serveWitness({ witness, host: '127.0.0.1', port, log: silentLog, onFatal: () => {} });
    port = server.port;
    stop = async () => {
      stop = async () => {};
      await server.close();
      state.close();
    };
  };
  await start();
  closing.push(() => stop());
  return {
    listed: { key: formatCosignerKey(name, createPublicKey(key)), url: `http://127.0.0.1:${port}` },
    start,
    stop: () => stop(),
  };
}
const three = () => Promise.all(['w1.example', 'w2.example', 'w3.example'].map(makeWitness));

/** Something at an address that is no witness. */
async function makeImpostor(status: number, type: string, body: string): Promise<string> {
  const server: Server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function open(list: { key: string; url: string }[], options: { quorum?: number; folder?: string } = {}) {
  const { quorum = 2, folder = place.folder } = options;
  let offer: (checkpoint: SignedCheckpoint) => void = () => {};
  const at = openTestLedger({ keys, folder, published: { onPublished: (checkpoint) => offer(checkpoint) } });
  const { reader, store, hashes } = at;
  const witnesses = new Witnesses({
    origin: testOrigin,
    peers: witnessPeers(list),
    quorum,
    store,
    reader,
    hashes,
    clock: () => 1_800_000_000_000,
    log,
    onFatal: (error) => said.push({ level: 60, msg: String(error) }),
  });
  offer = (checkpoint) => witnesses.offer(checkpoint);
  if (at.opened.latest) witnesses.offer(at.opened.latest);
  const commit = async (number: number) => {
    await at.ledger.commit(() => ({ events: [someEvent(number)], result: number }));
    await at.publisher.covering(at.ledger.size, 5_000);
  };
  let open = true;
  const close = () => {
    if (open) {
      witnesses.close();
      at.close();
    }
    open = false;
  };
  closing.push(close);
  const note = () => witnesses.cosigned(at.publisher.latest ?? expect.fail('no checkpoint'));
  const counted = () =>
    verifyCosignatures(
      parseNote(note()),
      witnessPeers(list).map(({ verifier }) => verifier),
    ).length;
  const reached = (count: number) =>
    until(`${count} cosignatures`, async () => (counted() >= count ? true : undefined));
  return { ...at, witnesses, commit, close, counted, reached };
}

describe('a gateway with three witnesses', () => {
  it('has its checkpoints cosigned, and the note that it shows carries the cosignatures', async () => {
    const list = (await three()).map(({ listed }) => listed);
    const at = open(list);
    await at.commit(1);
    await at.reached(3);
    for (let n = 2; n < 6; n += 1) await at.commit(n);
    await at.reached(3);
    expect(at.witnesses.status()).toEqual({
      vkeys: list.map(({ key }) => key),
      quorum: 2,
      of: 3,
      size: 5,
      at: '2027-01-15T08:00:00.000Z',
      ageSeconds: 0,
      reached: true,
    });
    expect(alarms()).toEqual([]);
  });

  it('is content with two while one is down, and asks that one again until it answers', async () => {
    const [a, b, c] = await three();
    await c?.stop();
    const at = open([a, b, c].flatMap((one) => (one ? [one.listed] : [])));
    await at.commit(1);
    await at.reached(2);
    await at.commit(2);
    await at.reached(2);
    expect(at.counted()).toBe(2);
    expect(at.witnesses.status()).toMatchObject({ size: 2, reached: true });
    expect(alarms()).toEqual([]);
    await c?.start();
    await at.reached(3);
  });

  it('publishes unwitnessed when all are down, with one alarm, and one word when they are back', async () => {
    const witnesses = await three();
    for (const { stop } of witnesses) await stop();
    const list = witnesses.map(({ listed }) => listed);
    const at = open(list);
    for (let n = 1; n < 5; n += 1) await at.commit(n);
    await until('the alarm', async () => (alarms().length > 0 ? true : undefined));
    expect(at.publisher.latest?.size).toBe(4);
    expect(at.witnesses.status()).toEqual({
      quorum: 2,
      of: 3,
      vkeys: list.map(({ key }) => key),
      size: 0,
      reached: false,
    });
    for (const { start } of witnesses) await start();
    await at.reached(2);
    expect(at.witnesses.status()).toMatchObject({ size: 4, reached: true });
    expect(alarms()).toHaveLength(1);
    expect(said.filter(({ msg }) => msg.includes('witnessed again'))).toHaveLength(1);
  });

  it('remembers after a restart what was cosigned, with nobody there to ask', async () => {
    const witnesses = await three();
    const list = witnesses.map(({ listed }) => listed);
    const before = open(list);
    await before.commit(1);
    await before.reached(3);
    before.close();
    for (const { stop } of witnesses) await stop();
    const at = open(list);
    expect(at.counted()).toBe(3);
    expect(at.witnesses.status()).toMatchObject({ size: 1, reached: true });
  });

  it('counts a stored cosignature only where it verifies', async () => {
    const [a] = await three();
    const before = open(a ? [a.listed] : [], { quorum: 1 });
    await before.commit(1);
    await before.reached(1);
    before.close();
    const other = { key: formatCosignerKey('w1.example', createPublicKey(newEd25519Key())), url: a?.listed.url ?? '' };
    const at = open([other], { quorum: 1 });
    expect(at.witnesses.status()).toMatchObject({ size: 0, reached: false });
  });

  it('does not wait for one that takes the request and never answers', async () => {
    const [a, b] = await three();
    const held: unknown[] = [];
    const silent = createServer((_request, response) => void held.push(response));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(() => void silent.close().closeAllConnections());
    const stuck = {
      key: formatCosignerKey('w9.example', createPublicKey(newEd25519Key())),
      url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    };
    const at = open([stuck, ...[a, b].flatMap((one) => (one ? [one.listed] : []))]);
    await at.commit(1);
    await at.reached(2);
    await at.commit(2);
    await at.reached(2);
    expect(held, 'still on its first request').toHaveLength(1);
    expect(at.witnesses.status()).toMatchObject({ size: 2, reached: true });
    expect(alarms()).toEqual([]);
  });

  it('is stopped by its own storage, not by a witness', async () => {
    const [a] = await three();
    const at = open([]);
    await at.commit(1);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const failing = new Witnesses({
      origin: testOrigin,
      peers: witnessPeers(a ? [a.listed] : []),
      quorum: 1,
      store: {
        addCosignature() {
          throw new Error('EIO');
        },
      },
      reader: { cosignatures: () => [] },
      hashes: at.hashes,
      clock: () => 0,
      log: silentLog,
      onFatal: resolve,
    });
    failing.offer(at.publisher.latest ?? expect.fail('no checkpoint'));
    expect(await promise).toMatchObject({ message: 'EIO' });
    expect(failing.status()).toMatchObject({ size: 0 });
  });

  it('learns from a witness where it stands when it does not remember', async () => {
    const [a] = await three();
    const list = a ? [a.listed] : [];
    const without = open([], { quorum: 0 });
    for (let n = 1; n < 4; n += 1) await without.commit(n);
    expect(without.witnesses.status()).toBeUndefined();
    // It cosigned size 3 for a gateway whose memory of it is lost.
    const forgetful = new Witnesses({
      origin: testOrigin,
      peers: witnessPeers(list),
      quorum: 1,
      store: { addCosignature: () => {} },
      reader: { cosignatures: () => [] },
      hashes: without.hashes,
      clock: () => 0,
      log: silentLog,
      onFatal: () => {},
    });
    forgetful.offer(without.opened.latest ?? without.publisher.latest ?? expect.fail('no checkpoint'));
    await until('a cosignature', async () => (forgetful.status()?.reached ? true : undefined));
    forgetful.close();
    without.close();
    const at = open(list, { quorum: 1 });
    await at.commit(4);
    await at.reached(1);
    expect(at.witnesses.status()).toMatchObject({ size: 4, reached: true });
  });
});

describe('what a witness says counts for nothing when', () => {
  const key = formatCosignerKey('w.example', createPublicKey(newEd25519Key()));
  it.each([
    ['it cosigns with another key', 200, 'text/plain', `— w.example ${Buffer.alloc(76, 1).toString('base64')}\n`],
    ['it answers something else', 200, 'text/html', '<html>welcome</html>'],
    ['it answers without end', 200, 'text/plain', 'x'.repeat(20_000)],
    ['it says that it has more than there is', 409, 'text/x.tlog.size', '999\n'],
    ['it says that it has what it was asked from', 409, 'text/x.tlog.size', '0\n'],
    ['it sends us elsewhere', 307, 'text/plain', ''],
    ['it fails', 500, 'text/plain', 'sorry'],
  ])('%s; publication goes on', async (_what, status, type, body) => {
    const at = open([{ key, url: await makeImpostor(status, type, body) }], { quorum: 1 });
    await at.commit(1);
    await until('the alarm', async () => (alarms().length > 0 ? true : undefined));
    await at.commit(2);
    expect(at.publisher.latest?.size).toBe(2);
    expect(at.witnesses.status()).toMatchObject({ size: 0, reached: false });
  });

  it('its key is no witness’ key, or is listed twice', () => {
    const invalid = expect.objectContaining({ code: 'config-invalid' });
    expect(() => witnessPeers([{ key: 'w.example', url: 'http://w' }])).toThrow(invalid);
    expect(() => witnessPeers([{ key: keys.trust.ledgerVerifiers[0]?.vkey ?? '', url: 'http://w' }])).toThrow(invalid);
    const one = { key, url: 'http://w' };
    expect(() => witnessPeers([one, { ...one, url: 'http://v' }])).toThrow(invalid);
  });
});

describe('a start', () => {
  const start = async (folder: string, list: { key: string; url: string }[]) => {
    const at = openTestLedger({ keys, folder });
    const anchor = new AnchorFolder(join(folder, 'anchor'), testOrigin, log);
    try {
      await requireAnchored({ opened: at.opened, folder: anchor, peers: witnessPeers(list), trust: keys.trust, log });
    } finally {
      at.close();
    }
  };

  it('is refused when a witness holds a checkpoint that the ledger does not reach, with no anchor left', async () => {
    const [a, b] = await three();
    const list = [a, b].flatMap((one) => (one ? [one.listed] : []));
    const at = open(list);
    await at.commit(1);
    await at.commit(2);
    await at.reached(2);
    at.close();
    await start(place.folder, list);
    const empty = temporaryFolder();
    closing.push(empty.remove);
    await expect(start(empty.folder, list)).rejects.toMatchObject({
      code: 'ledger-inconsistent',
      message: expect.stringMatching(
        /Anchored at w[12]\.example \(http:.*\): 2 entries, root .*; this ledger: 0 entries/,
      ),
    });
    await a?.stop();
    await b?.stop();
    said = [];
    await start(place.folder, list);
    expect(said.filter(({ msg }) => msg.includes('could not be checked'))).toHaveLength(2);
  });

  it('passes over a witness whose checkpoint our own keys did not sign', async () => {
    const { note } = await (async () => {
      const other = temporaryFolder();
      closing.push(other.remove);
      const at = openTestLedger({ keys: makeTestKeys(), folder: other.folder });
      await at.ledger.commit(() => ({ events: [someEvent(1)], result: 0 }));
      await at.publisher.covering(1, 5_000);
      at.close();
      return at.publisher.latest ?? expect.fail('no checkpoint');
    })();
    const key = formatCosignerKey('w.example', createPublicKey(newEd25519Key()));
    await start(place.folder, [{ key, url: await makeImpostor(200, 'text/plain', note) }]);
    expect(said).toMatchObject([{ level: 40 }]);
  });
});
