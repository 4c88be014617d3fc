import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SerialLine } from '../../../src/domain/machine-links.ts';
import { CharacterSender } from '../../../src/edges/serial/character-sender.ts';
import type { Step } from '../../../src/edges/serial/outgoing.ts';

const bounds = { readyMs: 10_000, stallMs: 5_000, trailerMs: 500, noiseBytes: 16, noiseMs: 1_000 };
const line = {
  baud: 9_600,
  dataBits: 7,
  parity: 'even',
  stopBits: 2,
  burst: 8,
  leader: 0,
  ending: 'none',
  waitsForXon: false,
} as const;
const xon = Buffer.from([0x11]);
const xoff = Buffer.from([0x13]);

/** A line whose time a test moves: what was written, and what comes next. */
class Bench {
  now = 1_000;
  readonly sent: Buffer[] = [];
  readonly sender: CharacterSender;

  constructor(over: Partial<Pick<SerialLine, 'leader' | 'ending' | 'waitsForXon'>> = {}, isReady = false) {
    this.sender = new CharacterSender({ ...line, ...over }, bounds, isReady, this.now);
  }

  get text(): string {
    return Buffer.concat(this.sent).toString('latin1');
  }

  /** Goes on until nothing is to be done but to wait, feed or end; times pass only as the line needs them. */
  run(): Step {
    for (;;) {
      const step = this.sender.next(this.now);
      if (step.do === 'write') {
        this.sent.push(step.bytes);
        this.sender.written();
      } else if (step.do === 'wait' && step.until - this.now <= 20) this.now = step.until;
      else return step;
    }
  }

  hear(bytes: Buffer | string): void {
    this.sender.received(Buffer.from(bytes as string, 'latin1'), this.now);
  }
}

const whole = (bench: Bench, text: string) => bench.sender.feed(Buffer.from(text, 'latin1'), true);

