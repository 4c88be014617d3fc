import { spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveWitness } from '../../../src/edges/witness/server.ts';
import { createWitnessState, openWitnessState, type WitnessState } from '../../../src/edges/witness/state.ts';
import { Witness } from '../../../src/edges/witness/witness.ts';
import { makeCosigner, makeCosignerVerifier, verifyCosignatures } from '../../../src/merkle/cosignature.ts';
import { parseNote } from '../../../src/merkle/note.ts';
import { addSignatures, monitoringPath, parseCosignatureLines } from '../../../src/merkle/witness.ts';
import { newEd25519Key } from '../../../src/signing/keys.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';
import { logOrigin, makeLog, makeLogKeys } from '../../helpers/test-log.ts';

const silent = pino({ level: 'silent' });
const keys = makeLogKeys();
const log = makeLog(keys, 600);
const witnessKey = newEd25519Key();
const verifier = makeCosignerVerifier('w.example', createPublicKey(witnessKey));
const at = 1_800_000_000;

let place: ReturnType<typeof temporaryFolder>;
let path: string;
let state: WitnessState;
beforeEach(() => {
  place = temporaryFolder();
  path = join(place.folder, 'witness.db');
  createWitnessState(path);
  state = openWitnessState(path);
});
afterEach(() => {
  state.close();
  place.remove();
});

const open = (over: WitnessState = state) =>
  new Witness({
    logs: [{ origin: logOrigin, verifiers: keys.verifiers }],
    state: over,
    cosigner: makeCosigner('w.example', witnessKey, () => at),
    log: silent,
  });
const add = (witness: Witness, request: string) => witness.add(Buffer.from(request));
const sizeAnswer = (size: number) => ({ status: 409, type: 'text/x.tlog.size', body: `${size}\n` });

describe('a witness', () => {
  it('cosigns a log from its first checkpoint on, as long as each extends the last', () => {
    const witness = open();
    for (const [from, to] of [
      [0, 1],
      [1, 7],
      [7, 256],
      [256, 600],
    ] as const) {
      const { status, body } = add(witness, log.request(from, to));
      expect(status).toBe(200);
      const cosigned = parseNote(addSignatures(log.checkpoint(to), parseCosignatureLines(body)));
      expect(verifyCosignatures(cosigned, [verifier])).toMatchObject([{ name: 'w.example', timestamp: at }]);
    }
  });

  it('says what it has when it is asked from another size, and stays where it was', () => {
    const witness = open();
    add(witness, log.request(0, 7));
    expect(add(witness, log.request(0, 9))).toEqual(sizeAnswer(7));
    expect(add(witness, log.request(3, 9))).toEqual(sizeAnswer(7));
    expect(add(witness, log.request(8, 9))).toEqual(sizeAnswer(7));
    expect(add(witness, log.request(7, 9)).status).toBe(200);
    expect(add(witness, log.request(0, 7)), 'a replay').toEqual(sizeAnswer(9));
  });

  it('follows a log to its next keys, which are told beforehand, and takes no checkpoint by one key of each pair', () => {
    const next = makeLogKeys();
    const logs = [{ origin: logOrigin, verifiers: keys.verifiers, next: next.verifiers }];
    const witness = new Witness({
      logs,
      state,
      cosigner: makeCosigner('w.example', witnessKey, () => at),
      log: silent,
    });
    const rotated = makeLog(next, 600);
    expect(add(witness, log.request(0, 7)).status).toBe(200);
    expect(add(witness, rotated.request(7, 9)).status).toBe(200);
    expect(parseNote(witness.latest(monitoringPath(logOrigin)).body).signatures).toHaveLength(3);
    const mixed = { ...next, signers: [keys.signers[0], next.signers[1]].flatMap((signer) => signer ?? []) };
    expect(add(witness, makeLog(mixed, 600).request(9, 12)).status).toBe(403);
    expect(add(open(), rotated.request(9, 12)).status, 'a witness that was not told').toBe(403);
  });

  it('gives its word again for the checkpoint that it has', () => {
    const witness = open();
    add(witness, log.request(0, 7));
    expect(add(witness, log.request(7, 7)).status).toBe(200);
  });

  it('refuses a fork, however it is shown, and then still goes on with the true log', () => {
    const witness = open();
    const fork = makeLog(keys, 600, 5);
    add(witness, log.request(0, 7));
    expect(add(witness, fork.request(7, 7)), 'another tree of the same size').toEqual(sizeAnswer(7));
    expect(add(witness, fork.request(7, 12)).status, 'with the proof of the fork').toBe(422);
    const stolen = log.request(7, 12).replace(log.checkpoint(12), fork.checkpoint(12));
    expect(add(witness, stolen).status, 'with the proof of the true log').toBe(422);
    expect(add(witness, log.request(7, 12)).status).toBe(200);
  });

  it('refuses a proof that is not one', () => {
    const witness = open();
    add(witness, log.request(0, 7));
    const none = `old 7\n\n${log.checkpoint(12)}`;
    const other = log.request(7, 13).replace(log.checkpoint(13), log.checkpoint(12));
    for (const request of [none, other]) expect(add(witness, request).status).toBe(422);
  });

  it('watches only the logs it was told of, under all of their keys', () => {
    const witness = open();
    const other = makeLogKeys('other.example/ledger');
    expect(add(witness, makeLog(other, 3).request(0, 3)).status).toBe(404);
    const impostor = makeLog(makeLogKeys(), 3);
    expect(add(witness, impostor.request(0, 3)).status).toBe(403);
    const [first] = keys.signers;
    const half = `old 0\n\n${log.checkpoint(3, first ? [first] : [])}`;
    expect(add(witness, half).status, 'one of two keys').toBe(403);
    const broken = log.request(0, 3).replace(/\n3\n/, '\n4\n');
    expect(add(witness, broken).status, 'another size under the same signatures').toBe(403);
    expect(state.latest(logOrigin)).toBeUndefined();
  });

  it('refuses what is no request, and an old size beyond the checkpoint', () => {
    const witness = open();
    expect(add(witness, 'hello').status).toBe(400);
    expect(add(witness, `old 9\n\n${log.checkpoint(3)}`).status).toBe(400);
  });

  it('does not cosign what it could not write', () => {
    const witness = open({
      ...state,
      advance() {
        throw new Error('EIO');
      },
    });
    expect(() => add(witness, log.request(0, 7))).toThrow('EIO');
    expect(add(open(), log.request(0, 9)).status).toBe(200);
  });

  it('shows anyone its newest checkpoint, and nothing of a log that it does not know', () => {
    const witness = open();
    expect(witness.latest(monitoringPath(logOrigin)).status).toBe(404);
    add(witness, log.request(0, 7));
    const { status, body } = witness.latest(monitoringPath(logOrigin));
    expect(status).toBe(200);
    expect(body.startsWith(log.checkpoint(7))).toBe(true);
    expect(verifyCosignatures(parseNote(body), [verifier])).toHaveLength(1);
    expect(witness.latest(monitoringPath('other.example/ledger')).status).toBe(404);
  });
});

