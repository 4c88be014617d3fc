import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SerialLine } from '../../../src/domain/machine-links.ts';
import { FrameReceiver } from '../../../src/edges/serial/frame-receiver.ts';

const bounds = { mostBytes: 2_000, quietMs: 500, silenceMs: 30_000, readyMs: 300_000 };
const [dc1, dc2, dc3, dc4] = ['\x11', '\x12', '\x13', '\x14'];
const program = '%\r\nO1234\r\nN10 G0 X1.\r\nM30\r\n%';

/** What is heard of these pieces, each with the time at which it comes, and of the silence after. */
function heard(
  pieces: readonly (string | [at: number, text: string])[],
  over: Partial<Pick<SerialLine, 'dataBits' | 'ending'>> = {},
) {
  const receiver = new FrameReceiver({ dataBits: 8, ending: 'none', ...over }, bounds);
  const all = pieces.flatMap((piece) => {
    const [at, text] = typeof piece === 'string' ? [0, piece] : piece;
    return receiver.received(Buffer.from(text, 'latin1'), at);
  });
  const rest = receiver.deadline === undefined ? [] : receiver.tick(receiver.deadline);
  return [...all, ...rest].map((each) => (each.kind === 'frame' ? each.bytes.toString('latin1') : each.reason));
}

describe('a program that a control sends', () => {
  it.each([
    ['FANUC, between punch on and punch off', `${dc2}\0\0\0${program}\r\n\0\0${dc4}`, `${program}\r\n`],
    ['Haas, between DC1 and DC3', `${dc1}${program}${dc3}`, program],
    ['a control that says nothing but the program', `\r\n${program}\r\n`, `${program}\r\n`],
    [
      'Klartext, which has no %',
      `${dc2}BEGIN PGM A MM\r\nEND PGM A MM\r\n${dc4}`,
      'BEGIN PGM A MM\r\nEND PGM A MM\r\n',
    ],
    ['rub-outs before and behind', `\x7f\x7f${dc2}\x7f${program}\x7f${dc4}\x7f`, program],
    ['noise before the first %', `?x!${program}${dc3}`, program],
  ])('comes whole: %s', (_what, text, expected) => {
    expect(heard([text])).toEqual([expected]);
  });

  it('comes whole before ETX where the line has it, with or without %, and not without ETX', () => {
    const klartext = 'BEGIN PGM A MM\r\nEND PGM A MM\r\n';
    expect(heard([`\r\n${klartext}\x03\0\r\n${program}\x03`], { ending: 'etx' })).toEqual([klartext, program]);
    expect(heard([klartext], { ending: 'etx' })).toEqual(['the control stopped before the end of the program']);
  });

  it('may hold a % in the middle, and ends with the last, also where a pause follows the one in the middle', () => {
    const [begin, rest] = ['%\nO1\n(50% FEED)\n', 'M30\n%\n'];
    expect(heard([begin + rest])).toEqual([begin + rest]);
    expect(heard([begin, [bounds.quietMs + 1, rest]])).toEqual([begin + rest]);
  });

  it('is over a short silence behind its last %, and not before', () => {
    const receiver = new FrameReceiver({ dataBits: 8, ending: 'none' }, bounds);
    receiver.received(Buffer.from('%\nO1\n'), 1_000);
    expect(receiver.deadline).toBe(1_000 + bounds.silenceMs);
    receiver.received(Buffer.from('%\n'), 2_000);
    expect(receiver.deadline).toBe(2_000 + bounds.quietMs);
    expect(receiver.tick(2_000 + bounds.quietMs - 1)).toEqual([]);
    expect(receiver.tick(2_000 + bounds.quietMs)).toMatchObject([{ kind: 'frame' }]);
  });

  it('goes on over a punch that is switched on again and a reader that is switched off in the middle', () => {
    expect(heard([`${dc2}%\nO1\n${dc2}${dc3}M30\n%${dc4}`])).toEqual(['%\nO1\nM30\n%']);
  });

  it('holds an ETX as any other character on a line that does not end with it', () => {
    expect(heard(['%\nO1\n\x03M30\n%\n'])).toEqual(['%\nO1\n\x03M30\n%\n']);
  });

  it.each([
    ['it stops in the middle', ['%\nO1234\nN10 G0']],
    ['the control is reset, which switches its punch off', [`${dc2}%\nO1234\nN10 G0${dc4}`]],
    ['nothing stood between punch on and punch off', [`${dc2}${dc4}`]],
  ])('is broken and no program when %s', (_what, pieces) => {
    expect(heard(pieces)).toEqual(['the control stopped before the end of the program']);
  });

  it('is broken when it is longer than a program may be, and the next one is heard again', () => {
    const long = `%\n${'N10 G1 X1.\n'.repeat(300)}%\n`;
    expect(heard([long + dc4, program + dc3])).toEqual(['the program is longer than 2000 bytes', program]);
  });

  it('takes no memory for what comes behind the most that a program may be', () => {
    const receiver = new FrameReceiver({ dataBits: 8, ending: 'none' }, bounds);
    const flood = Buffer.alloc(64 * 1024, '%N10 G1 X1.\n');
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 40; n++) receiver.received(flood, n);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('is broken when its parity is not that of the line, whatever it would read as', () => {
    const garbled = Buffer.from(program, 'latin1').map((byte) => byte | 0x80);
    expect(heard([`%${Buffer.from(garbled).toString('latin1')}${dc4}`], { dataBits: 7 })).toEqual([
      expect.stringContaining('does not fit a line of 7 bits'),
    ]);
  });

  it('is held open by pauses, but not for ever', () => {
    expect(
      heard([
        [0, '%\nO1\n'],
        [29_999, 'M30\n%'],
      ]),
    ).toEqual(['%\nO1\nM30\n%']);
    expect(
      heard([
        [0, '%\nO1\n'],
        [30_000, 'M30\n%'],
      ]),
    ).toEqual([
      'the control stopped before the end of the program',
      'the control stopped before the end of the program',
    ]);
  });

  it('is the same program however the line cuts it into pieces', () => {
    const text = `${dc2}\0\0${program}\r\n\0${dc4}${dc1}%\nO2\n%${dc3}`;
    const cuts = fc.array(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (at) => {
        const sorted = [0, ...at.sort((a, b) => a - b), text.length];
        const pieces = sorted.slice(1).map((end, n) => text.slice(sorted[n], end));
        expect(heard(pieces)).toEqual([`${program}\r\n`, '%\nO2\n%']);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('survives anything that a line can bring, and holds no more than a program', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }), (pieces) => {
        const all = heard(
          pieces.map((piece) => Buffer.from(piece).toString('latin1')),
          { dataBits: 7 },
        );
        for (const text of all) expect(text.length).toBeLessThanOrEqual(bounds.mostBytes);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe('a control that says XON while nothing is sent', () => {
  const waitsAfter = (text: string, at = 0) => {
    const receiver = new FrameReceiver({ dataBits: 7, ending: 'none' }, bounds);
    receiver.received(Buffer.from(text, 'latin1'), 0);
    return receiver.isReady(at);
  };

  it('waits for a program', () => {
    expect(waitsAfter(dc1)).toBe(true);
    // With the parity bit that a device server left in.
    expect(waitsAfter('\x91')).toBe(true);
  });

  it.each([
    ['it said XOFF since', `${dc1}${dc3}`],
    ['it sends a program itself, as Haas does', `${dc1}%\nO1`],
    ['it has sent one since', `${dc1}${dc2}${program}${dc4}`],
  ])('does not wait for one when %s', (_what, text) => {
    expect(waitsAfter(text)).toBe(false);
  });

  it('does not wait for one over a line that broke since', () => {
    const receiver = new FrameReceiver({ dataBits: 7, ending: 'none' }, bounds);
    receiver.received(Buffer.from(dc1), 0);
    receiver.reset();
    expect(receiver.isReady(1)).toBe(false);
  });

  it('did so long ago that it is at something else', () => {
    expect(waitsAfter(dc1, bounds.readyMs - 1)).toBe(true);
    expect(waitsAfter(dc1, bounds.readyMs)).toBe(false);
  });
});
