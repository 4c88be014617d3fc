import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16 } from '../../../src/edges/serial/crc16.ts';
import { XmodemSender } from '../../../src/edges/serial/xmodem-sender.ts';
import { XmodemReceiver } from '../../helpers/xmodem-receiver.ts';

const bounds = { readyMs: 90_000, answerMs: 60_000, stallMs: 30_000, quietMs: 500, retries: 10 };
const [soh, eot, ack, nak, can, wantsCrc] = [0x01, 0x04, 0x06, 0x15, 0x18, 0x43];

/** Runs both ends against one another. `spoil` sees each block before the control does. */
function transfer(
  program: Buffer,
  options: { mode: 'crc' | 'sum'; partBytes?: number; spoil?(block: Buffer, n: number): Buffer | undefined },
) {
  const { mode, partBytes = 512, spoil = (block: Buffer) => block } = options;
  const control = new XmodemReceiver(mode);
  const sender = new XmodemSender(bounds, 0);
  let [now, fed, written] = [0, 0, 0];
  const feed = () => {
    const part = program.subarray(fed, fed + partBytes);
    fed += part.length;
    sender.feed(part, fed >= program.length, now);
  };
  feed();
  const hear = (bytes: Buffer) => sender.received(bytes, now);
  hear(control.start());
  for (;;) {
    const step = sender.next(now);
    if (step.do === 'feed') feed();
    else if (step.do === 'wait') {
      const silent = step.until - now > 10_000;
      now = silent ? now + 10_000 : step.until;
      // Nothing came: the control asks again after its ten seconds.
      if (silent) hear(control.timeout());
    } else if (step.do === 'write') {
      const arrived = spoil(step.bytes, written++);
      sender.written(now);
      if (arrived) hear(control.take(arrived));
    } else return { step, control, written };
  }
}

const padded = (program: Buffer) => Buffer.concat([program, Buffer.alloc((128 - (program.length % 128)) % 128, 0x1a)]);

