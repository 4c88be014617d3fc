/**
 * The two forms of an ECDSA P-256 signature: r ‖ s of 32 bytes each (RFC 9421 3.3.4, PKCS#11), and a DER sequence of two
 * integers (RFC 3279 2.2.3).
 */
export function rawOfDer(der: Buffer): Buffer {
  const rAt = 4;
  const rBytes = der.readUInt8(3);
  const sAt = rAt + rBytes + 2;
  const part = (bytes: Buffer) => Buffer.concat([Buffer.alloc(32), bytes]).subarray(-32);
  return Buffer.concat([part(der.subarray(rAt, rAt + rBytes)), part(der.subarray(sAt))]);
}

export function derOfRaw(raw: Buffer): Buffer {
  const integers = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, integers.length]), integers]);
}

/** The shortest form, positive (X.690 8.3.2). */
function integer(bytes: Buffer): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const shortest = bytes.subarray(from);
  const positive = (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
