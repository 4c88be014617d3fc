import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/domain/nc.ts';
import { pathOf } from '../../../src/nc/path/path-of.ts';
import { segmentKind } from '../../../src/nc/path/toolpath.ts';
import { inspectFile } from '../../../src/nc/preflight/inspect-file.ts';

const inspect = (dialect: Dialect, text: string) => {
  const { facts, findings } = inspectFile({ name: 'A.NC', bytes: Buffer.from(text) }, { dialect });
  return { facts, details: facts.details, rules: findings.map(({ rule, line }) => `${rule} ${line ?? ''}`.trim()) };
};
const run = (dialect: Dialect, text: string) => {
  const { path, notes, end } = pathOf({ name: 'A.NC', bytes: Buffer.from(text) }, { dialect, start: [0, 0, 0] });
  const moves = Array.from({ length: path.count }, (_, at) => at).filter(
    (at) => (path.kind[at] as number) <= segmentKind.counterClockwise,
  );
  const ends = moves.map((at) =>
    [0, 1, 2].map((axis) => Math.round((path.points[(at + 1) * 3 + axis] as number) * 1e6) / 1e6),
  );
  return { end, ends, named: notes.map(({ kind, what }) => `${kind} ${what}`) };
};

describe('FANUC, Haas and Mazak', () => {
  it('M98 P0051000 calls program 1000 five times, and M98 P51000 calls program 51000', () => {
    expect(inspect('iso', 'M98P0051000\nM98P51000\nM30\n').facts.calls).toEqual(['O1000', 'O51000']);
  });
  it('M98 with H calls from a block, and is no length offset', () => {
    expect(inspect('mazak', 'T5M6\nG43H5Z1.\nM98P2000H10\nM30\n').details?.tools[0]?.offsets).toEqual(['H5']);
  });
  it('the axes of G10.9, G68.2, G7.1 and G51.2 are settings and no moves', () => {
    for (const code of ['G10.9X1', 'G68.2X5.Y6.Z7.I10.J0K0', 'G7.1C20.', 'G51.2P2Q3'])
      expect(run('iso', `G0X1.\n${code}\nG1X2.F100.\nM30\n`).ends).toEqual([
        [1, 0, 0],
        [2, 0, 0],
      ]);
    expect(inspect('mazak', 'G0X5.\nG10.9X1.\nM30\n').details?.envelope).toEqual([
      { axis: 'X', lowest: 5, highest: 5 },
    ]);
  });
  it("Haas' pockets, bolt circles and engraving are named and not drawn as lines", () => {
    const { ends, named } = run(
      'iso',
      'G0X1.Y1.\nG12I.5K1.Q.1D5F20.Z-.25\nG70I1.J0L6\nG150P2000X1.Y1.Z-.5\nG0X2.\nM30\n',
    );
    expect(ends).toEqual([
      [1, 1, 0],
      [2, 1, 0],
    ]);
    expect(named).toEqual(['unsupported G12', 'wrong holes', 'unsupported G150']);
  });
  it('G154 P chooses a work offset', () => {
    expect(run('iso', 'G154P12\nG0X1.\nM30\n').named).toEqual([]);
  });
});

