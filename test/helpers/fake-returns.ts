import type { DoorChannel } from '../../src/domain/doors.ts';
import type { DomainError } from '../../src/domain/errors.ts';
import type { MachineId, RetrievalId } from '../../src/domain/ids.ts';
import type { Arrival, ArrivalEnd, ReadbackVerdict, Returns } from '../../src/domain/returns.ts';
import type { ArrivalWriter } from '../../src/door/incoming-file.ts';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The way back in memory. It keeps what the door asked of it, for a test to look at. */
export class FakeReturns implements Returns {
  readonly accepted: { channel: DoorChannel; machine: MachineId; name: string }[] = [];
  readonly ends: ArrivalEnd[] = [];
  acceptRefusal: DomainError | undefined;
  arrivedRefusal: DomainError | undefined;
  /** The next writes fail so. */
  writeError: Error | undefined;
  verdict: ReadbackVerdict = 'identical';
  openFiles = 0;
  readonly #files: { bytes: Buffer; offset: number }[][] = [];

  async accept(channel: DoorChannel, machine: MachineId, name: string): Promise<Arrival> {
    if (this.acceptRefusal) throw this.acceptRefusal;
    const number = this.accepted.push({ channel, machine, name }) - 1;
    this.#files.push([]);
    const retrievalId = `RTV-${'0'.repeat(8)}${digits[number >> 5]}${digits[number & 31]}` as RetrievalId;
    return { retrievalId, file: String(number) };
  }

  async arrived(end: ArrivalEnd): Promise<ReadbackVerdict | undefined> {
    this.ends.push(end);
    if (this.arrivedRefusal) throw this.arrivedRefusal;
    return end.complete ? this.verdict : undefined;
  }

  readonly openArrival = async ({ file }: Arrival): Promise<ArrivalWriter> => {
    this.openFiles++;
    return {
      write: async (bytes, offset) => {
        if (this.writeError) throw this.writeError;
        this.#files[Number(file)]?.push({ bytes: Buffer.from(bytes), offset });
      },
      close: async () => {
        this.openFiles--;
      },
    };
  };

  /** What was written of the so-manieth file that was accepted. */
  content(number = 0): Buffer {
    const pieces = this.#files[number] ?? [];
    const content = Buffer.alloc(Math.max(0, ...pieces.map(({ bytes, offset }) => offset + bytes.length)));
    for (const { bytes, offset } of pieces) bytes.copy(content, offset);
    return content;
  }
}
