import { Broken, type Bytes, concat, fromBase64, hex, sha256, utf8 } from './bytes.ts';

/** C2SP signed-note: Ed25519 and ECDSA P-256 of a log, and the cosignature of a witness. */
const algorithms = { ed25519: 1, ecdsa: 2, cosignature: 4 } as const;

export type NoteKey = {
  name: string;
  /** 8 hex digits. */
  id: string;
  kind: keyof typeof algorithms;
  /** Whether these are the signature's bytes over the text of a note. Throws where this browser cannot tell. */
  verify(text: string, signature: Bytes): Promise<boolean>;
};

/** A verifier key, `<name>+<hex key id>+<base64(algorithm ‖ key)>`, whose id must follow from it. Throws `Broken`. */
export async function readKey(vkey: string): Promise<NoteKey> {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) throw new Broken('this is no verifier key');
  const bytes = fromBase64(encoded, `the key of ${name}`);
  const material = bytes.slice(1);
  const kind = (Object.keys(algorithms) as NoteKey['kind'][]).find((one) => algorithms[one] === bytes[0]);
  if (!kind) throw new Broken(`the key of ${name} is of an unknown type`);
  const named = await (kind === 'ecdsa' ? sha256(material) : sha256(utf8(`${name}\n`), bytes));
  if (hex(named.slice(0, 4)) !== id) throw new Broken(`the key of ${name} has another key id`);
  const verify = kind === 'ecdsa' ? await ecdsa(name, material) : await ed25519(name, material);
  return { name, id, kind, verify: kind === 'cosignature' ? cosigned(verify) : verify };
}

type Verify = NoteKey['verify'];

async function ed25519(name: string, material: Bytes): Promise<Verify> {
  if (material.length !== 32) throw new Broken(`the key of ${name} is not 32 bytes`);
  const key = await imported('raw', material, { name: 'Ed25519' }, name);
  return (text, signature) => crypto.subtle.verify({ name: 'Ed25519' }, key, signature, utf8(text));
}

async function ecdsa(name: string, material: Bytes): Promise<Verify> {
  const key = await imported('spki', material, { name: 'ECDSA', namedCurve: 'P-256' }, name);
  return async (text, signature) => {
    const pair = pairOf(signature);
    return pair !== undefined && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, pair, utf8(text));
  };
}

type Algorithm = { name: string; namedCurve?: string };
async function imported(format: 'raw' | 'spki', material: Bytes, algorithm: Algorithm, name: string) {
  try {
    return await crypto.subtle.importKey(format, material, algorithm, false, ['verify']);
  } catch (cause) {
    throw cause instanceof Error && cause.name === 'NotSupportedError'
      ? cause
      : new Broken(`the key of ${name} is not one of its type`);
  }
}

/** C2SP tlog-cosignature: 8 bytes of POSIX time, then Ed25519 over the time and the note's text. */
const cosigned =
  (verify: Verify): Verify =>
  async (text, bytes) => {
    const seconds = cosignedAt(bytes);
    return seconds !== undefined && verify(`cosignature/v1\ntime ${seconds}\n${text}`, bytes.slice(8));
  };

export function cosignedAt(bytes: Bytes): number | undefined {
  if (bytes.length !== 72) return undefined;
  const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  return seconds > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(seconds);
}

/** The r and s of a DER signature, 32 bytes each, as WebCrypto wants them. Undefined for anything but strict DER. */
function pairOf(der: Bytes): Bytes | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return undefined;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  return s && s.end === der.length ? concat(r.value, s.value) : undefined;
}

function integerAt(der: Bytes, at: number): { value: Bytes; end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 2 || length === 0 || length > 33 || end > der.length) return undefined;
  const bytes = der.slice(at + 2, end);
  const [first = 0, second = 0] = bytes;
  // Minimal and not negative (X.690 8.3.2).
  if (first > 0x7f || (first === 0 && length > 1 && second < 0x80)) return undefined;
  const magnitude = first === 0 ? bytes.slice(1) : bytes;
  if (magnitude.length > 32) return undefined;
  return { value: concat(new Uint8Array(32 - magnitude.length), magnitude), end };
}
