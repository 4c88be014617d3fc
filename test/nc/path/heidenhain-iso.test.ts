import { describe, expect, it } from 'vitest';
import { movesIn, notesIn } from '../../helpers/path-moves.ts';

const program = (...lines: string[]): string[] => [
  '%T G71 *',
  ...lines.map((line) => `${line} *`),
  'N99999999 %T G71 *',
];
const moves = (...lines: string[]): string[] => movesIn(program(...lines), { dialect: 'heidenhain-iso' });

describe('DIN/ISO on a TNC', () => {
  it('goes in lines, about a pole, by a radius and in polar coordinates', () => {
    expect(
      moves(
        'N10 G00 G90 X+0 Y+0 Z+0',
        'N20 G01 G91 X+10 F100',
        'N30 G90 I+20 J+0',
        'N40 G02 X+30 Y+0',
        'N50 G03 X+40 Y+10 R+10',
        'N60 G11 R+40 H+90',
        'N70 G13 G91 H+90',
      ),
    ).toEqual(['rapid 0 0 0', 'feed 10 0 0', 'arc 30 0 0', 'arc 40 10 0', 'feed 20 40 0', 'arc -20 0 0']);
  });

  it('drills where M99 or G79 calls the cycle', () => {
    const cycle = 'N10 G200 Q200=2 Q201=-5 Q206=150 Q202=5 Q203=+0 Q204=20';
    const bottoms = moves('N5 G00 G90 Z+50', cycle, 'N20 X+1 Y+1 M99', 'N30 X+2', 'N40 G79').filter((move) =>
      move.endsWith('-5'),
    );
    expect(bottoms).toEqual(['feed 1 1 -5', 'feed 2 1 -5']);
  });

  it('shifts, turns, mirrors, and repeats labels', () => {
    expect(moves('N10 G54 X+100', 'N20 G73 G90 H+90', 'N30 G00 X+5 Y+0 Z+0')).toEqual(['rapid 100 5 0']);
    expect(moves('N10 G28 X', 'N20 G00 G90 X+5 Y+1 Z+0')).toEqual(['rapid -5 1 0']);
    expect(moves('N10 G00 G90 X+0 Y+0 Z+0', 'N20 L1,0', 'N30 M30', 'N40 G98 L1', 'N50 G91 X+1', 'N60 G98 L0')).toEqual([
      'rapid 0 0 0',
      'rapid 1 0 0',
    ]);
  });

  it('names what it does not follow', () => {
    expect(notesIn(program('N10 G53 P01 3', 'N20 G83 P01 -2 P02 -20'), { dialect: 'heidenhain-iso' })).toContain(
      'unsupported G53',
    );
  });
});
