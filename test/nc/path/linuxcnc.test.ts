import { describe, expect, it } from 'vitest';
import { pathOf } from '../../../src/nc/path/path-of.ts';
import { segmentKind } from '../../../src/nc/path/toolpath.ts';

const files = new Map<string, string>();
function run(text: string) {
  const { path, notes, end } = pathOf(
    { name: 'A.NGC', bytes: Buffer.from(text) },
    {
      dialect: 'linuxcnc',
      start: [0, 0, 0],
      called: (target) => {
        const found = files.get(`${target}`.toLowerCase());
        return found === undefined ? undefined : { name: `${target}.ngc`, bytes: Buffer.from(found) };
      },
    },
  );
  const moves = Array.from({ length: path.count }, (_, at) => at).filter(
    (at) => (path.kind[at] as number) <= segmentKind.counterClockwise && path.move[at] !== path.move[at + 1],
  );
  const ends = moves.map((at) =>
    [0, 1, 2].map((axis) => Math.round((path.points[(at + 1) * 3 + axis] as number) * 1e4) / 1e4 + 0),
  );
  return { end, ends, notes: notes.map(({ kind, what }) => `${kind} ${what}`) };
}
const xs = (text: string): number[] => run(text).ends.map(([x]) => x as number);

describe('O-words of LinuxCNC', () => {
  it('call subprograms, which run only when they are called, with arguments and variables of their own', () => {
    const program =
      'o1 sub\nG0 X#1 Y#2 Z#3\no1 return [#1*2]\nG0 X99\no1 endsub\n#1=7\no1 call [4] [5]\nG0 X#<_value> Z#1\nM2\n';
    expect(run(program).ends).toEqual([
      [4, 5, 0],
      [8, 5, 7],
    ]);
  });
  it('call what stands in a file of the package', () => {
    files.set('holes', 'G0 X50\no<holes> sub\nG0 X#1\no<holes> endsub\nM2\n');
    expect(run('o<Holes> call [3]\nG0 X1\nM2\n').ends).toEqual([
      [3, 0, 0],
      [1, 0, 0],
    ]);
    expect(run('o<gone> call\nM2\n').notes).toEqual(['unknown O-call GONE']);
  });
  it('choose between if, elseif and else', () => {
    const program = (value: number) =>
      `#1=${value}\no1 if [#1 EQ 1]\nG0 X1\no1 elseif [#1 EQ 2]\nG0 X2\no2 if [1]\nG0 X22\no2 endif\no1 elseif [#1 EQ 3]\nG0 X3\no1 else\nG0 X4\no1 endif\nM2\n`;
    expect([1, 2, 3, 9].map((value) => xs(program(value)))).toEqual([[1], [2, 22], [3], [4]]);
  });
  it('loop by while, do and repeat, go on and leave', () => {
    expect(xs('#1=0\no1 while [#1 LT 3]\n#1=[#1+1]\nG0 X#1\no1 endwhile\nM2\n')).toEqual([1, 2, 3]);
    expect(xs('#1=5\no1 do\n#1=[#1+1]\nG0 X#1\no1 while [#1 LT 3]\nM2\n')).toEqual([6]);
    expect(xs('o1 repeat [2]\no2 repeat [2]\nG91 G0 X1\no2 endrepeat\no1 endrepeat\nM2\n')).toEqual([1, 2, 3, 4]);
    const leaving =
      '#1=0\no1 while [1]\n#1=[#1+1]\no2 if [#1 EQ 2]\no1 continue\no2 endif\no3 if [#1 GT 3]\no1 break\no3 endif\nG0 X#1\no1 endwhile\nM2\n';
    expect(xs(leaving)).toEqual([1, 3]);
  });
});