describe('a program that goes to a control by XMODEM', () => {
  it('has the CRC that everybody calculates', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3);
  });

  it.each(['crc', 'sum'] as const)('arrives in blocks of 128 bytes with %s, filled up with SUB', (mode) => {
    const program = Buffer.from('%\nO1234\nN10 G0 X1.\n'.repeat(20));
    const { step, control } = transfer(program, { mode });
    expect(step).toEqual({ do: 'done' });
    expect(control.whole).toBe(true);
    expect(control.content).toEqual(padded(program));
  });

  it('passes the number 255 and goes on with 0', () => {
    const program = Buffer.alloc(128 * 300, 0x4e);
    expect(transfer(program, { mode: 'crc' }).control.content).toEqual(program);
  });

  it('sends again what was lost or broken on the way, and nothing twice', () => {
    const program = Buffer.from(Array.from({ length: 2_000 }, (_, at) => 0x20 + (at % 90)));
    const fate = fc.constantFrom<'whole' | 'lost' | 'broken'>('whole', 'whole', 'lost', 'broken');
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 40 }), fc.constantFrom<'crc' | 'sum'>('crc', 'sum'), (fates, mode) => {
        const spoil = (block: Buffer, n: number) => {
          if (fates[n] === 'lost') return undefined;
          if (fates[n] !== 'broken') return block;
          const spoiled = Buffer.from(block);
          spoiled[spoiled.length >> 1] = (spoiled[spoiled.length >> 1] ?? 0) ^ 0x40;
          return spoiled;
        };
        const { step, control } = transfer(program, { mode, spoil });
        // More than ten failures of one block in a row end it, which is no completion.
        if (step.do === 'done') expect(control.content).toEqual(padded(program));
        else expect(step.do === 'failed' && !control.whole).toBe(true);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('fails when the control refuses one block again and again', () => {
    const { step, written } = transfer(Buffer.alloc(128), {
      mode: 'crc',
      spoil: (block) => Buffer.from(block).fill(0xff, 3),
    });
    expect(step).toMatchObject({ do: 'failed', reason: expect.stringContaining('refused a block 11 times') });
    expect(written).toBe(11);
  });

  it('is not complete before the control has acknowledged the end', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(128), true, 0);
    sender.received(Buffer.from([nak]), 0);
    expect(sender.next(0)).toMatchObject({ do: 'write' });
    sender.written(1);
    sender.received(Buffer.from([ack]), 2);
    expect(sender.next(2)).toEqual({ do: 'write', bytes: Buffer.from([eot]) });
    sender.written(3);
    expect(sender.next(3)).toEqual({ do: 'wait', until: 3 + bounds.answerMs });
    // Some controls ask once more, to be sure of the end.
    sender.received(Buffer.from([nak]), 4);
    expect(sender.next(600)).toEqual({ do: 'write', bytes: Buffer.from([eot]) });
    sender.written(601);
    expect(sender.next(601 + bounds.answerMs)).toMatchObject({ do: 'failed' });
  });

  it('ends when the control cancels by two CANs, and not by one that may be noise', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(256), true, 0);
    sender.received(Buffer.from([nak]), 0);
    expect(sender.next(0)).toMatchObject({ do: 'write' });
    sender.written(1);
    sender.received(Buffer.from([can, ack]), 2);
    expect(sender.next(2)).toMatchObject({ do: 'write' });
    sender.written(3);
    sender.received(Buffer.from([can]), 3);
    expect(sender.next(3)).toMatchObject({ do: 'wait' });
    sender.received(Buffer.from([can]), 4);
    expect(sender.next(4)).toEqual({ do: 'failed', reason: 'The control cancelled the transfer.' });
    expect(sender.farewell()).toEqual(Buffer.alloc(3, can));
  });

  it('takes the second acknowledgement of a block that was sent twice for none of the next', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(256), true, 0);
    sender.received(Buffer.from([nak]), 0);
    expect(sender.next(0)).toMatchObject({ do: 'write', bytes: expect.objectContaining({ 0: soh, 1: 1 }) });
    sender.written(1);
    // A NAK that is noise; the acknowledgement of the first copy follows it.
    sender.received(Buffer.from([nak]), 2);
    expect(sender.next(2)).toEqual({ do: 'wait', until: 2 + bounds.quietMs });
    sender.received(Buffer.from([ack]), 100);
    expect(sender.next(600)).toMatchObject({ do: 'write', bytes: expect.objectContaining({ 0: soh, 1: 1 }) });
    sender.written(601);
    sender.received(Buffer.from([ack]), 602);
    expect(sender.next(602)).toMatchObject({ do: 'write', bytes: expect.objectContaining({ 0: soh, 1: 2 }) });
  });

  it('hears an answer that the system tells of before the end of the block', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(128), true, 0);
    sender.received(Buffer.from([nak]), 0);
    expect(sender.next(0)).toMatchObject({ do: 'write' });
    sender.received(Buffer.from([ack]), 1);
    expect(sender.next(1)).toMatchObject({ do: 'wait' });
    sender.written(2);
    expect(sender.next(2)).toEqual({ do: 'write', bytes: Buffer.from([eot]) });
  });

  it('may be refused now and then all the way down, and ten times for one block', () => {
    const program = Buffer.alloc(128 * 30, 0x4e);
    const refusedOnce = transfer(program, {
      mode: 'crc',
      spoil: (block, n) => (n % 2 === 0 ? block.subarray(1) : block),
    });
    expect(refusedOnce.step).toEqual({ do: 'done' });
    expect(refusedOnce.control.content).toEqual(program);
    const refusedAlways = transfer(program, { mode: 'crc', spoil: (block) => block.subarray(1) });
    expect(refusedAlways).toMatchObject({ step: { do: 'failed', reason: 'The control refused a block 11 times.' } });
  });

  it('hears a control that asks for a CRC again while the first block is due, and takes that for noise later', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(256), true, 0);
    // Noise is no beginning.
    sender.received(Buffer.from('x'), 0);
    expect(sender.next(0)).toMatchObject({ do: 'wait' });
    sender.received(Buffer.from([wantsCrc]), 0);
    for (const at of [1_000, 5_000]) {
      expect(sender.next(at)).toMatchObject({ do: 'write', bytes: expect.objectContaining({ 1: 1 }) });
      sender.written(at);
      if (at < 5_000) sender.received(Buffer.from([wantsCrc]), at + 1);
    }
    sender.received(Buffer.from([ack]), 6_000);
    expect(sender.next(6_000)).toMatchObject({ do: 'write', bytes: expect.objectContaining({ 1: 2 }) });
    sender.written(6_001);
    sender.received(Buffer.from([wantsCrc]), 6_002);
    expect(sender.next(6_002)).toEqual({ do: 'wait', until: 6_001 + bounds.answerMs });
  });

  it('waits for a control that is not ready yet, and not for ever', () => {
    const sender = new XmodemSender(bounds, 0);
    sender.feed(Buffer.alloc(128), true, 0);
    expect(sender.next(1)).toEqual({ do: 'wait', until: bounds.readyMs });
    expect(sender.next(bounds.readyMs)).toMatchObject({ do: 'failed' });
  });
});
