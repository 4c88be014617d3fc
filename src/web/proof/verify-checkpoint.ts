import { Broken } from './bytes.ts';
import { cosignedAt, type NoteKey, readKey } from './keys.ts';
import { type Checkpoint, type Note, readCheckpoint, readNote } from './note.ts';

/** Whose word counts: the ledger's keys, in pairs that sign together, and those of its witnesses. */
export type TrustedKeys = {
  origin: string;
  ledgerKeys: readonly { vkeys: readonly string[]; until?: string | undefined }[];
  witnesses?: { quorum: number; vkeys: readonly string[] } | undefined;
};

export type SignedCheckpoint = Checkpoint & {
  note: Note;
  /** The ids of the keys that signed it. */
  signedBy: readonly { id: string; kind: NoteKey['kind'] }[];
  /** When these keys ended; what they signed over an entry of that time or later does not count. */
  until: string | undefined;
};

/** The checkpoint in a note that both ledger keys of one time signed. Throws `Broken`. */
export async function openCheckpoint(text: string, trusted: TrustedKeys): Promise<SignedCheckpoint> {
  const note = readNote(text);
  const pairs = await Promise.all(
    trusted.ledgerKeys.map(async ({ vkeys, until }) => ({ keys: await Promise.all(vkeys.map(readKey)), until })),
  );
  const isNamed = ({ keys }: { keys: readonly NoteKey[] }) => keys.some((key) => linesOf(note, key).length > 0);
  const pair = pairs.findLast(isNamed);
  if (!pair) throw new Broken('the checkpoint is signed by none of the ledger’s keys');
  for (const key of pair.keys) await requireSigned(note, key, trusted.origin);
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== trusted.origin)
    throw new Broken(`the checkpoint is of ${checkpoint.origin}, not of ${trusted.origin}`);
  return { ...checkpoint, note, signedBy: pair.keys.map(({ id, kind }) => ({ id, kind })), until: pair.until };
}

async function requireSigned(note: Note, key: NoteKey, origin: string): Promise<void> {
  if (key.name !== origin || key.kind === 'cosignature') throw new Broken('a trusted key is not this ledger’s');
  const lines = linesOf(note, key);
  if (lines.length === 0) throw new Broken(`the checkpoint is not signed by key ${key.id}`);
  for (const { signature } of lines)
    if (!(await key.verify(note.text, signature))) throw new Broken(`the signature of key ${key.id} does not verify`);
}

const linesOf = ({ signatures }: Note, key: NoteKey) =>
  signatures.filter(({ name, id }) => name === key.name && id === key.id);

/** The witnesses that cosigned, each with its time. Throws `Broken` where one of their signatures does not verify. */
export async function cosignersOf(note: Note, vkeys: readonly string[]): Promise<{ name: string; at: Date }[]> {
  const cosigners: { name: string; at: Date }[] = [];
  for (const key of await Promise.all(vkeys.map(readKey))) {
    if (key.kind !== 'cosignature') throw new Broken('a key of a witness is not one of a witness');
    const [line] = linesOf(note, key);
    if (!line) continue;
    if (!(await key.verify(note.text, line.signature)))
      throw new Broken(`the cosignature of ${key.name} does not verify`);
    cosigners.push({ name: key.name, at: new Date((cosignedAt(line.signature) ?? 0) * 1000) });
  }
  return cosigners;
}
