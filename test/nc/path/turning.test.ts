import { describe, expect, it } from 'vitest';
import { pathOf } from '../../../src/nc/path/path-of.ts';
import { segmentFlag, segmentKind } from '../../../src/nc/path/toolpath.ts';
import { inspectFile } from '../../../src/nc/preflight/inspect-file.ts';
import { MachineProfile } from '../../../src/nc/profile/profile.ts';

const contour = 'N10 G0 X20.\nG1 Z-10.\nX30.\nZ-20.\nN20 X50.\n';
const turned = (code: string, dialect: 'iso' | 'okuma' = 'iso') => {
  const bytes = Buffer.from(`G21 T0101\nG97 S1000 M3\nG0 X50. Z2.\n${code}M30\n`);
  const { path, notes, end } = pathOf({ name: 'T.NC', bytes }, { dialect, lathe: true, start: [100, 0, 100] });
  const points = Array.from({ length: path.count }, (_, at) => ({
    kind: path.kind[at],
    line: path.line[at],
    flags: path.flags[at] as number,
    from: [path.points[at * 3] as number, path.points[at * 3 + 2] as number],
    to: [path.points[at * 3 + 3] as number, path.points[at * 3 + 5] as number],
  }));
  return { points, notes, end };
};
/** Feeds along Z, as [radius, where they end]. */
const cutsAlong = (code: string, dialect: 'iso' | 'okuma' = 'iso') =>
  turned(code, dialect).points.flatMap(({ kind, from, to }) =>
    kind === segmentKind.feed && from[0] === to[0] && from[1] !== to[1] ? [[to[0], round(to[1] ?? 0)]] : [],
  );
const round = (value: number) => Math.round(value * 1000) / 1000;
const named = (code: string) => turned(code).notes.map(({ what }) => what);

describe('a contour that a lathe roughs', () => {
  const passes = [
    [20, -19.9],
    [15, -9.9],
    [10.2, -9.9],
    [15.2, -19.9],
  ];
  it('along Z (G71) is cut in passes of the depth up to the allowance, and once along it', () => {
    expect(cutsAlong(`G71 U5. R1.\nG71 P10 Q20 U0.4 W0.1 F0.2\n${contour}`)).toEqual(passes);
    expect(named(`G71 U5. R1.\nG71 P10 Q20 U0.4 W0.1 F0.2\n${contour}`)).toEqual([]);
  });

  it('in the one-block form has D for the depth', () => {
    expect(cutsAlong(`G71 P10 Q20 U0.4 W0.1 D5000 F0.2\n${contour}`)).toEqual(passes);
    expect(cutsAlong(`G71 P10 Q20 U0.4 W0.1 D5. F0.2\n${contour}`)).toEqual(passes);
  });

  it('belongs to the lines of the cycle, and the program goes on behind it', () => {
    const { points } = turned(`G71 U5. R1.\nG71 P10 Q20 U0.4 W0.1 F0.2\n${contour}G0 X60.\n`);
    expect(new Set(points.filter(({ flags }) => flags & segmentFlag.cycle).map(({ line }) => line))).toEqual(
      new Set([5]),
    );
    expect(points.at(-1)).toMatchObject({ line: 11, from: [25, 2], to: [30, 2] });
  });

  it('towards the axis (G72) is cut in passes along X', () => {
    const face = 'N10 G0 Z-10.\nG1 X30.\nN20 Z2.\n';
    const { points } = turned(`G72 W4. R1.\nG72 P10 Q20 U0. W0. F0.2\n${face}`);
    const across = points.filter(({ kind, from, to }) => kind === segmentKind.feed && from[1] === to[1]);
    expect(across.map(({ to }) => [round(to[0] ?? 0), to[1]])).toEqual([
      [15, -2],
      [15, -6],
      [15, -10],
    ]);
  });

  it('in copies (G73) comes nearer by equal steps', () => {
    const { points } = turned(`G73 U4. W0. R3\nG73 P10 Q20 U0. W0. F0.2\n${contour}`);
    const first = points.filter(
      ({ kind, from, to }) => kind === segmentKind.feed && from[0] === to[0] && to[1] === -10,
    );
    expect(first.map(({ to }) => to[0])).toEqual([14, 12, 10]);
  });

  it('is followed once by G70, and says so where no depth is known', () => {
    expect(cutsAlong(`G70 P10 Q20 F0.1\n${contour}`).slice(0, 2)).toEqual([
      [10, -10],
      [15, -20],
    ]);
    expect(named(`G71 P10 Q20 U0.4 W0.1\n${contour}`)).toEqual(['roughing like G71']);
  });

  it('of an OSP lathe is named by its label, with the depth as a diameter', () => {
    const code = 'G85 NLAP1 D10 F0.2 U0.4 W0.1\nNLAP1 G81\nG0 X20\nG1 Z-10\nX30\nZ-20\nX50\nG80\nG87 NLAP1\n';
    expect(cutsAlong(code, 'okuma').slice(0, 2)).toEqual([
      [20, -19.9],
      [15, -9.9],
    ]);
    expect(cutsAlong(code, 'okuma').slice(-2)).toEqual([
      [10, -10],
      [15, -20],
    ]);
  });
});

