import { describe, expect, it } from 'vitest';
import { movesIn, notesIn } from '../../helpers/path-moves.ts';

const moves = (...lines: string[]): string[] => movesIn([...lines, 'M02'], { dialect: 'okuma' });
const notes = (...lines: string[]): string[] => notesIn([...lines, 'M02'], { dialect: 'okuma' });

describe('Okuma cycles', () => {
  it('return to the level of G71 with M53 and to R with M54', () => {
    expect(moves('G90 G00 X0 Y0 Z100', 'G71 Z50', 'G81 X1 Y1 Z-10 R2 F200 M53', 'X2 M54', 'G80')).toEqual([
      'rapid 0 0 100',
      'rapid 1 1 100',
      'rapid 1 1 2',
      'feed 1 1 -10',
      'rapid 1 1 50',
      'rapid 2 1 50',
      'rapid 2 1 2',
      'feed 2 1 -10',
      'rapid 2 1 2',
    ]);
  });

  it('make no hole in a block with NCYL, and go on after it', () => {
    const drawn = moves('G00 X0 Y0 Z10', 'G81 X1 Y1 Z-10 R2 F200', 'NCYL X5 Y5', 'X6');
    expect(drawn.filter((move) => move.endsWith('-10'))).toEqual(['feed 1 1 -10', 'feed 6 5 -10']);
    expect(drawn).toContain('rapid 5 5 10');
  });

  it('make circles of holes, and say how the words were read', () => {
    const lines = ['G00 X0 Y0 Z10', 'G81 X10 Y0 Z-10 R2 F200', 'BHC X0 Y0 I10 J0 K4'];
    expect(moves(...lines).filter((move) => move.endsWith('-10'))).toEqual([
      'feed 10 0 -10',
      'feed 10 0 -10',
      'feed 0 10 -10',
      'feed -10 0 -10',
      'feed 0 -10 -10',
    ]);
    expect(notes(...lines)).toEqual(['assumed BHC']);
  });
});

describe('Okuma programs', () => {
  it('count in common variables and jump', () => {
    expect(
      moves('G00 Y0 Z0', 'VC1=0', 'N1 VC1=VC1+10', 'G00 X=VC1', 'IF [VC1 LT 20] N1', 'GOTO N9', 'X999', 'N9 Y5'),
    ).toEqual(['rapid 0 0 0', 'rapid 10 0 0', 'rapid 20 0 0', 'rapid 20 5 0']);
  });

  it('hand values to the subprograms that they call', () => {
    expect(
      movesIn(['G00 X0 Y0 Z0', 'CALL O200 Q2 PX=5', 'M02', 'O200', 'G91 G00 X=PX', 'G90', 'RTS'], { dialect: 'okuma' }),
    ).toEqual(['rapid 0 0 0', 'rapid 5 0 0', 'rapid 10 0 0']);
  });

  it('call a program after every move between MODIN and MODOUT', () => {
    expect(
      movesIn(['G00 X0 Y0 Z0', 'MODIN O200', 'X1', 'X2', 'MODOUT', 'X3', 'M02', 'O200', 'Z-1', 'Z0', 'RTS'], {
        dialect: 'okuma',
      }).filter((move) => move.endsWith('-1')),
    ).toEqual(['rapid 1 0 -1', 'rapid 2 0 -1']);
  });

  it('shift and turn their coordinates with G11 and take that back with G10', () => {
    expect(moves('G11 X10 Y10 P90', 'G00 X5 Y0 Z0', 'G10', 'G00 X5 Y0')).toEqual(['rapid 10 15 0', 'rapid 5 0 0']);
  });

  it('name what they do not follow', () => {
    expect(notes('G00 X0', 'FMILR X1 Y1', 'OMIT K3')).toEqual(['unsupported FMILR', 'unsupported OMIT']);
  });
});
