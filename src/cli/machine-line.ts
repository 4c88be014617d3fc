import type { Command } from 'commander';
import { SerialLine } from '../domain/machine-links.ts';
import { parsed, usage } from './output.ts';

export type LineOptions = {
  line?: string;
  lineFormat: string;
  lineProtocol: string;
  lineBurst: string;
  lineLeader: string;
  lineEtx?: boolean;
  lineWaitsForXon?: boolean;
  lineRequest: string;
  lineRefusal: string;
  lineStall: string;
};

/** How a serial line to a control is said on the command line. */
export const withLineOptions = (command: Command): Command =>
  command
    .option('--line <where>', 'serial: a device such as /dev/ttyUSB0, or tcp://HOST:PORT of a device server')
    .option('--line-format <format>', 'rate, then data bits, parity (N, E, O) and stop bits', '9600-7E2')
    .option('--line-protocol <protocol>', 'xon-xoff, rts-cts or xmodem', 'xon-xoff')
    .option('--line-burst <characters>', 'how many the control still takes after it said XOFF', '8')
    .option('--line-leader <nuls>', 'NULs before and behind the program', '0')
    .option('--line-etx', 'end a program with ETX, as the standard interface of Heidenhain wants it')
    .option('--line-waits-for-xon', 'wait until the control says XON (DC1) before a program')
    .option('--line-request <form>', 'how the control asks by itself: none, o-number or comment', 'none')
    .option('--line-refusal <answer>', 'what a refused request gets: silence or end-mark (% twice)', 'silence')
    .option('--line-stall <seconds>', 'how long the control may hold a program up', '600');

const parities = { N: 'none', E: 'even', O: 'odd' } as const;

/** The line that the options name; undefined where they name none. */
export function lineOf(options: LineOptions): SerialLine | undefined {
  if (options.line === undefined) return undefined;
  const format = /^(\d{3,6})-([78])([NEO])([12])$/.exec(options.lineFormat);
  if (!format) throw usage('Give it such as 4800-7E2 or 9600-8N1.', '--line-format');
  const [, baud, dataBits, parity, stopBits] = format;
  const said = {
    at: placeOf(options.line),
    baud: Number(baud),
    dataBits: Number(dataBits),
    parity: parities[parity as keyof typeof parities],
    stopBits: Number(stopBits),
    protocol: options.lineProtocol,
    burst: wholeNumber(options.lineBurst, '--line-burst'),
    leader: wholeNumber(options.lineLeader, '--line-leader'),
    ending: options.lineEtx ? 'etx' : 'none',
    waitsForXon: options.lineWaitsForXon ?? false,
    request: options.lineRequest,
    refusal: options.lineRefusal,
    stallSeconds: wholeNumber(options.lineStall, '--line-stall'),
  };
  return parsed(SerialLine, said, '--line');
}

function placeOf(where: string) {
  const server = /^tcp:\/\/(.+):(\d{1,5})$/.exec(where);
  if (!server) return { kind: 'device', path: where };
  return { kind: 'tcp', host: server[1], port: Number(server[2]) };
}

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,5}$/.test(text)) throw usage('Give a whole number.', option);
  return Number(text);
}
