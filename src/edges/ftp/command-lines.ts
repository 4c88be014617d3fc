/** Telnet (RFC 854): what may stand between the bytes of a command, before ABOR in particular. */
const interpretAsCommand = 255;
const withOption = (byte: number): boolean => byte >= 251 && byte <= 254;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class LineTooLong extends Error {}

/** One command: its verb in capitals, and its argument as the bytes that came. */
export type CommandLine = { verb: string; argument: Buffer };

/** Cuts a control connection's bytes into commands (RFC 959 4.1.3). A line of more than `maxBytes` throws `LineTooLong`. */
export class CommandLines {
  readonly #maxBytes: number;
  #line: number[] = [];
  #telnet: 'none' | 'command' | 'option' = 'none';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): CommandLine[] {
    const lines: CommandLine[] = [];
    for (const byte of bytes) {
      if (this.#inTelnet(byte)) continue;
      if (byte === lineFeed) {
        lines.push(parse(Buffer.from(this.#line)));
        this.#line = [];
      } else if (this.#line.length < this.#maxBytes) this.#line.push(byte);
      else throw new LineTooLong();
    }
    return lines;
  }

  #inTelnet(byte: number): boolean {
    switch (this.#telnet) {
      case 'none':
        if (byte !== interpretAsCommand) return false;
        this.#telnet = 'command';
        return true;
      case 'command':
        this.#telnet = withOption(byte) ? 'option' : 'none';
        return true;
      case 'option':
        this.#telnet = 'none';
        return true;
    }
  }
}

function parse(line: Buffer): CommandLine {
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
  const space = line.indexOf(0x20);
  const verbEnd = space < 0 || space > end ? end : space;
  return {
    verb: line.subarray(0, verbEnd).toString('latin1').toUpperCase(),
    argument: line.subarray(Math.min(verbEnd + 1, end), end),
  };
}
