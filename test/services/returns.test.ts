import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { ReturnShelf } from '../../src/services/return-shelf.ts';
import { mill, ReturnsPlace } from '../helpers/returns-place.ts';
import { FakeShelf } from '../helpers/sftp-fake-shelf.ts';
import { ear } from '../policy/cases.ts';

const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
let place: ReturnsPlace;
beforeEach(async () => {
  place = new ReturnsPlace();
  await place.register();
});
afterEach(() => place.close());

describe('a file that a machine sends back', () => {
  test('is decided and on record before its first byte, and durable under its digest after its last', async () => {
    const { retrievalId, file } = await place.returns.accept('sftp', mill.id, 'O1.NC');
    expect(place.events('retrieval.started')).toMatchObject([
      { actor: { kind: 'machine', id: mill.id }, data: { retrievalId, name: 'O1.NC', channel: 'sftp' } },
    ]);
    expect(place.events('retrieval.started')[0]?.data.decision).toMatchObject({
      action: 'retrieve',
      verdict: 'permit',
    });
    writeFileSync(file, program);
    expect(await place.returns.arrived({ retrievalId, bytes: program.length, complete: true })).toBe('unmatched');
    expect(place.events('retrieval.received').map(({ data }) => data)).toEqual([
      { retrievalId, machineId: mill.id, name: 'O1.NC', digest: digestOf(program), size: program.length },
    ]);
    expect(readFileSync(place.vault.quarantinePath(digestOf(program)), 'utf8')).toBe(program);
    expect(place.vault.has(digestOf(program))).toBe(false);
    expect(readdirSync(place.inbound)).toEqual([]);
  });

  test('that did not come whole is on record as failed, and nothing of it is kept', async () => {
    expect(
      await place.sendBack('O1.NC', program, { complete: false, reason: 'the connection closed' }),
    ).toBeUndefined();
    expect(place.events('retrieval.failed')).toMatchObject([{ data: { reason: 'the connection closed' } }]);
    expect(place.events('retrieval.received', 'readback.verdict')).toEqual([]);
    expect(place.vault.inQuarantine(digestOf(program))).toBe(false);
    expect(readdirSync(place.inbound)).toEqual([]);
  });

  test('is ended once', async () => {
    const { retrievalId, file } = await place.returns.accept('sftp', mill.id, 'O1.NC');
    writeFileSync(file, program);
    const end = { retrievalId, bytes: program.length, complete: true };
    await place.returns.arrived(end);
    await expect(place.returns.arrived(end)).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each(['', '../x', 'a/b', '.hidden', 'a\nb', 'x'.repeat(200)])('has a plain name and not %j', async (name) => {
    await expect(place.returns.accept('sftp', mill.id, name)).rejects.toMatchObject({ code: 'request-invalid' });
    expect(place.events('retrieval.started')).toEqual([]);
  });

  test('by a machine that already sends as many as it may waits', async () => {
    const arrivals = await Promise.all(
      Array.from({ length: limits.arrivalsPerMachine }, (_, n) => place.returns.accept('sftp', mill.id, `O${n}.NC`)),
    );
    await expect(place.returns.accept('sftp', mill.id, 'O99.NC')).rejects.toMatchObject({ code: 'busy' });
    const [first] = arrivals;
    if (first) await place.returns.arrived({ retrievalId: first.retrievalId, bytes: 0, complete: false });
    await place.returns.accept('sftp', mill.id, 'O99.NC');
  });

  test('is refused where policy says so, which is on record, and no file is made for it', async () => {
    await place.release('O1.NC', program, ear);
    await expect(place.sendBack('O1.NC', program, { channel: 'ftp' })).rejects.toMatchObject({ code: 'policy-denied' });
    expect(place.events('access.refused')).toMatchObject([
      {
        actor: { id: mill.id },
        data: { action: 'retrieve', decision: { policies: ['retrieve-controlled-encrypted-only'] } },
      },
    ]);
    expect(place.events('retrieval.started')).toEqual([]);
    expect(readdirSync(place.inbound)).toEqual([]);
  });
});

describe('a door process that lies', () => {
  const swapped = (swap: (file: string) => void) => async () => {
    const { retrievalId, file } = await place.returns.accept('sftp', mill.id, 'O1.NC');
    writeFileSync(file, program);
    swap(file);
    const arrived = place.returns.arrived({ retrievalId, bytes: program.length, complete: true });
    await expect(arrived).rejects.toMatchObject({ code: expect.stringMatching(/^(file-not-regular|internal)$|ELOOP/) });
    expect(place.events('retrieval.failed')).toHaveLength(1);
    expect(place.events('retrieval.received')).toEqual([]);
    expect(readdirSync(place.inbound).filter((name) => !name.endsWith('-mine'))).toEqual([]);
  };

  test(
    'by a second name for the file gets nothing kept that it could change later',
    swapped((file) => linkSync(file, `${file}-mine`)),
  );

  test(
    'by a link to another file gets that one neither read nor moved',
    swapped((file) => {
      rmSync(file);
      symlinkSync('/etc/hostname', file);
    }),
  );

  test('about the number of bytes gets nothing on record as received', async () => {
    await expect(place.sendBack('O1.NC', program, { bytes: 3 })).rejects.toMatchObject({ code: 'bytes-differ' });
    expect(place.events('retrieval.failed')).toMatchObject([{ data: { bytes: 3 } }]);
  });
});

test('what was on its way when the gateway ended is a failure after the next start, and its file is gone', async () => {
  const { retrievalId } = await place.returns.accept('sftp', mill.id, 'O1.NC');
  writeFileSync(join(place.inbound, 'left-over'), 'G1');
  await place.returns.closeInterrupted();
  expect(place.events('retrieval.failed')).toMatchObject([
    { actor: { kind: 'gateway' }, data: { retrievalId, reason: 'The gateway stopped while it came.' } },
  ]);
  expect(readdirSync(place.inbound)).toEqual([]);
});

describe('the folder that a machine sends into', () => {
  const shelf = () => {
    const { catalog } = place.at;
    return new ReturnShelf({ shelves: new FakeShelf(), catalog, clock: () => place.now }).through('sftp');
  };

  test('is in every shelf, and shows what came in the last days with what it was', async () => {
    expect(await shelf().list(mill.id, [])).toMatchObject([{ kind: 'folder', name: 'from-machine' }]);
    expect(await shelf().list(mill.id, ['from-machine'])).toEqual([]);
    await place.sendBack('O1.NC', program);
    await place.sendBack('O1.NC', `${program}\n`);
    await place.sendBack('O2.NC', program, { complete: false });
    const file = { kind: 'file', name: 'O1.NC', size: program.length + 1 };
    expect(await shelf().list(mill.id, ['from-machine'])).toMatchObject([{ kind: 'folder', name: 'unmatched' }, file]);
    expect(await shelf().list(mill.id, ['from-machine', 'unmatched'])).toMatchObject([file]);
    expect(await shelf().stat(mill.id, ['from-machine', 'O1.NC'])).toMatchObject(file);
    expect(await shelf().stat(mill.id, ['from-machine', 'unmatched', 'O1.NC'])).toMatchObject(file);
    expect(await shelf().stat(mill.id, ['from-machine', 'O2.NC'])).toBeUndefined();
    expect(await shelf().list(mill.id, ['from-machine', 'different'])).toBeUndefined();
  });

  test('shows it to no other machine, nor for ever, and gives none of it out', async () => {
    await place.sendBack('O1.NC', program);
    expect(await shelf().list('MILL-2' as never, ['from-machine'])).toEqual([]);
    await expect(shelf().open(mill.id, ['from-machine', 'O1.NC'])).rejects.toMatchObject({ code: 'forbidden' });
    place.now += limits.arrivalsShownMs + 1;
    expect(await shelf().list(mill.id, ['from-machine'])).toEqual([]);
  });
});
