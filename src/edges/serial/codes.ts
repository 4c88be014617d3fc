/** The characters of ISO 646 by which controls and readers have steered each other since paper tape. */
export const codes = {
  nul: 0x00,
  startOfHeader: 0x01,
  endOfText: 0x03,
  endOfTransmission: 0x04,
  acknowledge: 0x06,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  /** DC1, XON: reader on. */
  dc1: 0x11,
  /** DC2: punch on. A FANUC control says it before a program that it sends. */
  dc2: 0x12,
  /** DC3, XOFF: reader off. */
  dc3: 0x13,
  /** DC4: punch off. */
  dc4: 0x14,
  negativeAcknowledge: 0x15,
  cancel: 0x18,
  substitute: 0x1a,
  percent: 0x25,
  /** `C`: an XMODEM receiver that wants a CRC. */
  wantsCrc: 0x43,
  rubOut: 0x7f,
} as const;

/** What steers the other end of a line with XON/XOFF, and so cannot be part of a program on it. */
export const steers = (byte: number): boolean => byte >= codes.dc1 && byte <= codes.dc4;

/** What stands between programs and means nothing. */
export const isFiller = (byte: number): boolean =>
  byte === codes.nul || byte === codes.lineFeed || byte === codes.carriageReturn || byte === codes.rubOut;
