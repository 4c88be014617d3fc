import type { Digest } from '../../src/domain/digest.ts';
import type { DoorChannel } from '../../src/domain/doors.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { DeliveryId, MachineId } from '../../src/domain/ids.ts';
import type { Credential, DeliveryEnd, OpenedFile, Shelf, ShelfEntry, Shelves } from '../../src/domain/shelf.ts';
import type { BlobReader } from '../../src/door/open-file.ts';
import { digestOf } from '../../src/platform/hash.ts';

const time = '2026-03-01T06:30:00.000Z';
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A shelf in memory: machines by key or password, files by path. It keeps what the door asked of it, for a test to look at. */
export class FakeShelf implements Shelf, Shelves {
  readonly identified: { name: string; key: string }[] = [];
  /** By which doors it was asked. */
  readonly channels = new Set<DoorChannel>();
  readonly opened: (OpenedFile & { machine: MachineId; path: string })[] = [];
  readonly ends: DeliveryEnd[] = [];
  /** When set, `open` waits for it: a signer that takes its time. */
  openGate: Promise<void> | undefined;
  openRefusal: DomainError | undefined;
  finishRefusal: DomainError | undefined;
  /** When set, a blob read waits for it. */
  readGate: Promise<void> | undefined;
  /** Byte offset from which blob reads find other bytes than were released. */
  tamperedFrom: number | undefined;
  blobMissing = false;
  openBlobs = 0;
  /** How many `open` and how many blob reads were begun. */
  asked = 0;
  reads = 0;
  readonly #keys = new Map<string, MachineId>();
  readonly #stops = new Map<string, (reason: string) => void>();
  readonly #files = new Map<string, { path: readonly string[]; digest: Digest; size: number }>();
  readonly #blobs = new Map<string, Buffer>();

  register(name: string, key: string): MachineId {
    this.#keys.set(`${name} ${key}`, name as MachineId);
    return name as MachineId;
  }

  /** Its credentials let nobody in any more. */
  strike(name: string): void {
    for (const known of [...this.#keys.keys()]) if (known.startsWith(`${name} `)) this.#keys.delete(known);
  }

  put(machine: MachineId, path: string, bytes: Buffer | string): Buffer {
    const content = Buffer.from(bytes);
    this.putStored(machine, path, { digest: digestOf(content), size: content.length });
    this.#blobs.set(digestOf(content), content);
    return content;
  }

  /** As `put`, for content that only a vault holds. */
  putStored(machine: MachineId, path: string, blob: { digest: Digest; size: number }): void {
    this.#files.set(`${machine}/${path}`, { path: [machine, ...path.split('/')], ...blob });
  }

  through(channel: DoorChannel): Shelf {
    this.channels.add(channel);
    return this;
  }

  async identify(name: string, credential: Credential): Promise<MachineId | undefined> {
    const key = shown(credential);
    this.identified.push({ name, key });
    return this.#keys.get(`${name} ${key}`);
  }

  async list(machine: MachineId, path: readonly string[]): Promise<ShelfEntry[] | undefined> {
    const folder = [machine, ...path];
    const entries = new Map<string, ShelfEntry>();
    for (const file of this.#files.values()) {
      const name = file.path[folder.length];
      if (name === undefined || folder.some((part, i) => file.path[i] !== part)) continue;
      const isFile = file.path.length === folder.length + 1;
      entries.set(name, isFile ? { kind: 'file', name, time, size: file.size } : { kind: 'folder', name, time });
    }
    return entries.size === 0 && path.length > 0 ? undefined : [...entries.values()];
  }

  async stat(machine: MachineId, path: readonly string[]): Promise<ShelfEntry | undefined> {
    const name = path.at(-1);
    if (name === undefined) return { kind: 'folder', name: '', time };
    return (await this.list(machine, path.slice(0, -1)))?.find((entry) => entry.name === name);
  }

  async open(machine: MachineId, path: readonly string[]): Promise<OpenedFile> {
    this.asked++;
    await this.openGate;
    if (this.openRefusal !== undefined) throw this.openRefusal;
    const file = this.#files.get([machine, ...path].join('/'));
    if (file === undefined) throw new DomainError('not-found', 'No such program.');
    const opened = { deliveryId: this.#nextId(), digest: file.digest, size: file.size, time };
    this.opened.push({ ...opened, machine, path: path.join('/') });
    return opened;
  }

  stopped(deliveryId: DeliveryId): Promise<string> {
    return new Promise((resolve) => this.#stops.set(deliveryId, resolve));
  }

  /** What the core says when a delivery under way may not go on. */
  stop(deliveryId: string, reason: string): void {
    this.#stops.get(deliveryId)?.(reason);
  }

  async finish(end: DeliveryEnd): Promise<void> {
    this.ends.push(end);
    if (this.finishRefusal !== undefined) throw this.finishRefusal;
  }

  readonly openBlob = async ({ digest }: OpenedFile): Promise<BlobReader> => {
    const blob = this.#blobs.get(digest);
    if (blob === undefined || this.blobMissing) throw new Error('ENOENT: a detail for the log only');
    this.openBlobs++;
    return {
      lend: async (offset, length, use) => {
        this.reads++;
        await this.readGate;
        if (this.tamperedFrom !== undefined && offset + length > this.tamperedFrom)
          throw new DomainError('bytes-differ', 'The stored bytes are not the released ones.');
        const lent = Buffer.from(blob.subarray(offset, offset + length));
        const used = await use(lent);
        // As a vault whose memory holds another file by then.
        lent.fill('?');
        return used;
      },
      close: async () => {
        this.openBlobs--;
      },
    };
  };

  #nextId(): DeliveryId {
    const n = this.opened.length;
    return `DLV-${'0'.repeat(8)}${digits[n >> 5]}${digits[n & 31]}` as DeliveryId;
  }
}

function shown(credential: Credential): string {
  switch (credential.kind) {
    case 'ssh-key':
      return credential.key;
    case 'ssh-certificate':
      return `${credential.certificate} ${credential.address}`;
    case 'password':
      return credential.password;
  }
}