describe('a program that goes down a line as characters', () => {
  it('waits for XON where the control says that it is ready, and not for ever', () => {
    const bench = new Bench({ waitsForXon: true });
    whole(bench, '%\nO1\n%\n');
    expect(bench.run()).toEqual({ do: 'wait', until: 11_000 });
    expect(bench.text).toBe('');
    bench.hear(xon);
    expect(bench.run()).toEqual({ do: 'done' });
    expect(bench.text).toBe('%\nO1\n%\n');

    const forgotten = new Bench({ waitsForXon: true });
    whole(forgotten, '%\n%\n');
    forgotten.now = 11_000;
    expect(forgotten.run()).toMatchObject({ do: 'failed', reason: expect.stringContaining('XON') });
  });

  it('begins at once where the control has said XON before', () => {
    const bench = new Bench({ waitsForXon: true }, true);
    whole(bench, '%\n%\n');
    expect(bench.run()).toEqual({ do: 'done' });
  });

  it('has a leader of NULs before it and behind it', () => {
    const bench = new Bench({ leader: 3 });
    whole(bench, '%\n%\n');
    expect(bench.run()).toEqual({ do: 'done' });
    expect(bench.text).toBe('\0\0\0%\n%\n\0\0\0');
  });

  it('ends with ETX where the line has it, which is part of what must leave', () => {
    const bench = new Bench({ leader: 2, ending: 'etx' });
    whole(bench, 'BEGIN PGM A MM\n');
    expect(bench.run()).toEqual({ do: 'done' });
    expect(bench.text).toBe('\0\0BEGIN PGM A MM\n\x03\0\0');
  });

  it('is done when the control has switched its reader off behind the last %, leader or not', () => {
    const bench = new Bench({ leader: 3 });
    whole(bench, '%\n%\n');
    for (let sent = 0; sent < 7; ) {
      const step = bench.sender.next(bench.now);
      if (step.do === 'write') {
        sent += step.bytes.length;
        bench.sender.written();
      } else if (step.do === 'wait') bench.now = step.until;
    }
    bench.hear(xoff);
    expect(bench.run()).toEqual({ do: 'wait', until: bench.now + bounds.trailerMs });
    bench.now += bounds.trailerMs;
    expect(bench.run()).toEqual({ do: 'done' });
  });

  it('keeps the pace of the line, whatever a device server says that it has taken', () => {
    const bench = new Bench();
    bench.sender.feed(Buffer.alloc(64, 0x4e), false);
    for (let sent = 0; sent < 64; sent += 8) {
      expect(bench.sender.next(bench.now)).toMatchObject({
        do: 'write',
        bytes: expect.objectContaining({ length: 8 }),
      });
      bench.sender.written();
      const free = bench.now + (8 * 11_000) / 9_600;
      if (sent < 56) expect(bench.sender.next(bench.now)).toEqual({ do: 'wait', until: free });
      bench.now = free;
    }
  });

  it('fails when the control says XOFF and never XON again', () => {
    const bench = new Bench();
    bench.sender.feed(Buffer.alloc(512, 0x4e), false);
    bench.hear(xoff);
    const stoppedAt = bench.now;
    expect(bench.run()).toEqual({ do: 'wait', until: stoppedAt + bounds.stallMs });
    bench.now += bounds.stallMs - 1;
    // Saying it again is no news.
    bench.hear(xoff);
    expect(bench.sender.next(bench.now)).toEqual({ do: 'wait', until: stoppedAt + bounds.stallMs });
    bench.now += 1;
    expect(bench.run()).toMatchObject({ do: 'failed', reason: 'The control said XOFF and never XON again.' });
  });

  it('has the whole time of a stall from the XOFF on, however long it flowed before', () => {
    const bench = new Bench();
    for (let fed = 0; fed < 60; fed++) {
      bench.sender.feed(Buffer.alloc(128, 0x4e), false);
      expect(bench.run()).toEqual({ do: 'feed' });
    }
    expect(bench.now).toBeGreaterThan(1_000 + bounds.stallMs);
    bench.hear(xoff);
    bench.sender.feed(Buffer.alloc(128, 0x4e), false);
    expect(bench.run()).toEqual({ do: 'wait', until: bench.now + bounds.stallMs });
  });

  it('says that the control stopped reading, where it was ready once', () => {
    const bench = new Bench({ waitsForXon: true });
    bench.sender.feed(Buffer.alloc(64, 0x4e), false);
    bench.hear(xon);
    bench.hear(xoff);
    bench.now += bounds.stallMs;
    expect(bench.run()).toMatchObject({ do: 'failed', reason: 'The control said XOFF and never XON again.' });
  });

  it('gives the control the time of a trailer from the end of the program on, where it was switched off before', () => {
    const bench = new Bench({ leader: 3 });
    whole(bench, '%\n%\n');
    bench.sender.next(bench.now);
    bench.hear(xoff);
    // All of the program is in one burst, and the control said XOFF while that left.
    bench.now += 10 * bounds.trailerMs;
    bench.sender.written();
    expect(bench.sender.next(bench.now)).toEqual({ do: 'wait', until: bench.now + bounds.trailerMs });
  });

  it('fails when the line itself takes no more, as when the control holds CTS low', () => {
    const bench = new Bench();
    whole(bench, '%\n%\n');
    expect(bench.sender.next(bench.now).do).toBe('write');
    bench.now += bounds.stallMs;
    expect(bench.sender.next(bench.now)).toMatchObject({ do: 'failed', reason: 'The line took no more characters.' });
  });

  it('is stopped by an XOFF that carries a parity bit', () => {
    const bench = new Bench();
    bench.sender.feed(Buffer.alloc(64, 0x4e), false);
    bench.hear(Buffer.from([0x93]));
    expect(bench.run()).toMatchObject({ do: 'wait' });
    expect(bench.sent).toEqual([]);
  });

  it('survives a storm of XONs, and noise on the line over hours', () => {
    const bench = new Bench();
    bench.hear(Buffer.alloc(5_000, 0x11));
    for (let hour = 0; hour < 100; hour++) {
      bench.hear('?!');
      bench.now += 3_600_000;
    }
    // Its punch goes on and off, and line ends and tape stand between: nothing of that is a program that it sends.
    bench.hear('\x12\x14\0\r\n\x7f'.repeat(20));
    whole(bench, '%\n%\n');
    expect(bench.run()).toEqual({ do: 'done' });
  });

  it('fails when the control begins to send itself', () => {
    const bench = new Bench();
    bench.sender.feed(Buffer.alloc(64, 0x4e), false);
    bench.hear('%\nO0001\nN10 G0 X1. Y1.\n');
    expect(bench.run()).toMatchObject({ do: 'failed', reason: 'The control is sending and not reading.' });
  });

  it('leaves the line as the program that it is, never faster than the line, however XON, XOFF and time come', () => {
    const event = fc.oneof(
      fc.constant<'xon' | 'xoff'>('xon'),
      fc.constant<'xon' | 'xoff'>('xoff'),
      fc.integer({ min: 0, max: 40 }),
    );
    const parts = fc.array(fc.uint8Array({ min: 0x20, max: 0x7e, minLength: 1, maxLength: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(parts, fc.array(event, { maxLength: 200 }), fc.boolean(), (program, events, waitsForXon) => {
        const bench = new Bench({ waitsForXon });
        const left = program.map((part) => Buffer.from(part));
        const feed = () => {
          const next = left.shift();
          if (next) bench.sender.feed(next, left.length === 0);
        };
        feed();
        let flowing = !waitsForXon;
        let writing: { until: number } | undefined;
        let afterXoff = 0;
        const turn = () => {
          if (writing && bench.now >= writing.until) {
            writing = undefined;
            bench.sender.written();
          }
          const step = bench.sender.next(bench.now);
          if (step.do === 'feed') feed();
          if (step.do !== 'write') return step;
          // The line was free, and the control let us.
          expect(writing).toBeUndefined();
          expect(flowing).toBe(true);
          expect(step.bytes.length).toBeLessThanOrEqual(line.burst);
          bench.sent.push(step.bytes);
          afterXoff = step.bytes.length;
          writing = { until: bench.now + (step.bytes.length * 11_000) / 9_600 };
          return step;
        };
        for (const what of events) {
          if (what === 'xon' || what === 'xoff') {
            bench.hear(what === 'xon' ? xon : xoff);
            flowing = what === 'xon';
            expect(afterXoff).toBeLessThanOrEqual(line.burst);
          } else bench.now += what;
          turn();
        }
        bench.hear(xon);
        flowing = true;
        for (let step = turn(); step.do !== 'done'; step = turn()) {
          expect(step.do).not.toBe('failed');
          bench.now += 1;
        }
        expect(bench.text).toBe(Buffer.concat(program.map((part) => Buffer.from(part))).toString('latin1'));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
