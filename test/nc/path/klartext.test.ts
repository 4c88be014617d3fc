import { describe, expect, it } from 'vitest';
import { movesIn, notesIn, runPath } from '../../helpers/path-moves.ts';

const program = (...lines: string[]): string[] => ['BEGIN PGM T MM', ...lines, 'END PGM T MM'];
const moves = (...lines: string[]): string[] => movesIn(program(...lines), { dialect: 'klartext' });
const notes = (...lines: string[]): string[] => notesIn(program(...lines), { dialect: 'klartext' });

describe('Klartext lines and circles', () => {
  it('go absolute, incremental, in rapid and in feed', () => {
    expect(moves('L X+10 Y-5 R0 FMAX M3', 'L IX+5 Z-1 RL F200', 'L IY+5')).toEqual([
      'rapid 10 -5 100',
      'feed 15 -5 -1',
      'feed 15 0 -1',
    ]);
  });

  it('turn about the pole, by a radius and as a tangent', () => {
    const drawn = moves(
      'L X+0 Y+0 Z+0 F100',
      'L X+10',
      'CT X+20 Y+10',
      'CC X+20 Y+20',
      'C X+20 Y+30 DR+',
      'CR X+10 Y+30 R+5 DR-',
    );
    expect(drawn).toEqual(['feed 0 0 0', 'feed 10 0 0', 'arc 20 10 0', 'arc 20 30 0', 'arc 10 30 0']);
  });

  it('run on tangentially, on the circle that touches both', () => {
    const { path } = runPath(program('L X+0 Y+0 Z+0 F100', 'L X+10', 'CT X+20 Y+10'), { dialect: 'klartext' });
    for (let at = 2; at < path.count; at++) {
      const [x, y] = [path.points[(at + 1) * 3] as number, path.points[(at + 1) * 3 + 1] as number];
      expect(Math.hypot(x - 10, y - 10)).toBeCloseTo(10, 6);
    }
  });

  it('count in radius and angle, and make helices of several turns', () => {
    expect(moves('CC X+0 Y+0', 'LP PR+10 PA+90 Z+0 FMAX', 'CP IPA+720 IZ-4 DR+ F50')).toEqual([
      'rapid 0 10 0',
      'arc 0 10 -4',
    ]);
  });

  it('are in inches where the program says so, and feeds in tenths of them', () => {
    const { path } = runPath(['BEGIN PGM T INCH', 'L X+1 F100', 'END PGM T INCH'], { dialect: 'klartext' });
    expect(path.points[3]).toBeCloseTo(25.4);
    expect(path.feed[0]).toBeCloseTo(254);
  });
});

describe('Klartext cycles', () => {
  const drill = 'CYCL DEF 200 DRILLING Q200=2 Q201=-12 Q206=150 Q202=5 Q210=0 Q203=+1 Q204=20 Q211=0';
  const hole = (x: number, y: number): string[] => [
    `rapid ${x} ${y} 3`,
    `feed ${x} ${y} -4`,
    `rapid ${x} ${y} 3`,
    `rapid ${x} ${y} -2`,
    `feed ${x} ${y} -9`,
    `rapid ${x} ${y} 3`,
    `rapid ${x} ${y} -7`,
    `feed ${x} ${y} -11`,
    `rapid ${x} ${y} 21`,
  ];

  it('are expanded where M99 calls them, from the surface down and up to the second clearance', () => {
    expect(moves(drill, 'L X+5 Y+6 R0 FMAX M99').filter((move, at, all) => move !== all[at - 1])).toEqual([
      'rapid 5 6 100',
      ...hole(5, 6),
    ]);
  });

  it('run after every block while M89 is on', () => {
    const drawn = moves(drill, 'L X+5 Y+6 R0 FMAX M89', 'L X+7 FMAX', 'L X+9 FMAX M99', 'L X+11 FMAX');
    expect(drawn.filter((move) => move.endsWith(' -11'))).toEqual(['feed 5 6 -11', 'feed 7 6 -11', 'feed 9 6 -11']);
  });

  it('run at the points of a circle, of a grid and of a pattern', () => {
    const bottoms = (...lines: string[]): string[] =>
      moves(drill, ...lines).filter((move) => move.startsWith('feed') && move.endsWith('-11'));
    expect(bottoms('CYCL DEF 220 POLAR Q216=+0 Q217=+0 Q244=20 Q245=+0 Q246=+360 Q247=+0 Q241=4 Q203=+1')).toEqual([
      'feed 10 0 -11',
      'feed 0 10 -11',
      'feed -10 0 -11',
      'feed 0 -10 -11',
    ]);
    expect(bottoms('CYCL DEF 221 GRID Q225=+0 Q226=+0 Q237=5 Q238=7 Q242=2 Q243=2 Q224=+0 Q203=+1')).toEqual([
      'feed 0 0 -11',
      'feed 5 0 -11',
      'feed 5 7 -11',
      'feed 0 7 -11',
    ]);
    expect(bottoms('PATTERN DEF POS1 (X+1 Y+2 Z+0) POS2 (X+3 Y+4 Z+0)', 'CYCL CALL PAT FMAX M3')).toEqual([
      'feed 1 2 -11',
      'feed 3 4 -11',
    ]);
  });

  it('that are not expanded are named, and so is a call without a cycle', () => {
    expect(notes('CYCL DEF 251 POCKET Q218=60 Q219=40', 'L X+1 FMAX M99')).toEqual(['unsupported cycle 251']);
    expect(notes('CYCL CALL')).toEqual(['wrong cycle call']);
  });
});

