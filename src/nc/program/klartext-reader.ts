import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { heidenhainGrammar } from './grammars.ts';
import { KlartextStatements } from './klartext-statements.ts';
import { KlartextWords } from './klartext-words.ts';
import { TokenReader } from './token-reader.ts';

const pathFunctions = new Set(
  'LN LP CC CR CT CP CTP RND CHF APPR DEP FL FC FLT FCT FSELECT FSELECT1 FSELECT2 FSELECT3 FSELECT4 FPOL'.split(' '),
);
const [C, L, M, Q] = [...'CLMQ'].map((letter) => letter.charCodeAt(0)) as [number, number, number, number];

/** Heidenhain Klartext. */
export class KlartextReader extends TokenReader {
  readonly #words: KlartextWords;
  readonly #statements: KlartextStatements;

  constructor(tokens: Tokens) {
    super(tokens, heidenhainGrammar);
    this.#words = new KlartextWords(this.cursor, this.expressions);
    this.#statements = new KlartextStatements(this.cursor, this.expressions, this.#words);
  }

  protected content(): void {
    const { cursor, block } = this;
    if (cursor.kind() === kind.integer) {
      block.number = cursor.value();
      cursor.next();
    }
    const is = cursor.kind();
    if (is === -1) return;
    if (is === kind.letter) this.#letter();
    else if (is === kind.name) this.#name();
    else this.unknown();
    if (cursor.kind() !== -1) {
      block.unknownAt(block.base + cursor.start());
      cursor.at = this.tokens.count;
    }
    this.#codes();
  }

  /** M2 and M30 end a program, M99 runs the cycle once, M89 after every move. */
  #codes(): void {
    const { words } = this.block;
    for (let at = 0; at < words.count; at++) {
      if (words.letter[at] !== M) continue;
      const value = words.value[at];
      if (value === 2 || value === 30) this.push({ kind: 'program-end', via: `M${value}` });
      else if (value === 99 || value === 89) this.push({ kind: 'cycle-call', via: `M${value}` });
    }
  }

  #letter(): void {
    const letter = this.cursor.value();
    if (letter === L || letter === C) this.#path(this.cursor.name());
    else if (letter === Q) this.#statements.assignment(this.block);
    else if (letter === M || letter === 0x46 || letter === 0x53) this.#words.rest(this.block, false);
    else if (isAxis(letter)) this.#path('');
    else this.unknown();
  }

  #name(): void {
    const name = this.cursor.name();
    if (pathFunctions.has(name)) this.#path(name);
    else if (/^Q[LRS]\d/.test(name)) this.#statements.assignment(this.block);
    else if (/^(I[XYZABCUVW]|I?[XYZABCUVW]Q[LRS]?\d+)$/.test(name)) this.#path('');
    else this.#statements.keyword(name, this.block);
  }

  /** `name` is empty for a positioning block without a function: `X+10 R0 FMAX`. */
  #path(name: string): void {
    const { cursor } = this;
    if (name !== '') cursor.next();
    let full = name === '' ? 'POS' : name;
    if ((name === 'APPR' || name === 'DEP') && (cursor.kind() === kind.name || cursor.kind() === kind.letter)) {
      full = `${name} ${cursor.name()}`;
      cursor.next();
    }
    this.#words.path(full, this.block);
  }
}

const isAxis = (letter: number): boolean => 'XYZABCUVW'.includes(String.fromCharCode(letter));
