import type { BlockWords } from './block-words.ts';
import type { PlaneAxes } from './frame.ts';
import type { Mover } from './mover.ts';

/** M codes of a TNC that change where the machine goes or how fast. */
export function heidenhainCode(code: number, mover: Mover, plane: PlaneAxes): void {
  const { notes } = mover;
  if (code === 136) mover.feedMode = 'per-revolution';
  else if (code === 137) mover.feedMode = 'per-minute';
  else if (code === 128) {
    mover.doubts.add('M128');
    notes.add('unsupported', 'M128', 'M128 is not interpreted: from here on the path is not where the machine goes.');
  } else if (code === 129) mover.doubts.delete('M128');
  else if (code === 140) {
    const target: [number?, number?, number?] = [];
    target[plane[2]] = Number.NaN;
    mover.machineMove([target[0], target[1], target[2]], true);
    notes.add('unknown', 'M140', 'How far the tool is drawn back here, only the machine knows.');
  } else if (code === 92) notes.add('unknown', 'M92', 'M92 counts from a point that only the machine knows.');
}

/** M91 and M92: the axes of the block count from a point of the machine. */
export function heidenhainMachineMove(words: BlockWords, mover: Mover, scale: number, rapid: boolean): void {
  const target = ['X', 'Y', 'Z'].map((letter) => {
    const value = words.take(letter);
    return value === undefined ? undefined : words.m.includes(91) ? value * scale : Number.NaN;
  });
  mover.machineMove(target, rapid);
  words.takeAll();
  mover.notes.add('assumed', 'M91', 'A move in machine coordinates is drawn as if the datum were 0.');
}
