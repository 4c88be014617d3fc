import type { Dialect } from '../../domain/nc.ts';

/** What a byte may begin. */
export const byteClass = {
  none: 0,
  blank: 1,
  lf: 2,
  cr: 3,
  letter: 4,
  digit: 5,
  point: 6,
  plus: 7,
  minus: 8,
  star: 9,
  slash: 10,
  equals: 11,
  angle: 12,
  comma: 13,
  colon: 14,
  hash: 15,
  openBracket: 16,
  closeBracket: 17,
  openRound: 18,
  closeRound: 19,
  semicolon: 20,
  quote: 21,
  percent: 22,
  control: 23,
  tilde: 24,
  /** `_` and `$`, where a name may begin with one. */
  nameSign: 25,
  sign: 26,
} as const;

/** How one dialect is cut into tokens. */
export type LexicalRules = {
  classOf: Uint8Array;
  /** Bytes that a name of two letters and more may go on with. */
  inName: Uint8Array;
  /**
   * Where blanks mean nothing (LinuxCNC), only these are names, whatever stands beside them: `XSIN[30]`. By their first
   * letter, longer ones first.
   */
  keywords: ReadonlyMap<number, readonly string[]> | undefined;
  roundComments: boolean;
  semicolon: 'comment' | 'block-end';
  /** `<NAME>`; elsewhere `<` compares. */
  angleNames: boolean;
  /** DIN/ISO's `*`. */
  starEnds: boolean;
  /** Klartext's `~`. */
  continues: boolean;
  /** Klartext's `* - heading`. */
  starHeading: boolean;
  /** A comma between digits is a decimal point. */
  decimalComma: boolean;
  /** `/` before a block. */
  blockSkip: boolean;
  strings: boolean;
  /** Siemens: `1.5EX3`. */
  exponents: boolean;
  /** Keywords whose argument is text up to the end of the line. */
  takesText: ReadonlySet<string>;
};

const code = (character: string): number => character.charCodeAt(0);

function classes(nameSigns: string): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(byteClass.control, 0, 0x20);
  table[0x7f] = byteClass.control;
  const put = (characters: string, value: number) => {
    for (const character of characters) table[code(character)] = value;
  };
  put("$_&!?@\\^`{}|'", byteClass.sign);
  put(' \t', byteClass.blank);
  put('\n', byteClass.lf);
  put('\r', byteClass.cr);
  put('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', byteClass.letter);
  put('0123456789', byteClass.digit);
  const one: Record<string, number> = {
    '.': byteClass.point,
    '+': byteClass.plus,
    '-': byteClass.minus,
    '*': byteClass.star,
    '/': byteClass.slash,
    '=': byteClass.equals,
    '<': byteClass.angle,
    '>': byteClass.angle,
    ',': byteClass.comma,
    ':': byteClass.colon,
    '#': byteClass.hash,
    '[': byteClass.openBracket,
    ']': byteClass.closeBracket,
    '(': byteClass.openRound,
    ')': byteClass.closeRound,
    ';': byteClass.semicolon,
    '"': byteClass.quote,
    '%': byteClass.percent,
    '~': byteClass.tilde,
  };
  for (const [character, value] of Object.entries(one)) table[code(character)] = value;
  put(nameSigns, byteClass.nameSign);
  return table;
}

function nameBytes(withDigits: boolean): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 128; byte++) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z]/.test(character) || (withDigits && /[0-9_]/.test(character))) table[byte] = 1;
  }
  return table;
}

const iso: LexicalRules = {
  classOf: classes('_'),
  inName: nameBytes(false),
  keywords: undefined,
  roundComments: true,
  semicolon: 'block-end',
  angleNames: true,
  starEnds: false,
  continues: false,
  starHeading: false,
  decimalComma: false,
  blockSkip: true,
  strings: false,
  exponents: false,
  takesText: new Set(['DPRNT', 'BPRNT', 'SETVN', 'EXTCALL']),
};

/** `'READY'` is a text too. */
function withApostrophes(table: Uint8Array): Uint8Array {
  table[code("'")] = byteClass.quote;
  return table;
}

const okuma: LexicalRules = {
  ...iso,
  classOf: withApostrophes(classes('_')),
  inName: nameBytes(true),
  semicolon: 'comment',
  angleNames: false,
  strings: true,
  takesText: new Set(['MSG', 'WRITE', 'PRINT']),
};

const siemens: LexicalRules = {
  ...okuma,
  classOf: withApostrophes(classes('_$')),
  roundComments: false,
  exponents: true,
  takesText: new Set(),
};

const klartext: LexicalRules = {
  ...siemens,
  exponents: false,
  classOf: classes('_'),
  continues: true,
  starHeading: true,
  decimalComma: true,
};

const heidenhainIso: LexicalRules = {
  ...klartext,
  inName: nameBytes(false),
  starEnds: true,
  decimalComma: false,
  starHeading: false,
};

const linuxcncKeywords =
  'ENDREPEAT ENDWHILE CONTINUE ENDSUB REPEAT RETURN ELSEIF EXISTS ENDIF WHILE BREAK ROUND ACOS ASIN ATAN SQRT CALL ELSE ' +
  'ABS COS EXP FIX FUP SIN TAN SUB MOD AND XOR LN OR EQ NE GT GE LT LE IF DO';

const linuxcnc: LexicalRules = {
  ...iso,
  inName: new Uint8Array(256),
  keywords: Map.groupBy(linuxcncKeywords.split(' '), (word) => code(word)),
  semicolon: 'comment',
  takesText: new Set(),
};

export const lexicalRules: Record<Dialect, LexicalRules> = {
  iso,
  mazak: iso,
  okuma,
  siemens,
  klartext,
  'heidenhain-iso': heidenhainIso,
  linuxcnc,
};
