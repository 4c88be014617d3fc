import { describe, expect, it } from 'vitest';
import { segmentFlag, segmentKind } from '../../../src/nc/path/toolpath.ts';
import { manualCases } from '../../helpers/nc-manual-words.ts';
import { movesIn, notesIn, runPath } from '../../helpers/path-moves.ts';

describe('words of the manuals', () => {
  it.each(manualCases)('$dialect: $of', ({ dialect, lathe = false, blocks, moves, notes = [] }) => {
    const lines = dialect === 'heidenhain-iso' ? ['%T G71 *', ...blocks.map((block) => `${block} *`)] : blocks;
    const known = new Set(
      ['assumed radius compensation', 'assumed axis words'].filter((note) => !notes.includes(note)),
    );
    expect(movesIn(lines, { dialect, lathe })).toEqual(moves);
    expect(notesIn(lines, { dialect, lathe }).filter((note) => !known.has(note))).toEqual(notes);
  });

  it('rotary axes are where their block says at its end', () => {
    const { path } = runPath(['G0 A90. C10.', 'G1 X10. A180. F100', 'G91 A10.']);
    const ends = Array.from({ length: path.count }, (_, at) => path.rotary?.[(at + 1) * 3]);
    expect(ends).toEqual([90, 180, 190]);
  });

  it.each([
    ['iso', ['G20 G0 X1.', 'X2.', 'G21 X3.'], [1, 1, 0]],
    ['siemens', ['G700', 'G0 X1', 'G710 X3'], [1, 0]],
    ['klartext', ['BEGIN PGM A INCH', 'L X+1 FMAX', 'END PGM A INCH'], [1]],
    ['heidenhain-iso', ['%T G70 *', 'N1 G00 X+1 *', 'N99999999 %T G70 *'], [1]],
  ] as const)('%s: each move says whether the program counts in inches there', (dialect, lines, inches) => {
    const { path } = runPath(lines, { dialect });
    const said = [...path.flags.subarray(0, path.count)].map((flags) => (flags & segmentFlag.inch ? 1 : 0));
    expect(said).toEqual(inches);
  });

  it('what stands beside a code that is not known is drawn as doubtful, and only that', () => {
    const { path, notes } = runPath(['G0 X0 Y0 Z0', 'G2.3 X10.', 'X20.']);
    expect(notes.map(({ what }) => what)).toEqual(['G2.3']);
    expect([0, 1, 2].map((at) => (path.flags[at] as number) & segmentFlag.doubtful)).toEqual([
      0,
      segmentFlag.doubtful,
      0,
    ]);
  });

  it.each([
    ['a turret of six digits has its tool in the middle', 'okuma', 'T010203', '2'],
    ['T0101 is tool 1 with offset 1', 'iso', 'T0101', '1'],
    ['tools of a TNC have names', 'heidenhain-iso', 'N1 T"MILL" G17 *', 'MILL'],
    ['Mazak changes to the first of two', 'mazak', 'T1 T2 M6', '1'],
  ] as const)('%s', (_, dialect, block, tool) => {
    const lathe = dialect === 'okuma' || dialect === 'iso';
    const { path } = runPath([dialect === 'heidenhain-iso' ? '%T G71 *' : '(TOOLS)', block], { dialect, lathe });
    expect([path.kind[0], path.tools[path.tool[0] as number]]).toEqual([segmentKind.toolChange, tool]);
  });

  it('F AUTO takes the feed of the tool call again, and a feed by the tooth is not known', () => {
    const { path } = runPath(['TOOL CALL 1 Z S1000 F300', 'L X+0 F100', 'L X+1 F AUTO', 'L X+2 FU0.2', 'L X+3 FZ0.1'], {
      dialect: 'klartext',
    });
    expect([...path.feed.subarray(1, path.count)]).toEqual([100, 300, 200, Number.NaN]);
  });

  it('points of a pattern are where its elements say', () => {
    const at = (pattern: string): string[] =>
      movesIn(
        [
          'L X+0 Y+0 Z+9 FMAX',
          'CYCL DEF 240 CENTER Q200=2 Q343=0 Q201=-1 Q206=9 Q203=0 Q204=9',
          pattern,
          'CYCL CALL PAT',
        ],
        {
          dialect: 'klartext',
        },
      )
        .filter((move) => move.endsWith(' -1'))
        .map((move) => move.slice(5, -3));
    expect(at('PATTERN DEF ROW1 (X+10 Y+5 D+8 NUM3 ROT+90 Z+0)')).toEqual(['10 5', '10 13', '10 21']);
    expect(at('PATTERN DEF CIRC1 (X+0 Y+0 D20 START+90 NUM2 Z+0)')).toEqual(['0 10', '0 -10']);
    expect(at('PATTERN DEF FRAME1 (X+0 Y+0 DX+1 DY+2 NUMX3 NUMY3 ROT+0 ROTX+0 ROTY+0 Z+0)')).toHaveLength(8);
    expect(at('PATTERN DEF POS1 (X+1 IY+1 Z+0)')).toEqual([]);
  });
});
