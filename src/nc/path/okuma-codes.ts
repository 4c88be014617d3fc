import { type CodeMeaning, cycle, mill, motion, nothing, once, work } from './iso-codes.ts';

export const okuma: readonly (readonly [number, CodeMeaning])[] = [
  ...mill.filter(
    ([code]) =>
      ![150, 160, 280, 290, 430, 440, 490, 540, 550, 560, 570, 580, 590, 530, 520, 541, 680, 690].includes(code),
  ),
  [150, work('G15', true)],
  [160, work('G16', true)],
  [300, once('second-home')],
  [2740, cycle('tap-left')],
  [2840, cycle('tap')],
  [530, { does: 'length', on: false }],
  ...[54, 55, 56, 57, 58, 59].map((code) => [code * 10, { does: 'length', on: true } as const] as const),
  ...[610, 640].map((code) => [code, nothing] as const),
];

/** OSP lathes: G85 to G88 rough and finish the contour of a label, which G81 or G82 begins and G80 ends. */
export const okumaLathe: readonly (readonly [number, CodeMeaning])[] = [
  ...okuma.filter(([code]) => code < 700 || code >= 900),
  // Cycles: in, along the thread, out and back.
  [310, { does: 'turning', cycle: 'thread' }],
  [330, { does: 'turning', cycle: 'thread' }],
  [320, once('settings')],
  [340, motion('thread')],
  [350, motion('thread')],
  [500, once('speed-limit')],
  ...[71, 72, 73, 74, 75, 76, 77, 78, 84, 88].map((code) => [code * 10, once('settings')] as const),
  // Cycles of driven tools, and lines and arcs of X and C.
  ...[...Array.from({ length: 14 }, (_, at) => 178 + at), 101, 102, 103, 132, 133].map(
    (code) => [code * 10, once('settings')] as const,
  ),
  ...[80, 81, 82].map((code) => [code * 10, nothing] as const),
  [850, once('rough-along')],
  [860, once('rough-copies')],
  [870, once('finish-profile')],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
];
