import { hash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { DomainError } from '../domain/errors.ts';
import { emptyRoot } from '../merkle/hashes.ts';
import { TreeHead } from './signer-protocol.ts';

const slotBytes = 512;
const empty: TreeHead = { size: 0, root: emptyRoot.toString('base64') };

/**
 * The last tree head that was signed, in a file of two slots that are written in turn, in place and synchronously: the
 * permission model that the signer runs under allows neither fsync nor a durable rename. A crash in a write spoils one
 * slot; the other still holds the head before, which is a head that was signed too.
 */
export class SignerState {
  readonly #path: string;
  #last: TreeHead;
  #next: 0 | 1 = 0;

  /** Throws `config-invalid` for a file with content in neither slot: a lost memory must not look like a new signer. */
  constructor(path: string) {
    this.#path = path;
    const slots = readSlots(path);
    const [a, b] = slots;
    if (slots.length > 0 && !a && !b)
      throw new DomainError('config-invalid', `${path}: the signer's memory is damaged; restore it from a backup.`);
    this.#last = newest(a, b) ?? empty;
    this.#next = this.#last === a ? 1 : 0;
  }

  get last(): TreeHead {
    return this.#last;
  }

  /** Durable when it returns. */
  remember(head: TreeHead): void {
    const fd = openSync(
      this.#path,
      constants.O_RDWR | constants.O_CREAT | constants.O_SYNC | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      writeSync(fd, encode(head), 0, slotBytes, this.#next * slotBytes);
    } finally {
      closeSync(fd);
    }
    this.#next = this.#next === 0 ? 1 : 0;
    this.#last = head;
  }
}

function newest(a: TreeHead | undefined, b: TreeHead | undefined): TreeHead | undefined {
  if (!a || !b) return a ?? b;
  return a.size >= b.size ? a : b;
}

function encode(head: TreeHead): Buffer {
  const text = JSON.stringify({ size: head.size, root: head.root });
  return Buffer.alloc(slotBytes, ' ').fill(`${hash('sha256', text)} ${text}\n`, 0, 65 + text.length + 1);
}

/** Empty where there is no file; otherwise one entry a slot, undefined where the slot holds nothing whole. */
function readSlots(path: string): (TreeHead | undefined)[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return [0, slotBytes].map((at) =>
    decode(
      bytes
        .subarray(at, at + slotBytes)
        .toString('latin1')
        .trimEnd(),
    ),
  );
}

function decode(slot: string): TreeHead | undefined {
  const [checksum, text] = [slot.slice(0, 64), slot.slice(65)];
  if (text === '' || hash('sha256', text) !== checksum) return undefined;
  return TreeHead.safeParse(JSON.parse(text)).data;
}
