import { type CodeMeaning, common, motion, nothing, once, work } from './iso-codes.ts';

export const siemens: readonly (readonly [number, CodeMeaning])[] = [
  ...common,
  ...[90, 600, 620, 6010, 6020, 6030, 6410, 6420, 6430, 6440, 6450, 4500, 4510, 4600, 4610, 4620].map(
    (code) => [code, nothing] as const,
  ),
  ...[250, 260, 580, 590].map((code) => [code, once('not-followed')] as const),
  [330, motion('thread')],
  [3310, motion('thread')],
  [3320, motion('thread')],
  [630, motion('line')],
  [700, { does: 'unit', scale: 25.4 }],
  [710, { does: 'unit', scale: 1 }],
  [7000, { does: 'unit', scale: 25.4 }],
  [7100, { does: 'unit', scale: 1 }],
  [740, once('home')],
  [750, once('second-home')],
  [1530, once('machine')],
  [5000, work('G500')],
  ...Array.from({ length: 95 }, (_, at) => [(505 + at) * 10, work(`G${505 + at}`)] as const),
  [900, { does: 'distance', absolute: true }],
  [910, { does: 'distance', absolute: false }],
  [930, { does: 'feed-mode', mode: 'inverse-time' }],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
  [960, { does: 'surface-speed', on: true }],
  [970, { does: 'surface-speed', on: false }],
];
