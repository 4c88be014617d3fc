import { type ChangeClass, gravest, type WordChange } from '../../domain/nc-difference.ts';
import { writings } from '../canon/writing.ts';
import { blockChanges } from './block-changes.ts';
import { type BlockDetail, readDetails } from './block-detail.ts';
import { BlockTexts, textDifference } from './block-text.ts';
import { bitOf, maskOf } from './class-mask.ts';
import { JumpTargets } from './jump-targets.ts';
import type { Pairing } from './pairing.ts';
import type { ProgramIndex } from './program-index.ts';
import { cycleParameterClass, type Judge } from './statement-changes.ts';
import { blockKinds, TextKeys } from './text-key.ts';

/** What each block's change leads to, as masks of classes; 0 where nothing changed. */
export type Classes = {
  /** By block of the older program: of its pair, or of its removal. */
  before: Uint16Array;
  /** By block of the newer program: only of what was added. */
  after: Uint16Array;
};

/** Blocks that are read again together, so that a hunk of any length stays in bounded memory. */
const blocksAtOnce = 512;
const nothing: BlockDetail = { words: [], statements: [], skip: 0, label: undefined, doubtful: false };

export class Classifier {
  readonly #before: ProgramIndex;
  readonly #after: ProgramIndex;
  readonly #pairing: Pairing;
  readonly #texts: BlockTexts;
  readonly #textKeys: readonly [TextKeys, TextKeys];
  readonly #jumps: JumpTargets;
  readonly #judge: Judge;