describe('Klartext datums', () => {
  it('shift, turn, mirror and scale what follows', () => {
    expect(moves('CYCL DEF 7.0 DATUM', 'CYCL DEF 7.1 X+100', 'CYCL DEF 7.2 IY+5', 'L X+1 Y+1 Z+0 FMAX')).toEqual([
      'rapid 101 6 0',
    ]);
    expect(moves('CYCL DEF 10.0 ROT', 'CYCL DEF 10.1 ROT+90', 'L X+10 Y+0 Z+0 FMAX')).toEqual(['rapid 0 10 0']);
    expect(moves('CYCL DEF 8.0 MIRROR', 'CYCL DEF 8.1 X Y', 'L X+10 Y+4 Z+0 FMAX')).toEqual(['rapid -10 -4 0']);
    expect(moves('CYCL DEF 11.0 SCALING', 'CYCL DEF 11.1 SCL 0.5', 'L X+10 Y+4 Z+0 FMAX')).toEqual(['rapid 5 2 0']);
    expect(moves('TRANS DATUM AXIS X+10 Y+20', 'L X+1 Y+1 Z+0 FMAX', 'TRANS DATUM RESET', 'L X+1 Y+1 FMAX')).toEqual([
      'rapid 11 21 0',
      'rapid 1 1 0',
    ]);
  });

  it('that tilt the plane are named, and every move under them is doubtful', () => {
    const result = runPath(
      program('PLANE SPATIAL SPA+0 SPB+30 SPC+0 STAY', 'L X+1 FMAX', 'PLANE RESET STAY', 'L X+2 FMAX'),
      {
        dialect: 'klartext',
      },
    );
    expect(result.notes.map(({ what }) => what)).toEqual(['PLANE']);
    expect([...result.path.flags.slice(0, 2)].map((flags) => (flags & 32) !== 0)).toEqual([true, false]);
  });
});

describe('Klartext programs', () => {
  it('repeat labels, count in Q parameters and jump', () => {
    const drawn = moves(
      'Q1 = 0',
      'LBL 1',
      'Q1 = Q1 + 10',
      'L X+Q1 Y+0 Z+0 FMAX',
      'CALL LBL 1 REP 1',
      'FN 11: IF +Q1 GT +15 GOTO LBL 9',
      'L X+999 FMAX',
      'LBL 9',
      'L Y+5 FMAX',
    );
    expect(drawn).toEqual(['rapid 10 0 0', 'rapid 20 0 0', 'rapid 20 5 0']);
  });

  it('call the programs of their package, and name those that are not there', () => {
    const called = (): { name: string; bytes: Uint8Array } => ({
      name: 'HOLES.H',
      bytes: Buffer.from('BEGIN PGM HOLES MM\nL X+7 Y+7 Z+7 FMAX\nEND PGM HOLES MM\n'),
    });
    const lines = program('CALL PGM TNC:\\HOLES.H', 'L X+1 FMAX');
    expect(movesIn(lines, { dialect: 'klartext', called })).toEqual(['rapid 7 7 7', 'rapid 1 7 7']);
    expect(notesIn(lines, { dialect: 'klartext' })).toEqual(['unknown CALL PGM TNC:\\HOLES.H']);
  });

  it('name what they do not follow: rounded corners, approaches, TCPM, a parameter from the machine', () => {
    expect(notes('L X+0 F100', 'RND R5', 'APPR LT X+5 Y+5 LEN10 RL', 'M128', 'L X+Q50')).toEqual([
      'assumed radius compensation',
      'unsupported APPR LT',
      'unsupported RND',
      'unsupported M128',
      'unknown Q50',
    ]);
  });
});
