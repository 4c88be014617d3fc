import { Broken, type Bytes, decimal, fromBase64, hex } from './bytes.ts';

/** One line under a note: `id` is the hex of the key id that stands before the signature. */
export type NoteSignature = { name: string; id: string; signature: Bytes };
export type Note = { text: string; signatures: readonly NoteSignature[] };
export type Checkpoint = { origin: string; size: number; root: Bytes };

const maxChars = 1_000_000;
const maxSignatures = 100;
const controls = /[\0-\x09\x0b-\x1f]/;
const line = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** C2SP signed-note v1: a text, a blank line, signature lines. Nothing is verified here. Throws `Broken`. */
export function readNote(note: string): Note {
  if (note.length > maxChars || !note.isWellFormed() || controls.test(note) || !note.endsWith('\n'))
    throw new Broken('this is no signed note');
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) throw new Broken('the note has no signatures');
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > maxSignatures) throw new Broken(`the note has more than ${maxSignatures} signatures`);
  return { text: note.slice(0, blank + 1), signatures: lines.map(readSignature) };
}

function readSignature(text: string): NoteSignature {
  const [, name, encoded] = line.exec(text) ?? [];
  if (name === undefined || encoded === undefined) throw new Broken('a signature line of the note is malformed');
  const bytes = fromBase64(encoded, `the signature of ${name}`);
  if (bytes.length < 5) throw new Broken(`the signature of ${name} is too short`);
  return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/** C2SP tlog-checkpoint v1 without extension lines. Throws `Broken`. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...more] = text.split('\n');
  if (!origin || size === undefined || root === undefined || end !== '' || more.length > 0)
    throw new Broken('a checkpoint is three lines: origin, size and root');
  const bytes = fromBase64(root, 'the root');
  if (bytes.length !== 32) throw new Broken('the root is not 32 bytes');
  return { origin, size: decimal(size, 'the size'), root: bytes };
}
