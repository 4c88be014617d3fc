import type { ChangeClass, WordChange } from '../../domain/nc-difference.ts';
import { wordFlag } from '../program/block.ts';
import type { BlockDetail, Word } from './block-detail.ts';
import { type Judge, statementChanges } from './statement-changes.ts';
import { addressOf, wordClass, wordName } from './word-class.ts';

const [g, m, p, q] = ['G', 'M', 'P', 'Q'].map(addressOf);
/** Their numbers are names: `G1` and `G01` and `G1.` are one. */
const codeLetters = new Set([...'GMTHDLOSN'].map(addressOf));

/** What differs between two blocks, word by word and statement by statement; empty where they say the same. */
export function blockChanges(before: BlockDetail, after: BlockDetail, judge: Judge): WordChange[] {
  return [
    ...skipChange(before, after),
    ...labelChange(before, after),
    ...wordChanges(before, after, judge),
    ...statementChanges(before.statements, after.statements, judge),
  ];
}

function skipChange({ skip: before }: BlockDetail, { skip: after }: BlockDetail): WordChange[] {
  if (before === after) return [];
  const text = (skip: number) => (skip === 0 ? '' : skip === 1 ? '/' : `/${skip}`);
  return [{ class: 'flow', what: 'block skip', before: text(before), after: text(after) }];
}

function labelChange({ label: before }: BlockDetail, { label: after }: BlockDetail): WordChange[] {
  return before === after ? [] : [{ class: 'flow', what: 'label', before: before ?? '', after: after ?? '' }];
}

function wordChanges(before: BlockDetail, after: BlockDetail, judge: Judge): WordChange[] {
  const [gone, come] = unmatched(before.words, after.words);
  if (gone.length === 0 && come.length === 0) return orderChange(before, after);
  if (gone.length * come.length > comparisonsAtMost) return [tooMany];
  const changes: WordChange[] = [];
  for (const word of gone) {
    const at = come.findIndex((other) => sameAddress(word, other));
    const other = at < 0 ? undefined : come.splice(at, 1)[0];
    changes.push(wordChange(word, other, before, after, judge));
  }
  for (const word of come) changes.push(wordChange(undefined, word, before, after, judge));
  return changes;
}

function wordChange(
  before: Word | undefined,
  after: Word | undefined,
  blockBefore: BlockDetail,
  blockAfter: BlockDetail,
  judge: Judge,
): WordChange {
  const classes = [...(before ? [classIn(before, blockBefore)] : []), ...(after ? [classIn(after, blockAfter)] : [])];
  const word = (after ?? before) as Word;
  const change = {
    class: judge.gravest(classes),
    what: wordName(word.letter, word.value),
    ...(before ? { before: before.text } : {}),
    ...(after ? { after: after.text } : {}),
  };
  if (before && after && refersToBlock(before, blockBefore) && judge.sameTarget(before.value, after.value))
    return { ...change, class: 'numbering', what: 'number of the same block' };
  if (before && after && before.value === after.value)
    return { ...change, what: `${change.what}, ${flagName(before.flags ^ after.flags)}` };
  return change;
}

const flagName = (differing: number): string =>
  (differing & (wordFlag.incremental | wordFlag.absolute)) !== 0 ? 'incremental or absolute' : 'decimal point';

/** The axes of a shift are an offset; those of a simulation's blank are nothing to the machine. */
function classIn(word: Word, block: BlockDetail): ChangeClass {
  if (block.statements.some(({ kind }) => kind === 'frame')) return 'offset';
  if (block.statements.some(({ kind }) => kind === 'blank-form')) return 'comment';
  return wordClass(word.letter, word.value, contextOf(block));
}

const contextOf = ({ words }: BlockDetail) => ({
  has: (letter: number, ...values: number[]) =>
    words.some((word) => word.letter === letter && values.includes(word.value)),
});

/** `M99 P100`, `M97 P100`, the contour of G70 to G73. */
function refersToBlock({ letter }: Word, block: BlockDetail): boolean {
  const { has } = contextOf(block);
  if (letter === p && has(m as number, 97, 99)) return true;
  return (letter === p || letter === q) && has(g as number, 70, 71, 72, 73);
}

const sameAddress = (one: Word, other: Word): boolean => one.letter === other.letter && one.index === other.index;

/** A point makes another number of `X100` on many controls; a sign that is only written does not. */
function sameWord(one: Word, other: Word): boolean {
  if (!sameAddress(one, other)) return false;
  const seen = ~wordFlag.sign & ~(codeLetters.has(one.letter) ? wordFlag.point : 0);
  if ((one.flags & seen) !== (other.flags & seen)) return false;
  if (one.expression !== undefined || other.expression !== undefined)
    return JSON.stringify(one.expression) === JSON.stringify(other.expression);
  return one.value === other.value || (Number.isNaN(one.value) && Number.isNaN(other.value) && one.text === other.text);
}

/** The words of each side that the other side does not have. Blocks have a few words; a hostile one has thousands. */
function unmatched(before: readonly Word[], after: readonly Word[]): [Word[], Word[]] {
  let start = 0;
  while (start < before.length && start < after.length && sameWord(before[start] as Word, after[start] as Word))
    start++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (
    endBefore > start &&
    endAfter > start &&
    sameWord(before[endBefore - 1] as Word, after[endAfter - 1] as Word)
  ) {
    endBefore--;
    endAfter--;
  }
  const gone: Word[] = [];
  const come = after.slice(start, endAfter);
  if ((endBefore - start) * come.length > comparisonsAtMost) return [before.slice(start, endBefore), come];
  for (const word of before.slice(start, endBefore)) {
    const at = come.findIndex((other) => sameWord(word, other));
    if (at < 0) gone.push(word);
    else come.splice(at, 1);
  }
  return [gone, come];
}

/** No honest block has so many words that differ. */
const comparisonsAtMost = 10_000;
const tooMany: WordChange = { class: 'unknown', what: 'more words than can be compared' };

/** The same words in another order say the same, unless an address is there twice: then the last one counts. */
function orderChange({ words: before }: BlockDetail, { words: after }: BlockDetail): WordChange[] {
  if (before.every((word, i) => sameWord(word, after[i] as Word))) return [];
  if (before.length ** 2 > comparisonsAtMost) return [tooMany];
  const repeated = before.find((word, i) =>
    before.some((other, j) => j > i && word.letter !== g && word.letter !== m && sameAddress(word, other)),
  );
  if (repeated === undefined) return [{ class: 'format', what: 'order of the words' }];
  return [{ class: 'unknown', what: 'order of words that are there twice', before: repeated.text }];
}
