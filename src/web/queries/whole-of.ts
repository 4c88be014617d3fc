import { othersFirst } from '../parts/turn.ts';

const firstBytes = 65_536;

/**
 * All bytes of an answer. Whoever asks for them by `arrayBuffer()` holds up the page for as long as the network has more to
 * give, a quarter of a second for 30 MB; here everything else has its turn after each piece.
 */
export async function wholeOf(answer: Response): Promise<ArrayBuffer> {
  // A proxy may have left the length out, or have said that of a packed form.
  let whole = new Uint8Array(Number(answer.headers.get('content-length')) || firstBytes);
  let length = 0;
  const reader = answer.body?.getReader();
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    const { value } = piece;
    if (length + value.length > whole.length) whole = enlarged(whole, length + value.length);
    whole.set(value, length);
    length += value.length;
    await othersFirst();
  }
  return length === whole.length ? whole.buffer : whole.buffer.slice(0, length);
}

function enlarged(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