describe('Siemens 840D', () => {
  it('PCALL takes a path without quotes', () => {
    const { facts, rules } = inspect('siemens', 'PCALL /_N_SPF_DIR/_N_HOLES_SPF(1)\nM30\n');
    expect(facts.calls).toEqual(['/_N_SPF_DIR/_N_HOLES_SPF']);
    expect(rules).not.toContain('word-unknown 1');
  });
  it('a synchronised action ends no program and moves nothing in its block', () => {
    const { end, ends, named } = run(
      'siemens',
      'G0 X1\nWHEN $AA_IM[X]>100 DO M30\nID=1 WHENEVER TRUE DO POS[X]=50\nG0 X2\nM30\n',
    );
    expect([end, ends]).toEqual([
      'program-end',
      [
        [1, 0, 0],
        [2, 0, 0],
      ],
    ]);
    expect(named).toContain('unsupported synchronised action');
  });
  it('G4 F and S are seconds and turns, G74 and G75 no cycles, and DIAMOF no diameter', () => {
    const { details } = inspect('siemens', 'DIAMOF\nG94 S2000 M3\nG1 X1 F100\nG4 F2\nG4 S10\nG75 FP=1 X1=0\nM30\n');
    expect(details).toMatchObject({
      spindle: { lowest: 2000 },
      feed: { lowest: 100 },
      cycles: [],
      modes: ['per-minute'],
    });
  });
  it('axes in CTRANS are names, SPOS[2] is an order to a spindle, and a write to $P_UIFR is held', () => {
    const { details, rules } = inspect('siemens', '$P_UIFR[1]=CTRANS(X,1,Y,2)\nSPOS[2]=IC(90)\nIF TRUE\nENDIF\nM30\n');
    expect(details).toMatchObject({ variablesRead: [], variablesWritten: ['$P_UIFR[1]'] });
    expect(rules).toContain('offset-write 1');
  });
});

describe('Heidenhain', () => {
  it('a program that CYCL DEF 12 makes a cycle is a call, and a dwell may be written V.ZEIT', () => {
    const text =
      'BEGIN PGM A MM\nCYCL DEF 12.0 PGM CALL\nCYCL DEF 12.1 PGM TNC:\\WZ\\HOLES.H\nCYCL DEF 9.0 VERWEILZEIT\nCYCL DEF 9.1 V.ZEIT 2.5\nM2\nEND PGM A MM\n';
    const { facts, rules } = inspect('klartext', text);
    expect(facts.calls).toEqual(['TNC:\\WZ\\HOLES.H']);
    expect(rules.filter((rule) => rule.startsWith('word-unknown'))).toEqual([]);
  });
  it('M140 draws back by MB, and the end of a subprogram that nobody called is passed', () => {
    const text =
      'BEGIN PGM A MM\nL X+1 R0 FMAX\nLBL 1\nL X+2 R0 FMAX\nLBL 0\nL X+3 R0 FMAX\nM140 MB 50 F500\nL M140 MB MAX\nM2\nEND PGM A MM\n';
    const { end, ends } = run('klartext', text);
    expect(end).toBe('program-end');
    expect(ends.slice(0, 3)).toEqual([
      [1, 0, 0],
      [2, 0, 0],
      [3, 0, 0],
    ]);
    expect(inspect('klartext', text).rules.filter((rule) => rule.startsWith('word-unknown'))).toEqual([]);
  });
  it("DIN/ISO's H is an angle, T of G36 a tolerance, and I and J a pole", () => {
    const text =
      '%A G71 *\nN1 T1 G17 S1000*\nN2 G00 G90 X+10 Y+0*\nN3 I+0 J+0 G03 X+0 Y+10 F100*\nN4 G10 R+20 H+30*\nN5 G36 T0.05*\nN99999999 %A G71 *\n';
    const { details, facts, rules } = inspect('heidenhain-iso', text);
    expect([facts.tools, details?.tools[0]?.offsets]).toEqual([[1], []]);
    expect(rules.filter((rule) => rule.startsWith('arc-open'))).toEqual([]);
  });
});

describe('Okuma OSP', () => {
  it("V1 is a lathe's common variable, and D of a LAP cycle no offset", () => {
    const text = '$A.MIN%\nO1\nV1=5.\nT0101\nG85 NLAP1 D4 F0.3 U0.4 W0.1\nNLAP1 G81\nG1 X=V1 Z-1\nG80\nM02\n%\n';
    const { details, rules } = inspect('okuma', text);
    expect(details?.variablesWritten).toEqual(['VC1']);
    expect(rules.filter((rule) => rule.startsWith('word-unknown'))).toEqual([]);
  });
});
