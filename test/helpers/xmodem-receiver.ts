const [soh, eot, ack, nak, wantsCrc] = [0x01, 0x04, 0x06, 0x15, 0x43];

/** CRC-16 by long division over bits as text: slow, and nothing like ours. */
function crcByDivision(data: Buffer): number {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('') + '0'.repeat(16);
  let rest = 0;
  for (const bit of bits) {
    const carry = rest >= 0x8000;
    rest = ((rest * 2) % 0x10000) + Number(bit);
    if (carry) rest ^= 0x1021;
  }
  return rest;
}

/** The receiving end of XMODEM as a control has it. Each method gives what the control says. */
export class XmodemReceiver {
  readonly #mode: 'crc' | 'sum';
  readonly #blocks: Buffer[] = [];
  /** The end was acknowledged. */
  whole = false;

  constructor(mode: 'crc' | 'sum') {
    this.#mode = mode;
  }

  get content(): Buffer {
    return Buffer.concat(this.#blocks);
  }

  start(): Buffer {
    return Buffer.from([this.#mode === 'crc' ? wantsCrc : nak]);
  }

  /** Nothing came for ten seconds. */
  timeout(): Buffer {
    return this.#blocks.length === 0 ? this.start() : Buffer.from([nak]);
  }

  take(packet: Buffer): Buffer {
    if (packet.length === 1 && packet[0] === eot) {
      this.whole = true;
      return Buffer.from([ack]);
    }
    if (!this.#isSound(packet)) return Buffer.from([nak]);
    const number = packet[1];
    if (number === ((this.#blocks.length + 1) & 0xff)) this.#blocks.push(packet.subarray(3, 131));
    else if (number !== (this.#blocks.length & 0xff)) return Buffer.from([0x18, 0x18]);
    return Buffer.from([ack]);
  }

  #isSound(packet: Buffer): boolean {
    const length = this.#mode === 'crc' ? 133 : 132;
    if (packet.length !== length || packet[0] !== soh || (packet[1] ?? 0) + (packet[2] ?? 0) !== 0xff) return false;
    const data = packet.subarray(3, 131);
    if (this.#mode === 'crc') return packet.readUInt16BE(131) === crcByDivision(data);
    return packet[131] === [...data].reduce((sum, byte) => sum + byte, 0) % 256;
  }
}
