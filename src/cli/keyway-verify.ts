#!/usr/bin/env node
/**
 * Verifies an exported ledger (C2SP tlog-tiles v0.1), or an unpacked pack of evidence, without any other file of this project: Node's own modules and
 * this page are all there is to trust, together with the trust file, which must come by another way than the export.
 *
 *   node keyway-verify.ts DIR trust.json [--older CHECKPOINT]     an export
 *   node keyway-verify.ts PACK trust.json                         a pack: the folder has an entries.json
 *
 * It is a second implementation on purpose: it shares no line with the gateway's own tree, tile and note code.
 *
 * 1. `checkpoint` is signed by both ledger keys of one time of the trust file (C2SP signed-note: Ed25519 0x01, ECDSA P-256
 *    0x02), and no entry under it is from after their end.
 * 2. Every entry is hashed out of the bundles; the root over them is the signed one, so each entry is in the tree.
 * 3. Every hash tile and bundle in the folder, also a partial one of an older export, is the one that the entries make.
 * 4. With --older: the first entries make the root of that older checkpoint, which is signed too.
 *
 * Of a pack: every file is the one that SHA256SUMS names and none is beside them; the checkpoint as in 1; each proof leads
 * from its leaf to the root (RFC 9162 2.1.3.2); each body with its salt is what its leaf commits to; entries.json tells of
 * the same entries; and where there is an older checkpoint, or one that an authority stamped, it is signed and the tree extends
 * it (RFC 9162 2.1.4.2). The timestamp itself (RFC 3161) is for `openssl ts -verify`.
 */
import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

const exit = { verified: 0, usage: 2, malformed: 4, signature: 10, inclusion: 11, consistency: 12, missing: 13 };

class Rejected extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
const malformed = (what: string) => new Rejected(exit.malformed, `MALFORMED: ${what}`);
const missing = (what: string) => new Rejected(exit.missing, `MISSING DATA: ${what}`);
const badInclusion = (what: string) => new Rejected(exit.inclusion, `BAD INCLUSION: ${what}`);
const badConsistency = (what: string) => new Rejected(exit.consistency, `BAD CONSISTENCY: ${what}`);
const badSignature = (what: string) => new Rejected(exit.signature, `BAD SIGNATURE: ${what}`);

// ---- Reading ---------------------------------------------------------------------------------------------------------

/** Only a regular file counts: a link could lead to another content tomorrow. */
function readRegular(path: string, maxBytes: number): Buffer {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) throw missing(`${path} is not there`);
  if (!stats.isFile()) throw malformed(`${path} is not a regular file`);
  if (stats.size > maxBytes) throw malformed(`${path} is larger than ${maxBytes} bytes`);
  return readFileSync(path);
}

function asText(bytes: Buffer, what: string): string {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw malformed(`${what} is not UTF-8`);
  return text;
}

/** RFC 4648 section 4 with padding, the one encoding of these bytes. */
function base64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw malformed(`${what} is not canonical base64`);
  return bytes;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

// ---- The trust file and signed notes ---------------------------------------------------------------------------------

type Key = { id: string; ecdsa: boolean; key: KeyObject };
/** Keys that sign together until they end, in milliseconds; the newest do not. */
type Pair = { keys: readonly Key[]; ended: number };
type Trust = { origin: string; pairs: readonly Pair[] };

type Root = { v: unknown; origin: string; ledgerKeys: { vkeys: string[]; until?: string }[] };

/** Of the trust file only the origin and the ledger's keys matter here: who signed it is for whoever hands it over. */
function readTrust(path: string): Trust {
  try {
    const file = JSON.parse(asText(readRegular(path, 1_000_000), path)) as { root: Root };
    const { v, origin, ledgerKeys } = file.root;
    if (v !== 2 || typeof origin !== 'string' || ledgerKeys.length === 0) throw new Error('another version');
    const pairs = ledgerKeys.map(({ vkeys, until }) => ({
      keys: vkeys.map((vkey) => readKey(vkey, origin)),
      ended: until === undefined ? Infinity : Date.parse(until),
    }));
    if (pairs.some(({ keys }) => keys.length !== 2)) throw new Error('ledger keys come in pairs');
    return { origin, pairs };
  } catch (error) {
    if (error instanceof Rejected) throw error;
    throw new Rejected(exit.usage, `${path}: not a trust file (${(error as Error).message})`);
  }
}