  constructor(before: ProgramIndex, after: ProgramIndex, pairing: Pairing) {
    this.#before = before;
    this.#after = after;
    this.#pairing = pairing;
    this.#texts = new BlockTexts(writings[before.dialect], writings[after.dialect]);
    this.#textKeys = [new TextKeys(writings[before.dialect], 0), new TextKeys(writings[after.dialect], 0)];
    this.#jumps = new JumpTargets(before, after, pairing);
    this.#judge = {
      gravest,
      sameTarget: (one, other) => this.#jumps.same(one, other),
      consequence: (variable) =>
        consequence([before.variables.consequences(variable), after.variables.consequences(variable)], variable),
    };
  }

  all(): Classes {
    const classes = { before: new Uint16Array(this.#before.count), after: new Uint16Array(this.#after.count) };
    this.#pairs(classes);
    this.#alone(this.#before, this.#pairing.toAfter, classes.before);
    this.#alone(this.#after, this.#pairing.toBefore, classes.after);
    for (const block of this.#jumps.retargeted())
      classes.before[block] = (classes.before[block] as number) | bitOf('flow');
    return classes;
  }

  /** The changes of one pair, word by word, for people. */
  pair(i: number, j: number): WordChange[] {
    const found = this.#texts.difference(this.#before, i, this.#after, j);
    const changes: WordChange[] = [];
    if (found & textDifference.number) changes.push({ class: 'numbering', what: 'sequence number' });
    if (found & textDifference.comment) changes.push({ class: 'comment', what: 'comment' });
    if (found & textDifference.blanks) changes.push({ class: 'format', what: 'blanks' });
    if (found & textDifference.code)
      changes.push(
        ...this.#code(readDetails(this.#before, i, i + 1)?.[0], readDetails(this.#after, j, j + 1)?.[0], i, j),
      );
    if (this.#jumps.isRetargeted(i)) changes.push({ class: 'flow', what: 'the block that the jump leads to' });
    return changes;
  }

  #pairs({ before: masks }: Classes): void {
    const { toAfter } = this.#pairing;
    for (let i = 0; i < toAfter.length; i++) {
      const j = toAfter[i] as number;
      if (j < 0) continue;
      const found = this.#texts.difference(this.#before, i, this.#after, j);
      masks[i] = maskOfText(found);
      if (found & textDifference.code) i = this.#run(i, masks) - 1;
    }
  }

  /** From block `first` on, pairs that stand together in both programs and whose code differs; returns the block behind. */
  #run(first: number, masks: Uint16Array): number {
    const { toAfter } = this.#pairing;
    const there = toAfter[first] as number;
    const found: number[] = [];
    for (let i = first; i < toAfter.length && i - first < blocksAtOnce; i++) {
      const j = toAfter[i] as number;
      if (j !== there + i - first) break;
      const difference = this.#texts.difference(this.#before, i, this.#after, j);
      if ((difference & textDifference.code) === 0) break;
      found.push(difference);
    }
    const old = readDetails(this.#before, first, first + found.length);
    const fresh = readDetails(this.#after, there, there + found.length);
    found.forEach((difference, at) => {
      const changes = this.#code(old?.[at], fresh?.[at], first + at, there + at);
      masks[first + at] = maskOfText(difference) | maskOf(changes.map((change) => change.class));
    });
    return first + found.length;
  }

  /** Of two blocks whose code is not the same text. Says `unknown` where the reader sees no difference, or not all of the block. */
  #code(old: BlockDetail | undefined, fresh: BlockDetail | undefined, i: number, j: number): WordChange[] {
    if (old === undefined || fresh === undefined) return [unread];
    const changes = blockChanges(old, fresh, this.#judge);
    if (old.doubtful || fresh.doubtful) return [...changes, unread];
    if (changes.length > 0) return changes;
    return [this.#sameText(i, j) ? { class: 'format', what: 'writing of blanks, numbers or letters' } : unread];
  }

  /** Whether two blocks are one text but for what no control reads, as judged without the reader. */
  #sameText(i: number, j: number): boolean {
    const [one, other] = this.#textKeys;
    one.of(this.#before.bytes, this.#before.start[i] as number, this.#before.end[i] as number);
    other.of(this.#after.bytes, this.#after.start[j] as number, this.#after.end[j] as number);
    return one.low === other.low && one.high === other.high;
  }

  #alone(index: ProgramIndex, partner: Int32Array, masks: Uint16Array): void {
    for (let at = 0; at < index.count; at++) {
      if ((partner[at] as number) >= 0) continue;
      let stop = at;
      while (stop < index.count && partner[stop] === -1 && stop - at < blocksAtOnce) stop++;
      const details = readDetails(index, at, stop);
      for (let i = at; i < stop; i++)
        masks[i] = maskOf(this.alone(index, i, details?.[i - at]).map((change) => change.class));
      at = stop - 1;
    }
  }

  /** What it means that a block came or went. */
  alone(index: ProgramIndex, at: number, known?: BlockDetail): WordChange[] {
    if (index.kind[at] === blockKinds.blank) return [{ class: 'format', what: 'empty line' }];
    if (index.kind[at] === blockKinds.comment) return [{ class: 'comment', what: 'comment' }];
    const detail = known ?? readDetails(index, at, at + 1)?.[0];
    if (detail === undefined) return [unread];
    const changes =
      index === this.#before ? blockChanges(detail, nothing, this.#judge) : blockChanges(nothing, detail, this.#judge);
    return changes.length === 0 || detail.doubtful ? [...changes, unread] : changes;
  }
}

const unread: WordChange = { class: 'unknown', what: 'something that this reader does not understand' };

const maskOfText = (found: number): number =>
  (found & textDifference.number ? bitOf('numbering') : 0) |
  (found & textDifference.comment ? bitOf('comment') : 0) |
  (found & textDifference.blanks ? bitOf('format') : 0);

type Consequences = readonly ReadonlySet<ChangeClass>[];

/** FANUC's system variables by their numbers; a variable that nothing here uses may be read by another program. */
function consequence(uses: Consequences, { system, name, index }: Parameters<Judge['consequence']>[0]): ChangeClass {
  const first = index[0];
  const number = first?.kind === 'number' ? first.value : Number.NaN;
  if (system === '#' && name === '') {
    if (Number.isNaN(number)) return 'unknown';
    if ((number >= 2000 && number < 3000) || number >= 5000) return 'offset';
    if (number >= 1000) return number < 2000 ? 'm-code' : 'flow';
  }
  const found = uses.flatMap((one) => [...one]);
  // What a Heidenhain cycle reads; it stands behind the cycle's definition or is set before.
  if (system === 'Q' && number >= 200 && number < 500) return gravest([...found, cycleParameterClass(`Q${number}`)]);
  if (system === 'name' && (name.startsWith('$') || /^V(?!C)/.test(name))) return 'offset';
  return found.length === 0 ? 'unknown' : gravest(found);
}
