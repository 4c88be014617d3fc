import { createPublicKey } from 'node:crypto';
import { formatCheckpoint } from '../../src/merkle/checkpoint.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { formatNote, formatVerifierKey, makeSigner, parseVerifierKey, signNoteLine } from '../../src/merkle/note.ts';
import { TileHashReader, TreeBuilder } from '../../src/merkle/tiles.ts';
import { consistencyProof, rootOf } from '../../src/merkle/tree.ts';
import { formatAddCheckpoint } from '../../src/merkle/witness.ts';
import { newEd25519Key, newP256Key } from '../../src/signing/keys.ts';

export const logOrigin = 'shop.example/ledger';

export function makeLogKeys(origin = logOrigin) {
  const keys = [newEd25519Key(), newP256Key()];
  const vkeys = keys.map((key) => formatVerifierKey(origin, createPublicKey(key)));
  return {
    origin,
    vkeys,
    signers: keys.map((key) => makeSigner(origin, key)),
    verifiers: vkeys.map((key) => parseVerifierKey(key)),
  };
}
export type LogKeys = ReturnType<typeof makeLogKeys>;

/** A log of `entries` leaves and its checkpoints; a `fork` has other leaves from that index on, under the same keys. */
export function makeLog(keys: LogKeys, entries: number, fork = Number.POSITIVE_INFINITY) {
  const tree = TreeBuilder.empty();
  const full = new Map<string, Buffer>();
  for (let index = 0; index < entries; index += 1) {
    tree.append(leafHash(Buffer.from(index < fork ? `entry ${index}` : `other ${index}`)));
    for (const tile of tree.takeCompleted()) full.set(`${tile.level}/${tile.index}`, tile.hashes);
  }
  const hashes = new TileHashReader((level, index) => full.get(`${level}/${index}`) ?? tree.partial(level));
  const signed = new Map<string, string>();
  /** Signed once: two ECDSA signatures of one text differ. */
  const checkpoint = (size: number, signers = keys.signers): string => {
    const key = `${size} by ${signers.length}`;
    const before = signed.get(key);
    if (before !== undefined) return before;
    const note = sign(size, signers);
    signed.set(key, note);
    return note;
  };
  const sign = (size: number, signers: LogKeys['signers']): string => {
    const text = formatCheckpoint({ origin: keys.origin, size, root: rootOf(size, hashes) });
    return formatNote(
      text,
      signers.map((signer) => signNoteLine(text, signer)),
    );
  };
  return {
    hashes,
    checkpoint,
    /** What the log sends to a witness whose newest checkpoint is of `oldSize`. */
    request: (oldSize: number, size: number) =>
      formatAddCheckpoint({
        oldSize,
        proof: consistencyProof(oldSize, size, hashes),
        checkpoint: checkpoint(size),
      }),
    signed: (size: number) => ({ origin: keys.origin, size, root: rootOf(size, hashes), note: checkpoint(size) }),
  };
}
