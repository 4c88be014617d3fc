#!/usr/bin/env node
/**
 * Verifies an exported ledger (C2SP tlog-tiles v0.1) without any other file of this project: Node's own modules and
 * this page are all there is to trust, together with the trust file, which must come by another way than the export.
 *
 *   node keyway-verify.ts DIR trust.json [--older CHECKPOINT]
 *
 * It is a second implementation on purpose: it shares no line with the gateway's own tree, tile and note code.
 *
 * 1. `checkpoint` is signed by every ledger key of the trust file (C2SP signed-note: Ed25519 0x01, ECDSA P-256 0x02).
 * 2. Every entry is hashed out of the bundles; the root over them is the signed one, so each entry is in the tree.
 * 3. Every hash tile and bundle in the folder, also a partial one of an older export, is the one that the entries make.
 * 4. With --older: the first entries make the root of that older checkpoint, which is signed too.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const exit = {
  verified: 0,
  usage: 2,
  malformed: 4,
  signature: 10,
  inclusion: 11,
  consistency: 12,
  missing: 13,
} as const;

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
type Trust = { origin: string; keys: readonly Key[] };

/** Of the trust file only the origin and the ledger's keys matter here. */
function readTrust(path: string): Trust {
  let file: unknown;
  try {
    file = JSON.parse(asText(readRegular(path, 1_000_000), path));
  } catch (error) {
    throw new Rejected(exit.usage, `${path}: not a trust file (${(error as Error).message})`);
  }
  const { v, origin, ledgerKeys } = (file ?? {}) as { v?: unknown; origin?: unknown; ledgerKeys?: unknown };
  if (v !== 1 || typeof origin !== 'string' || !Array.isArray(ledgerKeys) || ledgerKeys.length === 0) {
    throw new Rejected(exit.usage, `${path}: not a trust file`);
  }
  return { origin, keys: ledgerKeys.map((text) => readKey(String(text), origin)) };
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

type Checkpoint = { size: number; root: Buffer };

/** A signed note whose text is `origin\nsize\nroot\n`. Every trusted key must have signed; other signers do not count. */
function openCheckpoint(path: string, { origin, keys }: Trust): Checkpoint {
  const note = asText(readRegular(path, 1_000_000), path);
  const [, text, lines] = /^([^\n]+\n[^\n]+\n[^\n]+\n)\n((?:— [^\n ]+ [^\n ]+\n)+)$/.exec(note) ?? [];
  if (text === undefined || lines === undefined) throw malformed(`${path} is not a signed checkpoint`);
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
  return { size: Number(size), root: bytes };
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
  /^\{"body":"[0-9a-f]{64}","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"[a-z.-]{1,60}","v":1\}$/;

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

  /** Reads all entries once, in order, holding one bundle. Returns the root over them and over the first `olderSize`. */
  run(olderSize: number): { root: Buffer; olderRoot: Buffer } {
    const tree = new Tree();
    let olderRoot = tree.root();
    for (let first = 0; first < this.#size; first += 256) {
      const width = Math.min(256, this.#size - first);
      const entries = readBundle(this.#folder, first / 256, width);
      this.#checkBundles(first / 256, entries);
      for (const [at, entry] of entries.entries()) {
        if (!leafForm.test(entry.toString('latin1'))) throw malformed(`entry ${first + at} is not a ledger leaf`);
        const leaf = leafOf(entry);
        tree.add(leaf);
        this.#intoTile(0, leaf);
        if (first + at + 1 === olderSize) olderRoot = tree.root();
      }
    }
    for (let level = 0; level < this.#open.length; level += 1) this.#checkTiles(level);
    this.beyond += [...this.#stored.values()].flat().length;
    return { root: tree.root(), olderRoot };
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
    const message = `the older checkpoint covers ${older.size} entries, this one ${checkpoint.size}: the end was cut off`;
    throw new Rejected(exit.consistency, `BAD CONSISTENCY: ${message}`);
  }
  const verification = new Verification(folder, checkpoint.size);
  const { root, olderRoot } = verification.run(older?.size ?? 0);
  if (!root.equals(checkpoint.root)) {
    throw badInclusion(`the ${checkpoint.size} entries do not make the root that is signed`);
  }
  if (older && !olderRoot.equals(older.root)) {
    const message = `the first ${older.size} entries are not those of the older checkpoint`;
    throw new Rejected(exit.consistency, `BAD CONSISTENCY: ${message}`);
  }
  const extent = older ? `, extends ${older.size} entries` : '';
  const beyond = verification.beyond === 0 ? '' : `; ${verification.beyond} files beyond it are not covered`;
  return `VERIFIED ${trust.origin}: ${checkpoint.size} entries, ${verification.files} files, root ${root.toString('base64')}${extent}${beyond}`;
}

function main(args: readonly string[]): number {
  const [folder, trustFile, option, older] = args;
  const plain = args.length === 2;
  if (!folder || !trustFile || !(plain || (args.length === 4 && option === '--older' && older))) {
    process.stderr.write('usage: keyway-verify.ts DIR trust.json [--older CHECKPOINT]\n');
    return exit.usage;
  }
  try {
    process.stdout.write(`${verifyExport(folder, trustFile, older)}\n`);
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
