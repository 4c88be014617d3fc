/** One name in the folder of a machine. `other`: a folder, a link, or anything else that is no regular file. */
export type Found = { name: string; kind: 'file' | 'other'; size: number };

/**
 * The folder that a machine reads, wherever it is. Names are plain names in it: what a far side lists beside them is left
 * out. Every method ends within the time that the target was opened with, and rejects with a DomainError: `not-delivered`
 * where another try may succeed.
 */
export interface Target {
  /** Rejects with `conflict` where the folder holds more than is read. */
  list(): Promise<Found[]>;
  /** The bytes of a file, `limit` at most. Rejects with `forbidden` where the far side lets nobody read. */
  read(name: string, limit: number): AsyncIterable<Buffer>;
  /** Writes a new file, durable where the far side can say so. Rejects where the name is taken. */
  write(name: string, bytes: AsyncIterable<Buffer>): Promise<void>;
  /** `replace`: over what is there. Otherwise a name that is taken is refused, as far as the far side can. */
  rename(from: string, to: string, replace: boolean): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}
