import type { Logger } from 'pino';
import { DomainError, toDomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { SerialLine } from '../../domain/machine-links.ts';
import type { ReadbackVerdict } from '../../domain/returns.ts';
import type { SendingBegun, SendingOrder } from '../../domain/sending.ts';
import type { OpenedFile, Shelf } from '../../domain/shelf.ts';
import { type BlobReader, OpenFile } from '../../door/open-file.ts';
import type { SerialBounds } from './bounds.ts';
import { CharacterSender } from './character-sender.ts';
import { deliver, type Progress } from './deliver.ts';
import { type Asked, askedText, nameOfProgram, readRequest, shelfPath } from './frame-names.ts';
import { FrameReceiver, type Heard } from './frame-receiver.ts';
import type { Outgoing } from './outgoing.ts';
import type { Port, PortEvents } from './port.ts';
import { Transmission } from './transmission.ts';
import { XmodemSender } from './xmodem-sender.ts';

export type LineServices = {
  shelf: Shelf;
  openPort(line: SerialLine, events: PortEvents): Promise<Port>;
  openBlob(opened: OpenedFile): Promise<BlobReader>;
  /** Takes a program that came back. */
  takeBack(came: { machine: MachineId; name: string; bytes: Buffer }): Promise<ReadbackVerdict>;
  /** Milliseconds of a clock that does not go back. */
  now(): number;
  bounds: SerialBounds;
  log: Logger;
};

/** Ends the reading of a control that waits for a program, and says nothing. */
const endMark = Buffer.from('%\r\n%\r\n', 'latin1');

/** One control at the end of a line that is kept open: it asks, it is sent to, it sends back; one of these at a time. */
export class Line {
  readonly machine: MachineId;
  readonly settings: SerialLine;
  readonly #services: LineServices;
  readonly #log: Logger;
  readonly #receiver: FrameReceiver;
  #port: Port | undefined;
  #tick: NodeJS.Timeout | undefined;
  #reopen: NodeJS.Timeout | undefined;
  #pauseMs: number;
  #trouble: string | undefined;
  #transmission: Transmission | undefined;
  #busy: Promise<void> | undefined;
  #closed = false;

  constructor(machine: MachineId, settings: SerialLine, services: LineServices) {
    this.machine = machine;
    this.settings = settings;
    this.#services = services;
    this.#log = services.log.child({ machine });
    const { receivedBytes: mostBytes, quietMs, silenceMs, reopenMs } = services.bounds;
    const bounds = { mostBytes, quietMs, silenceMs, readyMs: limits.serialXonMs };
    this.#receiver = new FrameReceiver(settings, bounds);
    this.#pauseMs = reopenMs;
    void this.#open();
  }

  /** Sends what somebody ordered. Rejects with `busy` where the line is not there or taken, and with what the shelf says. */
  send(
    { path, sendingId }: Pick<SendingOrder, 'path' | 'sendingId'>,
    onProgress: (progress: Progress) => void,
  ): Promise<SendingBegun> {
    const begun = Promise.withResolvers<SendingBegun>();
    this.#occupy(async (port) => {
      const opened = await this.#services.shelf.open(this.machine, path, sendingId);
      begun.resolve({ deliveryId: opened.deliveryId, size: opened.size });
      return this.#deliver(opened, port, onProgress);
    }).then(onProgress, begun.reject);
    return begun.promise;
  }

  /** Lets what is under way end. */
  async drained(): Promise<void> {
    await this.#busy;
  }

  /** Closes the line at once; what is under way fails with `why`. Resolves when its end is on record. */
  async close(why: string): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reopen);
    await this.#leave(new DomainError('not-delivered', why));
    await this.#busy;
  }

  async #open(): Promise<void> {
    const { bounds, openPort } = this.#services;
    try {
      const port = await openPort(this.settings, {
        onBytes: (bytes) => this.#received(bytes),
        onGone: (reason) => void this.#gone(reason),
      });
      if (this.#closed) return await port.close();
      this.#port = port;
      this.#pauseMs = bounds.reopenMs;
      this.#trouble = undefined;
      this.#log.info('the line is open');
    } catch (error) {
      this.#cannotOpen(toDomainError(error).message);
      this.#openLater();
    }
  }

  /** Said once, not every half minute of a night. */
  #cannotOpen(detail: string): void {
    this.#log[detail === this.#trouble ? 'debug' : 'warn']({ detail }, 'the line does not open');
    this.#trouble = detail;
  }

  #openLater(): void {
    if (this.#closed) return;
    this.#reopen = setTimeout(() => void this.#open(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#services.bounds.reopenMaxMs);
  }

  async #gone(reason: string): Promise<void> {
    this.#log.warn({ detail: reason }, 'the line is gone');
    await this.#leave(new DomainError('not-delivered', `The line broke: ${reason}.`));
    this.#openLater();
  }

  async #leave(why: DomainError): Promise<void> {
    clearTimeout(this.#tick);
    this.#receiver.reset();
    this.#transmission?.stop(why);
    const port = this.#port;
    this.#port = undefined;
    await port?.close();
  }

  /** The line is for `work` alone until that ends. */
  async #occupy<T>(work: (port: Port) => Promise<T>): Promise<T> {
    const port = this.#port;
    if (!port)
      throw new DomainError('busy', `The line to ${this.machine} is not open: look at its cable and settings.`);
    if (this.#busy) throw new DomainError('busy', `Another program is on its way to ${this.machine}.`);
    if (this.#receiver.receiving) throw new DomainError('busy', `${this.machine} is sending a program itself.`);
    const working = work(port);
    this.#busy = working.then(
      () => {},
      () => {},
    );
    try {
      return await working;
    } finally {
      this.#busy = undefined;
      this.#receiver.forgetReady();
    }
  }

  #received(bytes: Buffer): void {
    if (this.#transmission) this.#transmission.received(bytes);
    else this.#heard(this.#receiver.received(bytes, this.#services.now()));
  }

  #heard(all: readonly Heard[]): void {
    clearTimeout(this.#tick);
    for (const heard of all) {
      if (heard.kind === 'frame') this.#frame(heard.bytes);
      else this.#log.warn({ bytes: heard.bytes, reason: heard.reason }, 'what the control sent is no program');
    }
    const { deadline } = this.#receiver;
    if (deadline === undefined) return;
    const { now } = this.#services;
    this.#tick = setTimeout(() => this.#heard(this.#receiver.tick(now())), Math.max(1, deadline - now()));
  }

  #frame(bytes: Buffer): void {
    const asked = readRequest(bytes, this.settings.request);
    if (asked) return void this.#answer(asked);
    const name = nameOfProgram(bytes);
    this.#services.takeBack({ machine: this.machine, name, bytes }).then(
      (verdict) => this.#log.info({ name, bytes: bytes.length, verdict }, 'a program came back'),
      (error: unknown) => this.#log.error({ err: error, name }, 'a program that came back was not kept'),
    );
  }

  /** A control asks for a program by itself: it gets that, or what its line says of refusals, and never a word. */
  async #answer(asked: Asked): Promise<void> {
    const refused = (error: unknown) => {
      const { code, message } = toDomainError(error);
      this.#log.warn({ asked: askedText(asked), code, detail: message }, 'a request was refused');
    };
    await this.#occupy(async (port) => {
      const opened = await this.#openAsked(asked).catch(refused);
      if (opened) await this.#deliver(opened, port, () => {});
      else if (this.settings.refusal === 'end-mark') await port.write(endMark);
    }).catch(refused);
  }

  async #openAsked(asked: Asked): Promise<OpenedFile> {
    const { shelf } = this.#services;
    const path = await shelfPath(asked, (folder) => shelf.list(this.machine, folder));
    return shelf.open(this.machine, path);
  }

  async #deliver(opened: OpenedFile, port: Port, onProgress: (progress: Progress) => void): Promise<Progress> {
    const { shelf, openBlob, now, bounds } = this.#services;
    const transmission = new Transmission(this.#outgoing(), port, now);
    this.#transmission = transmission;
    // The line may have gone while the shelf was asked.
    if (this.#port !== port) transmission.stop(new DomainError('not-delivered', 'The line is gone.'));
    const file = new OpenFile(opened, shelf);
    const onUnrecorded = (error: unknown) =>
      this.#log.error({ err: error, delivery: opened.deliveryId }, 'the end of a delivery was not recorded');
    const end = await deliver({
      ...{ line: this.settings, file, port, transmission, openBlob, onProgress, onUnrecorded },
      farewellMs: bounds.farewellMs,
    });
    this.#transmission = undefined;
    if (end.state === 'failed' && this.#port === port) await this.#renew();
    return end;
  }

  /** Throws away what the line still holds of a program that failed. */
  async #renew(): Promise<void> {
    await this.#leave(new DomainError('not-delivered', 'The line is opened again.'));
    if (!this.#closed) await this.#open();
  }

  #outgoing(): Outgoing {
    const { bounds, now } = this.#services;
    const stallMs = this.settings.stallSeconds * 1_000;
    const { readyMs, answerMs, trailerMs, xmodemQuietMs: quietMs } = bounds;
    if (this.settings.protocol === 'xmodem')
      return new XmodemSender({ readyMs, answerMs, stallMs, quietMs, retries: limits.xmodemRetries }, now());
    const { serialNoiseBytes: noiseBytes, serialNoiseMs: noiseMs } = limits;
    const wait = { noiseBytes, noiseMs, readyMs, stallMs, trailerMs };
    return new CharacterSender(this.settings, wait, this.#receiver.isReady(now()), now());
  }
}
