import fc from 'fast-check';
import type { Dialect } from '../../src/domain/nc.ts';
import type { Block, ReadEnd } from '../../src/nc/program/block.ts';
import { ProgramReader } from '../../src/nc/program/read-program.ts';

/** What programs of each dialect are made of, and what only an enemy writes. */
const pieces: Record<Dialect, string> = {
  iso: 'G0 G1 X1.5 Y-2 M98 P10 M30 O4471 #1 #[#2+1] = [ ] IF WHILE DO1 END1 GOTO10 THEN SIN[ DPRNT[ <NAME> G65 A1. T1M6',
  mazak: 'G0 X1. M98 P10 Q20 L2 G65 #1=#2 GOTO5 IF[#1EQ0] THEN G61.1 G43.4 M30 N10 WHILE[#1LT5]DO1 END1',
  okuma: 'G15 H1 X10 CALL O1 VC1=VC2+1 IF [VC1 GT 5] N10 NLAP1 G85 RTS MODIN OSUB $A.MIN% SB=2000 VZOFX[1]=5 NOEX PUT',
  siemens:
    'X=IC(5) R1=R2+1 R[R1]=2 CYCLE83(1,,2) MCALL L10 P3 IF R1==5 GOTOF END1 FOR TO ENDFOR T="A" MSG("A") POS[X]=1 ; ' +
    '$P_UIFR[1,X,TR] PROC DEF REAL TRANS EXTCALL CASE OF DEFAULT REPEAT UNTIL ( ) , == << LABEL:',
  klartext:
    'BEGIN PGM A MM\nL X+10 IY-5 R0 FMAX M3 Q1 = Q2 * 3 FN 1: FN 9: IF +1 EQU +1 GOTO LBL 1 CYCL DEF 200 Q200=+2 ~\n ' +
    'TOOL CALL 5 Z S1000 CALL LBL 1 REP 2/2 C DR+ CC RND R2 PLANE SPATIAL SPA+0 BLK FORM 0.1 Z X+0 * - A ; QS1="A" || ',
  'heidenhain-iso':
    '%A G71 * N10 G00 X+1 D00 Q1 P01 +5* D09 G98 L1* L1,2* Q1=+5 G200 Q200=+2 * G83 P01 2 N99999999 %A G71*',
  linuxcnc:
    'o1 sub o1 endsub [#1+2] o<a> call [3] [#<_b>] o2 while [#1 LT 5] o2 endwhile o3 do o3 while [0] o4 repeat [3] o4 endrepeat ' +
    'o5 if [EXISTS[#<c>]] o5 elseif [1] o5 else o5 endif o2 break o2 continue o1 return [1] #<Top Of>=ATAN[1]/[2] @3 ^45 $1 ' +
    'xsin[30] g5.2 p1 l3 m70 M98 P1 M99 G33.1 K1 G76 (debug, #1) (probeopen a) ; 2**3 2 mod 3 %',
};
const common = [
  '\n',
  '\r\n',
  '\r',
  '\n\r\r',
  ' ',
  '\t',
  '/',
  '/2',
  'N10',
  '%',
  '(',
  ')',
  ';',
  '*',
  '~',
  '"',
  '-',
  '+',
  '.',
];
const strange = [
  '\0',
  '\u00e9',
  '\u202e',
  '99999999999999999999',
  '1e9',
  '#'.repeat(70),
  '['.repeat(70),
  '('.repeat(70),
];

/** Text that a dialect's reader has something to do with. */
export function hostileText(dialect: Dialect): fc.Arbitrary<Uint8Array> {
  const words = pieces[dialect].split(/(?<= )/);
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 4, arbitrary: fc.constantFrom(...common) },
    { weight: 1, arbitrary: fc.constantFrom(...strange) },
    { weight: 1, arbitrary: fc.string({ maxLength: 4, unit: 'binary' }) },
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.array(piece, { maxLength: 80 }).map((parts) => Buffer.from(parts.join(''))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

/** Everything that a reader said of a program, block by block, as it would be kept. */
export function readIn(dialect: Dialect, chunks: readonly Uint8Array[]): { blocks: string[]; ends: ReadEnd } {
  const blocks: string[] = [];
  const reader = new ProgramReader(dialect, { block: (block) => void blocks.push(asText(block)) });
  for (const chunk of chunks) {
    // The reader may not lean on a chunk that its caller uses again.
    const own = Uint8Array.from(chunk);
    reader.push(own);
    own.fill(0x21);
  }
  return { blocks, ends: reader.end() };
}

function asText({ words, bytes, base, statements, ...block }: Block): string {
  const said = Array.from({ length: words.count }, (_, at) => [
    String.fromCharCode(words.letter[at] as number),
    words.index[at],
    String(words.value[at]),
    words.start[at],
    words.end[at],
    words.flags[at],
    words.expression(at),
  ]);
  const text = Buffer.from(bytes.subarray(block.start - base, block.end - base)).toString('latin1');
  return JSON.stringify([plain(block), text, said, statements]);
}

/** Fields that are no private state of the reader's block. */
const plain = ({
  line,
  start,
  end,
  skip,
  skips,
  number,
  label,
  unrecognised,
  ambiguous,
  marks,
  ending,
}: Omit<Block, 'words' | 'bytes' | 'base' | 'statements'>) => ({
  line,
  start,
  end,
  skip,
  skips,
  number,
  label,
  unrecognised,
  ambiguous,
  marks,
  ending,
});

/** The bytes cut at these places. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}