/** A vkey: `<name>+<hex key id>+<base64(algorithm, key)>`. The key id must follow from the key. */
function readKey(text: string, origin: string): Key {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name !== origin || id === undefined || encoded === undefined)
    throw badSignature('a trusted key is not this log’s');
  const bytes = base64(encoded, 'a trusted key');
  const key = bytes.subarray(1);
  const ecdsa = bytes[0] === 2;
  if (!ecdsa && (bytes[0] !== 1 || key.length !== 32)) throw badSignature('a trusted key is of an unknown type');
  const expected = ecdsa ? sha256(key) : sha256(Buffer.from(`${name}\n`), bytes);
  if (expected.toString('hex', 0, 4) !== id) throw badSignature('the key id of a trusted key does not belong to it');
  const object = ecdsa
    ? createPublicKey({ key, format: 'der', type: 'spki' })
    : createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }, format: 'jwk' });
  return { id, ecdsa, key: object };
}

/** `ended`: when the keys did that signed it. */
type Checkpoint = { size: number; root: Buffer; ended: number };

/** A checkpoint is younger than all that it covers. Without any time at hand there is nothing to hold against it. */
function requireNotEnded({ ended }: Checkpoint, times: readonly string[], path: string): void {
  const late = times.find((time) => Date.parse(time) >= ended);
  if (late !== undefined) throw badSignature(`${path} covers an entry of ${late}, after the end of its keys`);
}

/** A signed note whose text is `origin\nsize\nroot\n`. Both keys of one time must have signed; others do not count. */
function openCheckpoint(path: string, { origin, pairs }: Trust): Checkpoint {
  const note = asText(readRegular(path, 1_000_000), path);
  const [, text, lines] = /^([^\n]+\n[^\n]+\n[^\n]+\n)\n((?:— [^\n ]+ [^\n ]+\n)+)$/.exec(note) ?? [];
  if (text === undefined || lines === undefined) throw malformed(`${path} is not a signed checkpoint`);
  const ids = lines.split('\n').map((line) => Buffer.from(line.split(' ')[2] ?? '', 'base64').toString('hex', 0, 4));
  const named = pairs.findLast(({ keys }) => keys.some(({ id }) => ids.includes(id))) ?? pairs.at(-1);
  const { keys, ended } = named as Pair;
  const signed = new Set<Key>();
  for (const line of lines.slice(0, -1).split('\n')) {
    const [, name, encoded = ''] = line.split(' ');
    const signature = base64(encoded, 'a signature');
    const id = signature.toString('hex', 0, 4);
    const trusted = keys.find((key) => name === origin && key.id === id);
    if (!trusted) continue;
    if (!verify(trusted.ecdsa ? 'sha256' : null, Buffer.from(text), trusted.key, signature.subarray(4))) {
      throw badSignature(`${path}: the signature of key ${id} does not verify`);
    }
    signed.add(trusted);
  }
  const unsigned = keys.find((key) => !signed.has(key));
  if (unsigned) throw badSignature(`${path} is not signed by key ${unsigned.id}`);
  const [name, size = '', root = ''] = text.split('\n');
  if (name !== origin) throw badSignature(`${path} is of ${name}, not of ${origin}`);
  if (!/^(0|[1-9][0-9]{0,14})$/.test(size)) throw malformed(`${path}: the size is not a decimal number`);
  const bytes = base64(root, 'the root');
  if (bytes.length !== 32) throw malformed(`${path}: the root is not 32 bytes`);
  return { size: Number(size), root: bytes, ended };
}

// ---- The tree (RFC 6962 2.1) -----------------------------------------------------------------------------------------

const leafOf = (entry: Uint8Array): Buffer => sha256(Buffer.of(0), entry);
const nodeOf = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right);

/** Complete subtrees from left to right; two of one height become one of the next. */
class Tree {
  #subtrees: { height: number; root: Buffer }[] = [];

  add(leaf: Buffer): void {
    let last = { height: 0, root: leaf };
    for (let left = this.#subtrees.at(-1); left?.height === last.height; left = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      last = { height: last.height + 1, root: nodeOf(left.root, last.root) };
    }
    this.#subtrees.push(last);
  }

  root(): Buffer {
    const [last, ...rest] = this.#subtrees.map(({ root }) => root).reverse();
    return last ? rest.reduce((right, left) => nodeOf(left, right), last) : sha256();
  }
}

// ---- The folder (C2SP tlog-tiles) ------------------------------------------------------------------------------------

