/** Which family of variables: `#` ISO and Mazak, `R` Siemens, `Q` `QL` `QR` `QS` Heidenhain, `VC` Okuma, `name` everything else. */
export type VariableSystem = '#' | 'R' | 'Q' | 'QL' | 'QR' | 'QS' | 'VC' | 'name';

export type Variable = {
  kind: 'variable';
  system: VariableSystem;
  /** Upper case; '' for the systems that only count. `$P_UIFR`, `VZOFZ`, `_DEPTH`, `#<WIDTH>`. */
  name: string;
  /** `#101`, `R[R1+2]`, `$P_UIFR[1,X,TR]`. Empty for a plain name. */
  index: readonly Expression[];
};

export type UnaryOperator = '-' | '+' | 'NOT';
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '**'
  | 'MOD'
  | 'DIV'
  | 'AND'
  | 'OR'
  | 'XOR'
  | 'EQ'
  | 'NE'
  | 'GT'
  | 'GE'
  | 'LT'
  | 'LE'
  /** Siemens `<<`, Klartext `||`. */
  | 'CONCAT'
  /** Siemens: `CTRANS(X,10):CROT(Z,30)`, one frame behind another. */
  | 'CHAIN';

/** A value that the control works out. Trees are bounded by `limits.ncExpressionDepth` and `limits.ncExpressionTerms`. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | Variable
  | { kind: 'unary'; operator: UnaryOperator; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  /** `SIN[…]`, `IC(…)`; the name in upper case. */
  | { kind: 'call'; name: string; arguments: readonly Expression[] }
  /** What the reader could not make sense of; the block's `unrecognised` says where. */
  | { kind: 'unknown' };
