import type { Expression, Variable } from './expression.ts';

/** A parameter by name (`Q200`, `A` of `G65`, `PROG` …) or by position ('' as its name). */
export type Parameter = { name: string; value: Expression };

export type Jump = {
  kind: 'goto';
  /** A block number, a label in upper case, or an expression where it is computed. */
  target: number | string | Expression;
  /** Where the control looks: FANUC GOTO wraps around (`any`), Siemens GOTOF and GOTOB. */
  direction: 'any' | 'forward' | 'backward';
  /** Siemens GOTOC: where the target is missing, the program goes on. */
  orOn?: true;
};

export type Call = {
  kind: 'call';
  /** `M98`, `G65`, `CALL`, `MCALL`, `CALL PGM`, `CALL LBL`, `L`, `EXTCALL` … */
  via: string;
  /** A program number, a program's or a label's name in its own spelling; undefined where it is computed. */
  target: number | string | undefined;
  /** `label`: inside this program (Klartext LBL, FANUC M97, DIN/ISO G98 L, Siemens REPEAT). `external`: not from the control's memory. */
  where: 'program' | 'label' | 'external';
  /** 1 where nothing is said; NaN where it is computed. */
  repeats: number;
  /** Called again after every move until it is switched off: G66, MCALL, Okuma MODIN. */
  modal: boolean;
  arguments: readonly Parameter[];
};

/**
 * What a block is besides its address words. Immutable, and shared between blocks where two are equal: compare by content.
 * M and G codes stay words (`M30` is a word and a `program-end`).
 */
export type Statement =
  | {
      kind: 'program-start';
      /** `O4471`, `BEGIN PGM NAME`, `%NAME G71`, `$NAME.MIN%`, `%_N_NAME_MPF`, `PROC NAME`, `O<NAME>`. */
      name: string | undefined;
      number: number | undefined;
      units: 'inch' | 'millimetre' | undefined;
    }
  | { kind: 'program-end'; via: string }
  /** LinuxCNC's `o<name> sub`, which a program passes over unless it is called, and its end. */
  | { kind: 'subprogram'; name: number | string }
  | { kind: 'subprogram-end'; name: number | string; value: Expression | undefined }
  /** A `%` alone in its line: the leader or the end of a tape. */
  | { kind: 'percent' }
  | Call
  /** `M99`, `M17`, `RET`, `RTS`, `LBL 0`. `M99 P100` goes on at a block. */
  | { kind: 'return'; via: string; target: number | string | Expression | undefined; value?: Expression }
  | Jump
  /** `body` is empty where a block of lines follows, up to `else` or `end-if`. */
  | { kind: 'if'; condition: Expression; body: readonly Statement[] }
  /** `condition`: of an ELSEIF. */
  | { kind: 'else'; condition?: Expression }
  | { kind: 'end-if' }
  | {
      kind: 'loop';
      via: 'WHILE' | 'FOR' | 'LOOP' | 'REPEAT';
      /** Absent where the loop is endless or is tested at its end. */
      condition: Expression | undefined;
      /** FANUC's DO number that END repeats, LinuxCNC's O-word; 0 elsewhere. */
      id: number | string;
      /** FOR: the variable and its bounds. */
      counter: { variable: Variable; from: Expression; to: Expression } | undefined;
    }
  | { kind: 'loop-end'; id: number | string; condition: Expression | undefined }
  /** Leaves the loop, or goes on with its next turn. */
  | { kind: 'loop-exit'; id: number | string; via: 'break' | 'continue' }
  | { kind: 'assign'; target: Variable; value: Expression }
  /** An address of several letters: `CR=5`, `AP=30`, `RPL=45`, `SPA+0`, `SB=2000`. */
  | { kind: 'address'; name: string; value: Expression }
  /** `CYCLE83(…)`, `CYCL DEF 200 …`, `CYCL DEF 7.1`, `POCKET3(…)`. ISO canned cycles are G words. */
  | { kind: 'cycle'; name: string; parameters: readonly Parameter[]; modal: boolean }
  /** Runs the cycle that was defined: `CYCL CALL`, `G79`; M99 and M89 stay words in Klartext. */
  | { kind: 'cycle-call'; via: string }
  /** Klartext. Its coordinates are words; M codes and F are words too. */
  | {
      kind: 'path-function';
      /** `L`, `C`, `CR`, `CC`, `CT`, `CP`, `LP`, `LN`, `RND`, `CHF`, `APPR LT`, `DEP LCT` … */
      name: string;
      compensation: 'R0' | 'RL' | 'RR' | undefined;
      /** DR+ is 1 (counter-clockwise), DR- is -1, 0 where it is not said. */
      rotation: 1 | -1 | 0;
      /** FMAX. */
      rapid: boolean;
    }
  /** A frame: `TRANS`, `AROT`, `MIRROR`, `SCALE`, `CYCL DEF 7`, `CYCL DEF 10`, `PLANE SPATIAL`, `TRANS DATUM`. Axes are words. */
  | { kind: 'frame'; name: string; additive: boolean }
  /** `TOOL CALL`, `TOOL DEF`, `T="NAME"`. ISO's T stays a word. */
  | { kind: 'tool'; via: string; tool: Expression; axis: string | undefined; parameters: readonly Parameter[] }
  /** Sends something out of the control or to its operator's screen: `DPRNT`, `POPEN`, `FN 16`, `WRITE`, `MSG`. */
  | { kind: 'output'; via: string; external: boolean }
  /** `BLK FORM 0.1 Z X+0 Y+0 Z-20`: the corner stands in the words. */
  | { kind: 'blank-form'; corner: 'minimum' | 'maximum' | 'other' }
  /** `DEF REAL X`, `PROC P(REAL A)`, `EXTERN`, `LET`. */
  | { kind: 'declare'; keyword: string; names: readonly string[] }
  /** A keyword of the dialect that needs no shape of its own: `DIAMON`, `CFINE`, `STOPRE`, `NOEX`, `STOP`. */
  | { kind: 'other'; keyword: string; parameters: readonly Parameter[] };

export type StatementKind = Statement['kind'];
