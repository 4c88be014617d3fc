/** mulberry32, numbers from 0 to 1: the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Bytes for whoever asks for random ones: the same sequence in every run. */
export function seededBytes(seed: number): (size: number) => Uint8Array {
  const next = seeded(seed);
  return (size) => Uint8Array.from({ length: size }, () => Math.floor(next() * 256));
}