describe('parameters and expressions of LinuxCNC', () => {
  it('are assigned when their block is done', () => {
    expect(run('#1=5\n#1=7 G0 X#1\n#1=1 #2=#1\nG0 X#1 Y#2\nM2\n').ends).toEqual([
      [5, 0, 0],
      [1, 7, 0],
    ]);
  });
  it('have names without regard to case and blanks, global where they begin with an underscore', () => {
    const program =
      '#<Top Of>=2\n#<_all>=3\no1 sub\nG0 X#<_ALL> Y[EXISTS[#<topof>]]\no1 endsub\no1 call\nG0 Y#<topof>\nM2\n';
    expect(run(program).ends).toEqual([
      [3, 0, 0],
      [3, 2, 0],
    ]);
  });
  it.each([
    ['2**3**2', 64],
    ['-2**2', 4],
    ['-3 MOD 2', 1],
    ['FIX[-2.8]', -3],
    ['FUP[-2.8]', -2],
    ['ROUND[-2.5]', -3],
    ['ATAN[-1]/[-1]', -135],
    ['1 EQ 1.00005', 1],
    ['1.00005 GT 1', 1],
    ['2 AND 1', 1],
    ['3 GT 0 AND 3 GT 2', 1],
  ])('[%s] is %d, as its interpreter says', (written, value) => {
    expect(xs(`G0 X[${written}]\nM2\n`)).toEqual([value]);
  });
  it('need no blank between what belongs together', () => {
    expect(run('g0xsin[30]y[1mod2]zfix[2.5]\nm2\n').ends).toEqual([[0.5, 1, 2]]);
  });
});

describe('coordinates of LinuxCNC', () => {
  it('are polar with @ and ^, from where the tool is in G91', () => {
    expect(run('G0 @1 ^90\nG91 G1 @1 F10\n^-90\nG90 @3\nM2\n').ends).toEqual([
      [0, 1, 0],
      [0, 2, 0],
      [2, 0, 0],
      [3, 0, 0],
    ]);
  });
  it('turn about the zero of their system, and G92 shifts inside of that', () => {
    const program = 'G0 X1 Y1\nG10 L2 P1 R90\nG92 X0 Y0\nG0 X1 Y0\nG10 L20 P0 X0 Y0\nG0 X1\nM2\n';
    expect(run(program).ends).toEqual([
      [1, 1, 0],
      [1, 2, 0],
      [1, 3, 0],
    ]);
  });
  it('go home over a point between, to where G28.1 said', () => {
    expect(run('G0 X1 Y1 Z1\nG28.1\nG0 X2 Y2\nG28 X3\nM2\n').ends.slice(2)).toEqual([
      [3, 2, 1],
      [1, 2, 1],
    ]);
  });
  it('are brought back with all modes by M72 and at the end of a subprogram that said M73', () => {
    expect(xs('M70\nG91\nG0 X5\nG0 X5\nM72\nG0 X1\nM2\n')).toEqual([5, 10, 1]);
    expect(xs('o1 sub\nM73\nG91\nG0 X1\no1 endsub\no1 call\nG0 X7\nG0 X1\nM2\n')).toEqual([1, 7, 1]);
  });
  it('are a diameter in X after G7', () => {
    expect(xs('G7 G0 X10\nG8 X10\nM2\n')).toEqual([5, 10]);
  });
});

describe('motion of LinuxCNC', () => {
  it('curves along cubics, quadratics and NURBS, a move each', () => {
    const { ends } = run(
      'F10\nG5 I0 J3 P0 Q-3 X1 Y1\nG5 P0 Q-3 X2 Y2\nG5.1 X4 I1 J1\nG5.2 P1 L3\nX5 Y1\nX6 Y2\nG5.3\nM2\n',
    );
    expect(ends).toEqual([
      [1, 1, 0],
      [2, 2, 0],
      [4, 2, 0],
      [6, 2, 0],
    ]);
  });
  it('cuts threads with tapers and a degression by G76', () => {
    const { ends } = run('G18 G0 X5 Z2\nS1\nG76 P.5 Z-10 I-.75 J.2 R2 K.4 Q30 E.5 L2\nM2\n');
    expect(ends.slice(1, 6)).toEqual([
      [5.2, 0, 1.8845],
      [4.05, 0, 1.8845],
      [4.05, 0, -9.3845],
      [4.45, 0, -9.8845],
      [5.2, 0, -9.8845],
    ]);
  });
  it('says that a probe is drawn to its end, and which lathe cycles it does not draw', () => {
    expect(run('G38.2 Z-1 F5\nM2\n').notes).toContain('assumed probe');
    expect(run('o1 sub\nG1 X1\no1 endsub\nG71 Q1 X5 Z2 D.1\nM2\n').notes).toContain('unsupported G71');
  });
});
