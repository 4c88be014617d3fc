import { limits } from '../../domain/limits.ts';
import type { BlockWords } from './block-words.ts';
import { sineCosine } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

type Place = readonly [number, number];

/**
 * G70 to G72 of Haas: L holes on a circle, an arc or a line, from the angle J on, about the point where the tool is. Without
 * a count of holes G70 and G71 are what they are on older controls: inch and millimetre.
 */
export function haasHoles(machine: IsoCoordinates, words: BlockWords): Place[] | undefined {
  const code = words.g.find((g) => g >= 700 && g <= 720) ?? 0;
  if (!words.hasAny('IJKLPQRUVWXYZD')) {
    if (code !== 720) machine.state.scale = code === 700 ? 25.4 : 1;
    return undefined;
  }
  const [x, y] = machine.end(words);
  const size = machine.length(words, 'I') ?? Number.NaN;
  const start = words.take('J') ?? 0;
  const holes = counted(words.take('L'));
  const step = code === 700 ? 360 / holes : code === 710 ? (words.take('K') ?? 0) : 0;
  return Array.from({ length: holes }, (_, at): Place => {
    const [sine, cosine] = sineCosine(start + at * step);
    const far = code === 720 ? size * at : size;
    return [x + far * cosine, y + far * sine];
  });
}

/** G34.1 to G37.1 of Mazak: K holes of a circle, a line or an arc from the angle J on; a grid of P by K, I and J apart. */
export function mazakHoles(machine: IsoCoordinates, words: BlockWords): Place[] {
  const code = words.g.find((g) => g >= 341 && g <= 371) ?? 0;
  const [x, y] = machine.end(words);
  const size = machine.length(words, 'I') ?? Number.NaN;
  const holes = counted(words.take('K'));
  const up = code === 371 ? (machine.length(words, 'J') ?? 0) : 0;
  const start = words.take('J') ?? 0;
  const p = words.take('P') ?? 0;
  if (code === 371) {
    const columns = Math.min(counted(p), limits.ncPathPieces / Math.max(1, holes));
    return Array.from({ length: Math.trunc(columns) * holes }, (_, at): Place => {
      const row = Math.floor(at / columns);
      // Back and forth.
      const column = row % 2 === 0 ? at % columns : columns - 1 - (at % columns);
      return [x + column * size, y + row * up];
    });
  }
  const step = code === 341 ? 360 / holes : code === 361 ? p : 0;
  return Array.from({ length: holes }, (_, at): Place => {
    const [sine, cosine] = sineCosine(start + at * step);
    const far = code === 351 ? size * at : size;
    return [x + far * cosine, y + far * sine];
  });
}

const counted = (value: number | undefined): number =>
  Math.trunc(Math.min(Math.max(0, Number.isNaN(value) ? 0 : (value ?? 1)), limits.ncPathPieces));