describe('the memory of a witness', () => {
  it('never goes back, and is not made anew when it is lost', () => {
    add(open(), log.request(0, 7));
    const db = new Database(path);
    for (const sql of [
      'DELETE FROM logs',
      'UPDATE logs SET size = 3',
      'UPDATE logs SET root = zeroblob(32)',
      `UPDATE logs SET origin = 'x', size = 9`,
    ]) {
      expect(() => db.exec(sql), sql).toThrow(/a witness does not/);
    }
    db.close();
    expect(() => createWitnessState(path)).toThrow(expect.objectContaining({ code: 'conflict' }));
    rmSync(path);
    expect(() => openWitnessState(path)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('lets one of two processes win that both saw the same old size', () => {
    const second = openWitnessState(path);
    const fork = makeLog(keys, 20, 5);
    // What two processes would do: both have read "nothing yet", both verified, both write.
    expect(state.advance(logOrigin, 0, log.signed(9))).toBe(true);
    expect(second.advance(logOrigin, 0, fork.signed(9))).toBe(false);
    expect(state.advance(logOrigin, 9, log.signed(12))).toBe(true);
    expect(second.advance(logOrigin, 9, fork.signed(13))).toBe(false);
    expect(second.latest(logOrigin)).toMatchObject({ size: 12 });
    second.close();
  });
});

const post = async (port: number, body: string) => {
  const response = await fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
};

describe('over HTTP', () => {
  const serve = (witness: Witness, onFatal: (error: unknown) => void = () => {}) =>
    serveWitness({ witness, host: '127.0.0.1', port: 0, log: silent, onFatal });

  it('exactly one of many requests at once wins, and the others learn the size', async () => {
    const server = await serve(open());
    const sizes = Array.from({ length: 20 }, (_, at) => at + 5);
    const answers = await Promise.all(sizes.map((size) => post(server.port, log.request(0, size))));
    const won = answers.flatMap(({ status }, at) => (status === 200 ? [sizes[at]] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(answers.find(({ status }) => status === 409)).toEqual(sizeAnswer(won[0] ?? 0));
    await server.close();
  });

  it('refuses other paths, methods, encodings and bodies that are too large', async () => {
    const server = await serve(open());
    const url = `http://127.0.0.1:${server.port}`;
    const status = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
    expect(await status('/')).toBe(404);
    expect(await status('/add-checkpoint')).toBe(405);
    expect(await status('/other', { method: 'POST', body: 'x' })).toBe(404);
    const gzip = { method: 'POST', body: 'x', headers: { 'content-encoding': 'gzip' } };
    expect(await status('/add-checkpoint', gzip)).toBe(415);
    expect(await status('/add-checkpoint', { method: 'POST', body: 'x'.repeat(16 * 1024 + 1) })).toBe(413);
    expect(await status('/add-checkpoint', { method: 'POST', body: log.request(0, 7) })).toBe(200);
    await server.close();
  });

  it('ends when its storage fails', async () => {
    const failing = {
      ...state,
      advance() {
        throw new Error('EIO');
      },
    };
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const server = await serve(open(failing), resolve);
    expect((await post(server.port, log.request(0, 7))).status).toBe(500);
    expect(await promise).toMatchObject({ message: 'EIO' });
    await server.close();
  });

  it('killed between its write and its answer, it has the checkpoint and gives its word for it when asked again', async () => {
    state.close();
    const program = fileURLToPath(new URL('../../helpers/witness-process.ts', import.meta.url));
    const parts = JSON.stringify({ state: path, origin: logOrigin, vkeys: keys.vkeys });
    const child = spawn(process.execPath, [program, parts], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [port] = await once(createInterface({ input: child.stdout }), 'line');
    await expect(post(Number(port), log.request(0, 7))).rejects.toThrow();
    expect(await exited).toEqual([null, 'SIGKILL']);

    state = openWitnessState(path);
    const again = await serve(open());
    expect(await post(again.port, log.request(0, 7))).toEqual(sizeAnswer(7));
    expect((await post(again.port, log.request(7, 7))).status).toBe(200);
    expect((await post(again.port, log.request(7, 9))).status).toBe(200);
    await again.close();
  });
});