/** The widths in which the folder holds one tile or bundle; 256 is a full one. */
type Stored = Map<string, number[]>;

/** `x001/x234/067` for 1234067. */
function pathOf(level: string, index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === 256 ? '' : `.p/${width}`}`;
}

/** Every file under `tile/`, each under the one path that names it. Names with a leading dot are nobody's tiles. */
function listTiles(folder: string): Stored {
  const stored: Stored = new Map();
  const walk = (path: string): void => {
    if (!lstatSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory()) throw missing(`${path} is no folder`);
    for (const { name } of readdirSync(join(folder, path), { withFileTypes: true })) {
      if (name.startsWith('.')) continue;
      const inside = `${path}/${name}`;
      if (lstatSync(join(folder, inside)).isDirectory()) walk(inside);
      else addTile(stored, inside);
    }
  };
  walk('tile');
  return stored;
}

function addTile(stored: Stored, path: string): void {
  const [, level, groups, partial] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  const index = Number((groups ?? '').replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? 256 : Number(partial);
  if (level === undefined || width < 1 || width > 256 || pathOf(level, index, width) !== path) {
    throw malformed(`${path} is no tile of a tlog-tiles folder`);
  }
  const key = `${level}/${index}`;
  stored.set(key, [...(stored.get(key) ?? []), width]);
}

/** The entries of a bundle: each behind its big-endian uint16 length, and nothing after the last. */
function readBundle(folder: string, index: number, width: number): Buffer[] {
  const path = pathOf('entries', index, width);
  const bytes = readRegular(join(folder, path), 256 * 65_537);
  const entries: Buffer[] = [];
  for (let at = 0; entries.length < width; ) {
    const start = at + 2;
    at = start > bytes.length ? start : start + bytes.readUInt16BE(at);
    if (at > bytes.length) throw malformed(`${path} ends inside entry ${index * 256 + entries.length}`);
    entries.push(bytes.subarray(start, at));
    if (entries.length === width && at !== bytes.length) throw malformed(`${path} goes on after its last entry`);
  }
  return entries;
}

/** RFC 8785 JSON of a Keyway leaf: a commitment, a time and a type; nothing technical and no name. */
const leafForm =
  /^\{"body":"[0-9a-f]{64}","time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","type":"[a-z.-]{1,60}","v":1\}$/;

// ---- The verification ------------------------------------------------------------------------------------------------

class Verification {
  readonly #folder: string;
  readonly #stored: Stored;
  readonly #size: number;
  /** Hashes of each level that stand in a tile which is not full yet, and that tile's number. */
  readonly #open: { index: number; hashes: Buffer[] }[] = [];
  files = 0;
  beyond = 0;

  constructor(folder: string, size: number) {
    this.#folder = folder;
    this.#stored = listTiles(folder);
    this.#size = size;
  }

  /** Reads all entries once, holding one bundle. Returns root and last time of them, and of the first `olderSize`. */
  run(olderSize: number): { root: Buffer; last: string; olderRoot: Buffer; olderLast: string } {
    const tree = new Tree();
    let [last, olderRoot, olderLast] = ['', tree.root(), ''];
    for (let first = 0; first < this.#size; first += 256) {
      const width = Math.min(256, this.#size - first);
      const entries = readBundle(this.#folder, first / 256, width);
      this.#checkBundles(first / 256, entries);
      for (const [at, entry] of entries.entries()) {
        last = leafForm.exec(entry.toString('latin1'))?.[1] ?? '';
        if (last === '') throw malformed(`entry ${first + at} is not a ledger leaf`);
        const leaf = leafOf(entry);
        tree.add(leaf);
        this.#intoTile(0, leaf);
        if (first + at + 1 === olderSize) [olderRoot, olderLast] = [tree.root(), last];
      }
    }
    for (let level = 0; level < this.#open.length; level += 1) this.#checkTiles(level);
    this.beyond += [...this.#stored.values()].flat().length;
    return { root: tree.root(), last, olderRoot, olderLast };
  }

  #intoTile(level: number, root: Buffer): void {
    const tile = this.#open[level] ?? { index: 0, hashes: [] };
    this.#open[level] = tile;
    tile.hashes.push(root);
    if (tile.hashes.length < 256) return;
    this.#checkTiles(level);
    const whole = new Tree();
    for (const hash of tile.hashes) whole.add(hash);
    this.#open[level] = { index: tile.index + 1, hashes: [] };
    this.#intoTile(level + 1, whole.root());
  }

  /** Partial bundles of older exports: the first entries, and nothing else. The one of this size was just read. */
  #checkBundles(index: number, entries: readonly Buffer[]): void {
    for (const width of this.#take('entries', index, entries.length)) {
      const known = Math.min(width, entries.length);
      const held = width === entries.length ? entries : readBundle(this.#folder, index, width);
      const wrong = entries.slice(0, known).findIndex((entry, at) => held[at]?.equals(entry) !== true);
      const path = pathOf('entries', index, width);
      if (wrong >= 0) throw badInclusion(`entry ${index * 256 + wrong} differs between ${path} and the newest bundle`);
    }
  }

  #checkTiles(level: number): void {
    const { index, hashes } = this.#open[level] ?? { index: 0, hashes: [] };
    if (hashes.length === 0) return;
    for (const width of this.#take(String(level), index, hashes.length)) {
      const path = pathOf(String(level), index, width);
      const bytes = readRegular(join(this.#folder, path), 8192);
      if (bytes.length !== width * 32) throw malformed(`${path} is ${bytes.length} bytes, not ${width * 32}`);
      const wrong = hashes.slice(0, width).findIndex((hash, at) => !hash.equals(bytes.subarray(at * 32, at * 32 + 32)));
      if (wrong >= 0)
        throw badInclusion(`entry ${(index * 256 + wrong) * 256 ** level}: ${path} is not what the entries make`);
    }
  }

  /** The widths in which this tile is stored, which must include the one of this tree. Those that remain are beyond it. */
  #take(level: string, index: number, width: number): number[] {
    const widths = this.#stored.get(`${level}/${index}`) ?? [];
    if (!widths.includes(width)) throw missing(`${pathOf(level, index, width)} is not there`);
    this.#stored.delete(`${level}/${index}`);
    this.files += widths.length;
    return widths;
  }
}

function verifyExport(folder: string, trustFile: string, olderFile: string | undefined): string {
  const trust = readTrust(trustFile);
  const checkpoint = openCheckpoint(join(folder, 'checkpoint'), trust);
  const older = olderFile === undefined ? undefined : openCheckpoint(olderFile, trust);
  if (older && older.size > checkpoint.size) {
    throw badConsistency(`the older checkpoint covers ${older.size} entries, this one ${checkpoint.size}: it was cut`);
  }
  const verification = new Verification(folder, checkpoint.size);
  const { root, last, olderRoot, olderLast } = verification.run(older?.size ?? 0);
  if (!root.equals(checkpoint.root))
    throw badInclusion(`the ${checkpoint.size} entries do not make the root that is signed`);
  requireNotEnded(checkpoint, [last], 'checkpoint');
  if (older) requireNotEnded(older, [olderLast], 'the older checkpoint');
  if (older && !olderRoot.equals(older.root))
    throw badConsistency(`the first ${older.size} entries are not those of the older checkpoint`);
  const extent = older ? `, extends ${older.size} entries` : '';
  const beyond = verification.beyond === 0 ? '' : `; ${verification.beyond} files beyond it are not covered`;
  return `VERIFIED ${trust.origin}: ${checkpoint.size} entries, ${verification.files} files, root ${root.toString('base64')}${extent}${beyond}`;
}

// ---- A pack of evidence ----------------------------------------------------------------------------------------------

type PackEntry = { index: number; time: string; type: string; disclosed: boolean };
const timeOf = ({ time }: PackEntry): string => time;

function verifyPack(folder: string, trustFile: string): string {
  const trust = readTrust(trustFile);
  const files = checkSums(folder);
  const checkpoint = openCheckpoint(join(folder, 'checkpoint'), trust);
  const entries = readEntries(folder, trust.origin, checkpoint.size);
  for (const entry of entries) checkEntry(folder, entry, checkpoint);
  requireNotEnded(checkpoint, entries.map(timeOf), 'checkpoint');
  const expected = entries.flatMap(({ index, disclosed }) => [
    `leaves/${index}.json`,
    `proofs/${index}.tlog-proof`,
    ...(disclosed ? [`bodies/${index}.json`, `salts/${index}.bin`] : []),
  ]);
  const told = [...files].filter((path) => /^(leaves|proofs|bodies|salts)\//.test(path));
  const unknown = told.find((path) => !expected.includes(path));
  if (unknown !== undefined) throw malformed(`${unknown} is of no entry that entries.json names`);
  const sizeUnder = (note: string, proof: string) =>
    files.has(note) ? checkOlder(folder, trust, checkpoint, { note, proof, entries }) : undefined;
  const olderSize = sizeUnder('older-checkpoint', 'consistency.json');
  const stampedSize = sizeUnder('timestamp/checkpoint', 'timestamp/consistency.json');
  const older = olderSize === undefined ? '' : `; extends ${olderSize} entries`;
  // What the authority signed is for openssl to judge.
  const stamped = stampedSize === undefined ? '' : `; timestamp to be checked over the first ${stampedSize}`;
  const shown = entries.filter(({ disclosed }) => disclosed).length;
  return `VERIFIED ${trust.origin}: ${entries.length} entries (${shown} with content) of ${checkpoint.size}, ${files.size} files${older}${stamped}`;
}

/** Every file of the folder is the one that SHA256SUMS names. Gives their paths. */
function checkSums(folder: string): Set<string> {
  const listed = new Map<string, string>();
  for (const line of asText(readRegular(join(folder, 'SHA256SUMS'), 100_000_000), 'SHA256SUMS')
    .trimEnd()
    .split('\n')) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}([^/].*)$/.exec(line) ?? [];
    if (digest === undefined || path === undefined || path.split('/').includes('..'))
      throw malformed('SHA256SUMS has a line that is none');
    listed.set(path, digest);
  }
  const walk = (inside: string): string[] =>
    readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((found) => {
      const path = inside === '' ? found.name : `${inside}/${found.name}`;
      return found.isDirectory() ? walk(path) : [path];
    });
  for (const path of walk('')) {
    if (path === 'SHA256SUMS') continue;
    const digest = listed.get(path);
    if (digest === undefined) throw malformed(`${path} is not in SHA256SUMS`);
    if (fileDigest(join(folder, path)) !== digest) throw badInclusion(`${path} is not the file that SHA256SUMS names`);
  }
  for (const path of listed.keys())
    if (!lstatSync(join(folder, path), { throwIfNoEntry: false })) throw missing(`${path} is not there`);
  return new Set(listed.keys());
}

function fileDigest(path: string): string {
  if (!lstatSync(path).isFile()) throw malformed(`${path} is not a regular file`);
  const fd = openSync(path, 'r');
  try {
    const digest = createHash('sha256');
    const piece = Buffer.alloc(1_048_576);
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) digest.update(piece.subarray(0, read));
    return digest.digest('hex');
  } finally {
    closeSync(fd);
  }
}

function readEntries(folder: string, origin: string, size: number): PackEntry[] {
  const path = join(folder, 'entries.json');
  const told = parseObject(path) as { v?: unknown; origin?: unknown; size?: unknown; entries?: unknown };
  if (told.v !== 1 || !Array.isArray(told.entries) || told.entries.length === 0) throw malformed(`${path} is no list`);
  if (told.origin !== origin || told.size !== size) throw badInclusion(`${path} is about another tree`);
  return told.entries.map((entry: PackEntry) => {
    if (!Number.isSafeInteger(entry?.index) || entry.index < 0 || typeof entry.disclosed !== 'boolean')
      throw malformed(`${path} has an entry that is none`);
    return entry;
  });
}

function parseObject(path: string): object {
  try {
    return JSON.parse(asText(readRegular(path, 100_000_000), path)) as object;
  } catch (error) {
    throw error instanceof Rejected ? error : malformed(`${path} is not JSON`);
  }
}

function checkEntry(folder: string, { index, time, type, disclosed }: PackEntry, { size, root }: Checkpoint): void {
  const leaf = readRegular(join(folder, `leaves/${index}.json`), 65_535);
  if (!leafForm.test(leaf.toString('latin1'))) throw malformed(`entry ${index} is not a ledger leaf`);
  const told = JSON.parse(leaf.toString('latin1')) as { body: string; time: string; type: string };
  if (told.time !== time || told.type !== type) throw badInclusion(`entry ${index}: entries.json tells of another`);
  const proof = readProof(join(folder, `proofs/${index}.tlog-proof`), index);
  if (!rootFrom(leafOf(leaf), index, size, proof).equals(root))
    throw badInclusion(`entry ${index}: its proof does not lead to the root that is signed`);
  if (!disclosed) return;
  const salt = readRegular(join(folder, `salts/${index}.bin`), 16);
  const body = readRegular(join(folder, `bodies/${index}.json`), 65_535);
  if (sha256(salt, body).toString('hex') !== told.body)
    throw badInclusion(`entry ${index}: its body is not the one that the leaf commits to`);
}

/** The hashes of a C2SP tlog-proof; its checkpoint must be the pack's, which SHA256SUMS and step 1 hold. */
function readProof(path: string, index: number): Buffer[] {
  const text = asText(readRegular(path, 1_000_000), path);
  const [head, checkpoint] = [text.slice(0, text.indexOf('\n\n')), text.slice(text.indexOf('\n\n') + 2)];
  const [format, at, ...hashes] = head.split('\n');
  if (format !== 'c2sp.org/tlog-proof@v1' || at !== `index ${index}` || !checkpoint.includes('\n'))
    throw malformed(`${path} is no proof of entry ${index}`);
  return hashes.map((line) => base64(line, path));
}

/** RFC 9162 2.1.3.2. A proof of another length leads elsewhere. */
function rootFrom(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer {
  if (index >= size) throw badInclusion(`entry ${index} is not in a tree of ${size}`);
  let [at, last, node] = [index, size - 1, leaf];
  for (const other of proof) {
    if (last === 0) throw badInclusion(`entry ${index}: its proof is too long`);
    if (at % 2 === 1 || at === last) {
      node = nodeOf(other, node);
      for (; at % 2 === 0 && at !== 0; at = at / 2) last = Math.floor(last / 2);
    } else node = nodeOf(node, other);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw badInclusion(`entry ${index}: its proof is too short`);
  return node;
}

/** RFC 9162 2.1.4.2. */
function checkOlder(
  folder: string,
  trust: Trust,
  newer: Checkpoint,
  { note, proof: name, entries }: { note: string; proof: string; entries: readonly PackEntry[] },
): number {
  const older = openCheckpoint(join(folder, note), trust);
  requireNotEnded(older, entries.filter(({ index }) => index < older.size).map(timeOf), note);
  const told = parseObject(join(folder, name)) as { proof?: unknown };
  const bad = () => badConsistency(`the tree does not extend the ${older.size} entries`);
  if (!Array.isArray(told.proof) || older.size > newer.size) throw bad();
  const proof = told.proof.map((line) => base64(String(line), name));
  if (older.size === 0 || older.size === newer.size) {
    const same = older.size === 0 ? older.root.equals(sha256()) : older.root.equals(newer.root);
    if (!same || proof.length > 0) throw bad();
    return older.size;
  }
  const isPower = Math.log2(older.size) % 1 === 0;
  const [first, ...rest] = isPower ? [older.root, ...proof] : proof;
  if (!first) throw bad();
  let [at, last, left, right] = [older.size - 1, newer.size - 1, first, first];
  for (; at % 2 === 1; at = Math.floor(at / 2)) last = Math.floor(last / 2);
  for (const node of rest) {
    if (last === 0) throw bad();
    if (at % 2 === 1 || at === last) {
      [left, right] = [nodeOf(node, left), nodeOf(node, right)];
      for (; at % 2 === 0 && at !== 0; at = at / 2) last = Math.floor(last / 2);
    } else right = nodeOf(right, node);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || !left.equals(older.root) || !right.equals(newer.root)) throw bad();
  return older.size;
}

function main(args: readonly string[]): number {
  const [folder, trustFile, option, older] = args;
  const plain = args.length === 2;
  if (!folder || !trustFile || !(plain || (args.length === 4 && option === '--older' && older))) {
    process.stderr.write('usage: keyway-verify.ts DIR trust.json [--older CHECKPOINT]\n');
    return exit.usage;
  }
  try {
    const isPack = plain && lstatSync(join(folder, 'entries.json'), { throwIfNoEntry: false }) !== undefined;
    process.stdout.write(`${isPack ? verifyPack(folder, trustFile) : verifyExport(folder, trustFile, older)}\n`);
    return exit.verified;
  } catch (error) {
    const known = error instanceof Rejected;
    const message = known ? error.message : `MALFORMED: ${String(error)}`;
    // A name in the folder, or in the checkpoint, steers no terminal.
    process.stdout.write(`NOT VERIFIED ${message.replaceAll(/[^\x20-\x7e\u00a0-\u2028]/g, '?')}\n`);
    return known ? error.code : exit.malformed;
  }
}

process.exitCode = main(process.argv.slice(2));
