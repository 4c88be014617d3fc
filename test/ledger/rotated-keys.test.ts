import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLedger } from '../../src/ledger/export.ts';
import { verifyLedger } from '../../src/ledger/verify-parallel.ts';
import { formatCheckpoint, openLogCheckpoint } from '../../src/merkle/checkpoint.ts';
import { formatNote, formatVerifierKey, makeSigner, signNoteLine } from '../../src/merkle/note.ts';
import { newEd25519Key, newP256Key } from '../../src/signing/keys.ts';
import { parseTrust } from '../../src/signing/trust.ts';
import { keywayVerify } from '../helpers/export-place.ts';
import { makeTestKeys, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';
import { openTestLedger, someEvent } from '../helpers/test-ledger.ts';

/** The old keys signed on the first day, the new ones on the second; the clock of each entry is said. */
const [firstDay, secondDay] = [1_800_000_000_000, 1_800_086_400_000];
const old = makeTestKeys();
const pair = [newEd25519Key(), newP256Key()];
const from = old.trustFile.root.created;
const trustEnding = (endedMs: number) =>
  old.trustFileWith({
    ledgerKeys: [
      { vkeys: old.trust.ledgerVerifiers.map(({ vkey }) => vkey), from, until: new Date(endedMs).toISOString() },
      { vkeys: pair.map((key) => formatVerifierKey(testOrigin, createPublicKey(key))), from },
    ],
  });
const file = trustEnding(secondDay);
const trust = parseTrust(file);
const rotated = { trust, ledgerSigners: pair.map((key) => makeSigner(testOrigin, key)) };
const place = temporaryFolder();
const at = (name: string) => join(place.folder, name);
const signed = (signers: readonly (typeof rotated.ledgerSigners)[number][], size: number, root: Buffer) => {
  const text = formatCheckpoint({ origin: testOrigin, size, root });
  return formatNote(
    text,
    signers.map((signer) => signNoteLine(text, signer)),
  );
};
let notes: { first: string; last: string };

/** Entries under these keys, on that day, with a checkpoint over all of them. */
async function write(keys: typeof rotated | typeof old, day: number, count: number): Promise<string> {
  const ledger = openTestLedger({ keys, folder: place.folder, clock: () => day });
  for (let n = 0; n < count; n += 1)
    await ledger.ledger.commit(() => ({ events: [someEvent(n + ledger.ledger.size)], result: n }));
  await ledger.publisher.covering(ledger.ledger.size, 10_000);
  const { latest } = ledger.publisher;
  if (latest?.size === 8)
    exportLedger({ reader: ledger.reader, checkpoint: latest, trust: keys.trust, folder: at('export') });
  await ledger.end();
  return latest?.note ?? '';
}

describe('a ledger whose keys were rotated', () => {
  beforeAll(async () => {
    notes = { first: await write(old, firstDay, 5), last: await write(rotated, secondDay, 3) };
    writeFileSync(at('older'), notes.first);
    writeFileSync(at('trust.json'), JSON.stringify(file));
    writeFileSync(at('early.json'), JSON.stringify(trustEnding(firstDay)));
  });
  afterAll(() => place.remove());

  it('verifies with one trust file, old checkpoints by the old keys and new ones by the new', async () => {
    expect(openLogCheckpoint(notes.first, trust).size).toBe(5);
    expect(openLogCheckpoint(notes.last, trust).size).toBe(8);
    expect(await verifyLedger(at('ledger.db'), trust)).toMatchObject({ entries: 8, covered: 8, problems: [] });
  });

  it('does not verify where the old keys had ended before what they signed', async () => {
    const early = parseTrust(trustEnding(firstDay));
    const { problems } = await verifyLedger(at('ledger.db'), early);
    expect(problems.length).toBeGreaterThan(0);
    for (const { kind, message } of problems)
      expect([kind, message]).toEqual(['bad-signature', expect.stringContaining('keys that ended on')]);
  });

  it('takes nothing that the old keys sign over entries from after their end, nor one key of each pair', () => {
    const { size, root } = openLogCheckpoint(notes.last, trust);
    const late = signed(old.ledgerSigners, size, root);
    expect(() => openLogCheckpoint(late, trust, () => secondDay)).toThrow(/keys that ended on/);
    expect(openLogCheckpoint(late, trust, () => secondDay - 1).size).toBe(8);
    const [oldKey, newKey] = [old.ledgerSigners[0], rotated.ledgerSigners[1]];
    if (!oldKey || !newKey) throw new Error('there are no keys');
    expect(() => openLogCheckpoint(signed([oldKey, newKey], size, root), trust)).toThrow(/1 of the 2/);
    expect(() => openLogCheckpoint(notes.last, old.trust)).toThrow(/0 of the 2/);
  });

  it('is judged alike by the program that shares nothing with it', () => {
    const verify = (trustFile: string) => keywayVerify(at('export'), at(trustFile), '--older', at('older'));
    expect(verify('trust.json')).toMatchObject({ code: 0, out: expect.stringContaining('extends 5 entries') });
    expect(verify('early.json')).toMatchObject({ code: 10, out: expect.stringContaining('after the end of its keys') });
  });
});
