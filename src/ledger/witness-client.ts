import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { formatCosignature, parseCosignerKey, verifyCosignatures } from '../merkle/cosignature.ts';
import { type NoteVerifier, parseNote } from '../merkle/note.ts';
import { consistencyProof, type HashReader } from '../merkle/tree.ts';
import {
  addSignatures,
  formatAddCheckpoint,
  monitoringPath,
  parseCosignatureLines,
  parseTreeSize,
  treeSizeType,
} from '../merkle/witness.ts';
import { bounded } from './bounded-call.ts';
import type { SignedCheckpoint } from './publisher.ts';

/** One witness: whose cosignatures count, and the prefix of its HTTP interface, without a slash at its end. */
/** `vkey`: its key as the configuration has it, for whoever checks its cosignatures themself. */
export type WitnessPeer = { name: string; vkey: string; verifier: NoteVerifier; url: string };

/** Throws `config-invalid` for what is no witness' key, and for a name that stands there twice. */
export function witnessPeers(list: readonly { key: string; url: string }[]): WitnessPeer[] {
  const names = new Set<string>();
  return list.map(({ key, url }, at) => {
    const field = `ledger.witnesses.list.${at}.key`;
    let verifier: NoteVerifier;
    try {
      verifier = parseCosignerKey(key);
    } catch (cause) {
      throw new DomainError('config-invalid', `${field}: ${(cause as Error).message}`, { field, cause });
    }
    const { name } = verifier;
    // One witness listed twice would count twice.
    if (names.has(name)) throw new DomainError('config-invalid', `${field}: ${name} stands there twice`, { field });
    names.add(name);
    return { name, vkey: key, verifier, url: url.replace(/\/+$/, '') };
  });
}

/**
 * Asks one witness for its cosignature on a checkpoint (C2SP tlog-witness), from the size that it is believed to have,
 * and once more from the size that it says. Returns its signature line, verified. Rejects with an Error that says, for
 * a person, why there is none; within twice `limits.witnessAnswerMs`.
 */
export async function askWitness(
  peer: WitnessPeer,
  checkpoint: SignedCheckpoint,
  options: { from: number; hashes: HashReader; signal: AbortSignal },
): Promise<string> {
  const { size, note } = checkpoint;
  let from = Math.min(options.from, size);
  for (let isRetry = false; ; isRetry = true) {
    const proof = consistencyProof(from, size, options.hashes);
    const body = formatAddCheckpoint({ oldSize: from, proof, checkpoint: note });
    const answer = await bounded(`${peer.url}/add-checkpoint`, {
      ...{ signal: options.signal, timeoutMs: limits.witnessAnswerMs, answerBytes: limits.witnessAnswerBytes },
      post: { type: 'text/plain; charset=utf-8', body },
    });
    if (answer.status === 200) return verifiedLine(peer, note, answer.body);
    if (answer.status !== 409 || answer.type !== treeSizeType) {
      throw new Error(`it refused with ${answer.status}: ${answer.body.toString('utf8').slice(0, 200).trim()}`);
    }
    const has = parseTreeSize(answer.body);
    if (has > size) throw new Error(`it cosigned a tree of ${has} entries of this ledger; this one has ${size}`);
    if (has === from) throw new Error(`it cosigned another tree of ${has} entries of this ledger`);
    if (isRetry) throw new Error(`it says it has ${has} entries, and said otherwise just before`);
    from = has;
  }
}

/** The newest checkpoint that a witness cosigned of this origin, as it holds it; undefined where there is none. Unverified. */
export async function newestOfWitness(peer: WitnessPeer, origin: string): Promise<string | undefined> {
  const answer = await bounded(`${peer.url}/${monitoringPath(origin)}`, {
    ...{ timeoutMs: limits.witnessStartMs, answerBytes: limits.witnessAnswerBytes },
  });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  return answer.body.toString('utf8');
}

function verifiedLine({ name, verifier }: WitnessPeer, note: string, body: Buffer): string {
  const cosigned = parseNote(addSignatures(note, parseCosignatureLines(body)));
  const [cosignature] = verifyCosignatures(cosigned, [verifier]);
  if (!cosignature) throw new Error(`its answer holds no cosignature of ${name}`);
  return formatCosignature(cosignature);
}
