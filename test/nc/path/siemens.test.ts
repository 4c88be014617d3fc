import { describe, expect, it } from 'vitest';
import { movesIn, notesIn, runPath } from '../../helpers/path-moves.ts';

const moves = (...lines: string[]): string[] => movesIn([...lines, 'M30'], { dialect: 'siemens' });
const notes = (...lines: string[]): string[] => notesIn([...lines, 'M30'], { dialect: 'siemens' });

describe('Siemens lines and arcs', () => {
  it('take IC and AC, radius, centre and opening angle', () => {
    expect(
      moves(
        'G71 G90 G17 G0 X0 Y0 Z0',
        'G1 X=IC(10) F100',
        'G2 X20 Y0 CR=5',
        'G3 X40 Y0 I=AC(30) J=AC(0)',
        'G3 X50 Y10 AR=90',
        'G2 I0 J-10 AR=90',
      ),
    ).toEqual(['rapid 0 0 0', 'feed 10 0 0', 'arc 20 0 0', 'arc 40 0 0', 'arc 50 10 0', 'arc 60 0 0']);
  });

  it('go over a point with CIP and as a tangent with CT', () => {
    const { path } = runPath(['G90 G0 X0 Y0 Z0', 'CIP X10 Y10 I1=10 J1=0 F100', 'M30'], { dialect: 'siemens' });
    for (let at = 1; at < path.count; at++)
      expect(
        Math.hypot((path.points[(at + 1) * 3] as number) - 5, (path.points[(at + 1) * 3 + 1] as number) - 5),
      ).toBeCloseTo(Math.hypot(5, 5), 6);
    expect(moves('G0 X0 Y0 Z0', 'G1 X10 F100', 'CT X20 Y10', 'G1 X30')).toEqual([
      'rapid 0 0 0',
      'feed 10 0 0',
      'arc 20 10 0',
      'feed 30 10 0',
    ]);
  });

  it('count polar from a pole', () => {
    expect(moves('G0 Z0', 'G111 X10 Y10', 'G1 AP=90 RP=5 F100', 'AP=IC(90)')).toEqual([
      'rapid 0 0 0',
      'feed 10 15 0',
      'feed 5 10 0',
    ]);
  });
});

describe('Siemens frames', () => {
  it('replace one another, or add up with the A before their name', () => {
    expect(moves('TRANS X100', 'ATRANS Y10', 'AROT RPL=90', 'G0 X5 Y0 Z0', 'ROT', 'G0 X5 Y0')).toEqual([
      'rapid 100 15 0',
      'rapid 5 0 0',
    ]);
    expect(moves('MIRROR X0', 'ASCALE X2 Y2', 'G0 X5 Y1 Z0')).toEqual(['rapid -10 2 0']);
  });

  it('of the machine are set by $P_UIFR and left by SUPA', () => {
    expect(moves('$P_UIFR[1,X,TR]=50', 'G54 G0 X1 Y1 Z0', 'SUPA G0 X0 Y0')).toEqual(['rapid 51 1 0', 'rapid 0 0 0']);
  });
});

describe('Siemens cycles', () => {
  it('drill where the tool stands, and with MCALL at every point until MCALL ends it', () => {
    expect(moves('G0 X5 Y5 Z50', 'CYCLE81(50,0,2,-10)').slice(1)).toEqual([
      'rapid 5 5 50',
      'rapid 5 5 2',
      'feed 5 5 -10',
      'rapid 5 5 50',
    ]);
    const bottoms = moves('MCALL CYCLE81(50,0,2,,10)', 'G0 X1 Y1 Z50', 'X2', 'MCALL', 'X3').filter((move) =>
      move.endsWith('-10'),
    );
    expect(bottoms).toEqual(['feed 1 1 -10', 'feed 2 1 -10']);
  });

  it('peck from the reference plane, each peck less than the last', () => {
    const drawn = moves('G0 X0 Y0 Z50', 'CYCLE83(50,0,2,-20,,-8,,3,0,0,1,1)');
    expect(drawn.filter((move) => move.startsWith('feed'))).toEqual([
      'feed 0 0 -8',
      'feed 0 0 -13',
      'feed 0 0 -16',
      'feed 0 0 -19',
      'feed 0 0 -20',
    ]);
  });

  it('make rows and circles of holes', () => {
    const bottoms = (pattern: string): string[] =>
      moves('G0 X0 Y0 Z50', 'MCALL CYCLE82(50,0,2,-5,,0)', pattern).filter((move) => move.endsWith('-5'));
    expect(bottoms('HOLES1(0,0,90,10,5,2)')).toEqual(['feed 0 10 -5', 'feed 0 15 -5']);
    expect(bottoms('HOLES2(0,0,10,0,180,2)')).toEqual(['feed 10 0 -5', 'feed -10 0 -5']);
  });

  it('that mill or tilt are named', () => {
    expect(
      notes(
        'POCKET3(50,0,2,-10,40,30,8,20,20,0,5)',
        'CYCLE800(1,"T",0,57,0,0,0,0,30,0,0,0,0,-1)',
        'CYCLE832(0.01,1,1)',
      ),
    ).toEqual(['unsupported POCKET3', 'unsupported CYCLE800']);
  });
});

describe('Siemens programs', () => {
  it('loop, declare, jump and repeat', () => {
    expect(
      moves(
        'DEF REAL STEP=10',
        'R1=0',
        'WHILE R1<2',
        'R1=R1+1',
        'G0 X=R1*STEP Y0 Z0',
        'ENDWHILE',
        'FOR R2=1 TO 2',
        'G91 G0 Y1',
        'ENDFOR',
        'IF R1==2 GOTOF DONE',
        'G90 G0 X999',
        'DONE:',
        'G90 G0 Z5',
      ),
    ).toEqual(['rapid 10 0 0', 'rapid 20 0 0', 'rapid 20 1 0', 'rapid 20 2 0', 'rapid 20 2 5']);
  });

  it('call subprograms of their package, and say what is handed over is not followed', () => {
    const called = () => ({ name: 'HOLES.SPF', bytes: Buffer.from('G0 X7 Y7\nM17\n') });
    expect(movesIn(['G0 Z0', 'L10 P2', 'HOLES(1,2)', 'M30'], { dialect: 'siemens', called })).toHaveLength(4);
    expect(notesIn(['HOLES(1,2)', 'M30'], { dialect: 'siemens', called })).toEqual(['unsupported HOLES arguments']);
    expect(notesIn(['EXTCALL "BIG"', 'M30'], { dialect: 'siemens' })).toEqual(['unknown EXTCALL BIG']);
  });

  it('name the words that they do not follow', () => {
    expect(notes('G1 X1 RND=5 F100', 'TRAORI', 'BSPLINE', 'G147 X2', '$AA_OFF=1')).toEqual([
      'unsupported TRAORI',
      'unsupported BSPLINE',
      'unsupported G147',
      'unsupported RND',
      'unsupported $AA_OFF=',
    ]);
  });
});
