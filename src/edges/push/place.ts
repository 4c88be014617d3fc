import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../domain/digest.ts';
import { DomainError, toDomainError } from '../../domain/errors.ts';
import type { DeliveryId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { type PushListener, type PushOrder, type PushResult, temporaryName } from '../../domain/pushing.ts';
import type { DeliveryProof, OpenedFile, Shelf } from '../../domain/shelf.ts';
import { type BlobReader, OpenFile } from '../../door/open-file.ts';
import { notDelivered } from './far-side.ts';
import { named, requirePlainName } from './names.ts';
import type { Found, Target } from './target.ts';

export type PlaceParts = {
  target: Target;
  shelf: Shelf;
  openBlob(opened: OpenedFile): Promise<BlobReader>;
  listener: PushListener;
};

/** What stands under the name now, and what that means for this program. */
type Place = { there: Found | undefined; holds: 'nothing' | 'this program' | 'an older one of ours' };

/**
 * Puts one program where its machine finds it. Under its name there is, at every moment, nothing, the whole of what was there, or the whole of
 * this: it is written beside the name and read back before it gets it. It is put there once: a try after one that
 * may have come so far looks first.
 */
export async function place(order: PushOrder, parts: PlaceParts): Promise<PushResult> {
  try {
    requirePlainName(order.name);
    const found = await parts.target.list();
    const where = await lookAt(order, found, parts.target);
    await clearBefore(order, found, where, parts.target);
    const deliveryId = await deliver(order, where, parts);
    return { outcome: 'delivered', deliveryId };
  } catch (error) {
    return failed(error);
  }
}

/** Throws `conflict` for bytes under the name that are not ours to replace. */
async function lookAt({ name, digest, size, replaces }: PushOrder, found: Found[], target: Target): Promise<Place> {
  const there = named(name, found);
  if (!there) return { there, holds: 'nothing' };
  const refusal = (what: string) =>
    new DomainError('conflict', `${what} stands under its name there, and is not replaced: look at it first.`);
  if (there.kind === 'other') throw refusal('Something that is no file');
  const known = [{ digest, size }, ...replaces];
  if (!known.some((one) => one.size === there.size)) throw refusal('Another program');
  const isThere = await digestThere(target, there.name, there.size);
  if (isThere === digest && there.name === name) return { there, holds: 'this program' };
  if (known.some((one) => one.digest === isThere)) return { there, holds: 'an older one of ours' };
  throw refusal('Another program');
}

/** Throws `state-forbids` where an earlier try may have put it there and it is gone: nobody can know, so it is not put there twice. */
async function clearBefore(order: PushOrder, found: Found[], { holds }: Place, target: Target): Promise<void> {
  const temporary = temporaryName(order.sendingId);
  const left = found.some(({ name }) => name === temporary);
  if (order.placed && holds !== 'this program' && !left)
    throw new DomainError(
      'state-forbids',
      'An earlier try may have put it there and the machine may have taken it: look at the machine.',
    );
  if (left) await target.remove(temporary);
}

async function deliver(order: PushOrder, where: Place, parts: PlaceParts): Promise<DeliveryId> {
  const { target, shelf, openBlob, listener } = parts;
  const opened = await shelf.open(order.machine, ['current', order.name], order.sendingId);
  const file = new OpenFile(opened, shelf);
  try {
    requireSame(order, opened);
    await file.openBlob(openBlob);
    const proof =
      where.holds === 'this program' ? await readAll(file) : await putThere(order, where, { file, target, listener });
    await file.end('closed by the machine', proof);
    // It was taken back meanwhile: the ledger has it as failed, and the machine as one that may hold it.
    file.requireUnstopped();
    return opened.deliveryId;
  } catch (error) {
    file.fail(toDomainError(error));
    await file.end('cut off');
    throw error;
  }
}

type Putting = { file: OpenFile; target: Target; listener: PushListener };

async function putThere(
  order: PushOrder,
  { there }: Place,
  { file, target, listener }: Putting,
): Promise<DeliveryProof> {
  const { deliveryId } = file.opened;
  const temporary = temporaryName(order.sendingId);
  let proof: DeliveryProof;
  try {
    await target.write(
      temporary,
      partsOf(file, (bytes) => listener.progress(deliveryId, bytes)),
    );
    proof = await requireThere(order, temporary, target);
    file.requireUnstopped();
  } catch (error) {
    // Its name was not touched; what stands beside it is nobody's program.
    await target.remove(temporary).catch(() => {});
    throw error;
  }
  // Where this fails what was written stays: the next try knows by it that the name was not touched.
  await listener.placing(deliveryId);
  // In another spelling the old one would stand beside the new one.
  if (there && there.name !== order.name) await target.remove(there.name);
  await target.rename(temporary, order.name, there?.name === order.name);
  const now = named(order.name, await target.list());
  if (now?.name !== order.name || now.size !== order.size)
    throw notDelivered('The far side does not list what was put there.');
  return proof;
}

/** The release may have been followed by another a moment ago. */
function requireSame({ digest, size }: PushOrder, opened: OpenedFile): void {
  if (opened.digest !== digest || opened.size !== size)
    throw new DomainError('conflict', 'Another release has taken the place of the one that was to be sent.');
}

/** What arrived must be what left, before it gets its name; where a far side lets nobody read, its size must. */
async function requireThere({ digest, size }: PushOrder, name: string, target: Target): Promise<DeliveryProof> {
  const seen = named(name, await target.list());
  if (seen?.size !== size) throw notDelivered(`The far side holds ${seen?.size ?? 0} of ${size} bytes.`);
  const isThere = await digestThere(target, name, size).catch((error: unknown) => {
    if (toDomainError(error).code === 'forbidden') return undefined;
    throw error;
  });
  if (isThere === undefined) return 'size';
  if (isThere === digest) return 'read-back';
  throw new DomainError('bytes-differ', 'The far side holds other bytes than were sent.');
}

export async function digestThere(target: Target, name: string, size: number): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const part of target.read(name, size)) hash.update(part);
  return digestFromHex(hash.digest('hex'));
}

async function* partsOf(file: OpenFile, progress: (bytes: number) => void): AsyncIterable<Buffer> {
  const { size } = file.opened;
  for (let offset = 0; offset < size; offset += limits.pushPartBytes) {
    const parts: Buffer[] = [];
    await file.sendPart(offset, limits.pushPartBytes, async (bytes) => void parts.push(Buffer.from(bytes)));
    yield* parts;
    progress(Math.min(offset + limits.pushPartBytes, size));
  }
}

/** It is there already, byte for byte: all that is left is to say so. */
async function readAll(file: OpenFile): Promise<DeliveryProof> {
  for await (const _ of partsOf(file, () => {}));
  return 'read-back';
}

/** Trouble on the way may pass by; what is refused for the sake of safety waits for a person. */
const passing: readonly string[] = [
  'not-delivered',
  'forbidden',
  'busy',
  'signer-unavailable',
  'ledger-unavailable',
  'bytes-differ',
  'internal',
  'storage-full',
  'checkpoint-behind',
];

export function failed(error: unknown): PushResult {
  const { code, message } = toDomainError(error);
  return { outcome: 'failed', code, reason: message.slice(0, 300), again: passing.includes(code) };
}
