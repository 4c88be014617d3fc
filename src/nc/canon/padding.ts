/** NUL (blank tape), DC1 to DC4 (sent around a program), SUB (end of file of old systems), DEL (a punched-out mistake). */
export const isPadding = (byte: number): boolean =>
  byte === 0 || (byte >= 0x11 && byte <= 0x14) || byte === 0x1a || byte === 0x7f;
