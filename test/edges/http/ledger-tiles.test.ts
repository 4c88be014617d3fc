import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { Proofs } from '../../../src/ledger/proofs.ts';
import { LedgerBrowse } from '../../../src/services/ledger-browse.ts';
import { type ExportPlace, filesIn, openExportPlace } from '../../helpers/export-place.ts';
import { askerName, codeOf, engineer, type HttpDoor, openHttpDoor, programmer, signed } from './http-door.ts';

/** The ledger holds 700 entries; the newest signed checkpoint covers 600. */
let place: ExportPlace;
let door: HttpDoor;
beforeAll(async () => {
  place = await openExportPlace(700);
  const { ledger, reader, hashes } = place.at;
  const ledgerBrowse = new LedgerBrowse({
    authority: {
      require(_action, asker) {
        if (askerName(asker) === programmer.person.id) throw new DomainError('policy-denied', 'Not for programmers.');
        return {} as never;
      },
    },
    ledger,
    publisher: { latest: place.checkpointAt(600) },
    proofs: new Proofs(reader, hashes),
    origin: 'test.example/ledger',
    sight: { maySee: async () => true },
    rebuildCatalogue: () => ({ entries: 0, differing: [] }),
  });
  door = await openHttpDoor(() => ({ ledgerBrowse }));
});
afterAll(async () => {
  await door.close();
  place.close();
});

const ask = async (path: string) => {
  const answer = await door.overSocket({ path: `/ledger/${path}` });
  return [answer.status, codeOf(answer)];
};

describe('whoever may read the ledger', () => {
  it('gets over HTTP the very files of an export', async () => {
    const folder = place.folder();
    for (const size of [1, 300, 600]) place.exportAt(folder, size);
    const files = filesIn(folder).filter((file) => file !== 'checkpoint');
    expect(files).toHaveLength(12);
    for (const file of files) {
      expect({ file, same: (await door.local.tile(file)).equals(readFileSync(join(folder, file))) }).toEqual({
        file,
        same: true,
      });
    }
  });

  it('may keep a full tile for good, and nothing else', async () => {
    const full = await door.overSocket({ path: '/ledger/tile/0/000' });
    expect(full).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'private, max-age=31536000, immutable', 'content-type': 'application/octet-stream' },
    });
    expect(full.headers['content-length']).toBe('8192');
    expect(await door.overSocket({ path: '/ledger/tile/0/000.p/255' })).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-length': '8160' },
    });
  });

  it.each([
    'tile/0/002.p/89',
    'tile/0/002',
    'tile/entries/002.p/89',
    'tile/entries/003.p/1',
    'tile/1/000.p/3',
    'tile/2/000.p/1',
    'tile/63/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ])('finds no %s, which no checkpoint covers', async (path) => {
    const [status, code] = await ask(path);
    expect([status, code]).toEqual(path.includes('x999') ? [400, 'request-invalid'] : [404, 'not-found']);
  });

  it.each(['tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/01', 'tile/0/x000/001', 'tile/00/000', 'tile/64/000'])(
    'is refused %s, which is another name of something or of nothing',
    async (path) => {
      expect(await ask(path)).toEqual([400, 'request-invalid']);
    },
  );
});

it('nobody else gets a tile', async () => {
  const path = '/ledger/tile/entries/000';
  expect((await door.overTls({ path })).status).toBe(401);
  expect((await door.overTls(signed(programmer, { path }))).status).toBe(403);
  expect((await door.overTls(signed(engineer, { path }))).status).toBe(200);
});