describe('grooves and threads of a lathe', () => {
  it('pecks along Z and steps in X (G74), with P and Q in thousandths', () => {
    const { points } = turned('G0 X30. Z1.\nG74 R0.5\nG74 X20. Z-9. P5000 Q5000 F0.1\n');
    const cuts = points.filter(({ kind }) => kind === segmentKind.feed);
    expect(cuts.map(({ to }) => to)).toEqual([
      [15, -4],
      [15, -9],
      [10, -4],
      [10, -9],
    ]);
    expect(cuts[1]?.from).toEqual([15, -3.5]);
  });

  it('cuts a thread (G76) in passes of equal area down to its root, each at one height', () => {
    const { points } = turned('G0 X30. Z4.\nG76 P010060 Q50 R0.\nG76 X26. Z-20. P1000 Q500 F1.5\n');
    const cuts = points.filter(({ flags }) => flags & segmentFlag.synchronous);
    expect(cuts.map(({ to }) => round(to[0] ?? 0))).toEqual([13.5, 13.293, 13.134, 13, 13]);
    expect(new Set(cuts.map(({ to }) => to[1]))).toEqual(new Set([-20]));
  });

  it('in one block (G76 K D) cuts the same', () => {
    const { points } = turned('G0 X30. Z4.\nG76 X26. Z-20. K1. D500 A60 F1.5\n');
    const cuts = points.filter(({ flags }) => flags & segmentFlag.synchronous);
    expect(cuts.map(({ to }) => round(to[0] ?? 0))).toEqual([13.5, 13.293, 13.134, 13, 13]);
  });
});

describe('the facts of a lathe program', () => {
  const profile = MachineProfile.parse({
    ...{ name: 'lathe', groups: ['L'], control: 'FANUC', dialect: 'iso', flavour: 'fanuc', kind: 'lathe' },
    ...{ unit: 'millimetre', unitAtStart: 'millimetre', tools: { numbers: [[1, 12]], offsets: [[1, 12]] } },
  });
  const program = `%\nO1\nG21 T0305\nG99 G96 S200\nG0 X50. Z2.\nG71 U5. R1.\nG71 P10 Q20 U0.4 W0.1 D3000 F0.2\n${contour}G1 U-4. W-1.\nG92 X40. Z-5. F1.5\nM30\n%\n`;
  const { facts, findings } = inspectFile({ name: 'O1.NC', bytes: Buffer.from(program) }, { profile });

  it('name the turret station, what is incremental as X and Z, and the cycles', () => {
    expect(facts.tools).toEqual([3]);
    expect(facts.details?.envelope.map(({ axis }) => axis)).toEqual(['X', 'Z']);
    expect(facts.details?.cycles).toEqual(['G71', 'G92']);
    expect(facts.details?.modes).toEqual(['per-revolution', 'constant-surface-speed']);
  });
  it('hold no offset that is a depth of cut', () => {
    expect(facts.details?.tools[0]?.offsets).toEqual([]);
    expect(findings.map(({ rule }) => rule)).not.toContain('offset-unknown');
  });
});
