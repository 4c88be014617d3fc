import type { BlockChange, Hunk, LineRange } from '../../domain/nc-difference.ts';
import { latin1 } from './block-detail.ts';
import { classesOf, gravestOf, maskIn, numberingMask } from './class-mask.ts';
import type { Classes, Classifier } from './classify.ts';
import type { Pairing } from './pairing.ts';
import { lastLine, type ProgramIndex, toolStarts } from './program-index.ts';
import { runs } from './runs.ts';
import { sectionOfBlocks, sectionsOf } from './tool-sections.ts';

/** Blocks that a hunk shows word by word; the others are counted. */
const shownPerHunk = 8;

/** `[start, end)` on both sides; equal ends where a side has nothing. */
type Stretch = { kind: Hunk['kind']; start: number; end: number; there: number; thereEnd: number };

export class Hunks {
  readonly #before: ProgramIndex;
  readonly #after: ProgramIndex;
  readonly #pairing: Pairing;
  readonly #classes: Classes;
  readonly #classifier: Classifier;

  constructor(before: ProgramIndex, after: ProgramIndex, pairing: Pairing, classes: Classes, classifier: Classifier) {
    this.#before = before;
    this.#after = after;
    this.#pairing = pairing;
    this.#classes = classes;
    this.#classifier = classifier;
  }

  /** In the order of the newer program; `most` at most, with the number of all. */
  list(most: number): { hunks: Hunk[]; all: number } {
    const stretches = [...this.#paired(), ...this.#removed(), ...this.#added()];
    stretches.sort((a, b) => a.there - b.there || a.start - b.start);
    const tools = new Tools(this.#after);
    const toolsBefore = new Tools(this.#before);
    const hunks = stretches.slice(0, most).map((stretch) => {
      const tool = stretch.kind === 'removed' ? toolsBefore.at(stretch.start) : tools.at(stretch.there);
      return this.#hunk(stretch, tool);
    });
    return { hunks, all: stretches.length };
  }

  /** Pairs that stand together on both sides: changed in place, or moved, these also where they are the same inside. */
  *#paired(): Generator<Stretch> {
    const { toAfter, moved } = this.#pairing;
    const counts = (i: number) => moved[i] === 1 || ((this.#classes.before[i] as number) & ~numberingMask) !== 0;
    const tools = [toolStarts(this.#before), toolStarts(this.#after)] as const;
    const goesOn = (start: number, at: number) => {
      const there = (toAfter[start] as number) + at - start;
      if (at >= toAfter.length || toAfter[at] !== there || moved[at] !== moved[start] || !counts(at)) return false;
      return tools[0][at] === 0 && tools[1][there] === 0;
    };
    for (let i = 0; i < toAfter.length; i++) {
      const there = toAfter[i] as number;
      if (there < 0 || !counts(i)) continue;
      let end = i + 1;
      while (goesOn(i, end)) end++;
      yield { kind: moved[i] === 1 ? 'moved' : 'changed', start: i, end, there, thereEnd: there + end - i };
      i = end - 1;
    }
  }

  *#removed(): Generator<Stretch> {
    const { toAfter } = this.#pairing;
    let there = 0;
    let last = 0;
    for (const { start, end } of runs(toAfter, toolStarts(this.#before))) {
      // Of a run that is cut at a tool, every piece stands where the first one does.
      if (start !== last) there = start === 0 ? 0 : (toAfter[start - 1] as number) + 1;
      last = end;
      yield { kind: 'removed', start, end, there, thereEnd: there };
    }
  }

  *#added(): Generator<Stretch> {
    const { toBefore } = this.#pairing;
    let start = 0;
    let last = 0;
    for (const { start: there, end: thereEnd } of runs(toBefore, toolStarts(this.#after))) {
      if (there !== last) start = there === 0 ? 0 : (toBefore[there - 1] as number) + 1;
      last = thereEnd;
      yield { kind: 'added', start, end: start, there, thereEnd };
    }
  }

  #hunk(stretch: Stretch, tool: string | undefined): Hunk {
    const { kind, start, end, there, thereEnd } = stretch;
    const masks =
      kind === 'added' ? this.#classes.after.subarray(there, thereEnd) : this.#classes.before.subarray(start, end);
    const mask = maskIn(masks, 0, masks.length) & ~numberingMask;
    return {
      kind,
      class: mask === 0 ? 'format' : gravestOf(mask),
      classes: classesOf(mask),
      before: linesOf(this.#before, start, end),
      after: linesOf(this.#after, there, thereEnd),
      blocks: masks.length,
      ...(tool === undefined ? {} : { tool }),
      shown: this.#shown(stretch, masks),
    };
  }

  /** Of changed blocks the gravest, of whole runs the first, in their order. */
  #shown({ kind, start, there }: Stretch, masks: Uint16Array): BlockChange[] {
    const candidates: number[] = [];
    for (let at = 0; at < masks.length; at++) if (((masks[at] as number) & ~numberingMask) !== 0) candidates.push(at);
    const whole = kind === 'added' || kind === 'removed';
    if (!whole && candidates.length > shownPerHunk)
      candidates.sort((a, b) => (masks[b] as number) - (masks[a] as number) || a - b);
    return candidates
      .slice(0, shownPerHunk)
      .sort((a, b) => a - b)
      .map((at) => this.#change(kind, start + at, there + at, masks[at] as number));
  }

  #change(kind: Hunk['kind'], i: number, j: number, mask: number): BlockChange {
    const change = { class: gravestOf(mask) };
    if (kind === 'added')
      return { ...change, after: textOf(this.#after, j), changes: this.#classifier.alone(this.#after, j) };
    const before = textOf(this.#before, i);
    if (kind === 'removed') return { ...change, before, changes: this.#classifier.alone(this.#before, i) };
    return { ...change, before, after: textOf(this.#after, j), changes: this.#classifier.pair(i, j) };
  }
}

/** Where a side has nothing: the line behind which it would stand, twice. */
function linesOf(index: ProgramIndex, start: number, end: number): LineRange {
  const { line, count } = index;
  if (end > start) return { from: line[start] as number, to: lastLine(index, end) };
  const behind = start === 0 || count === 0 ? 0 : (line[start - 1] as number);
  return { from: behind, to: behind };
}

const textOf = ({ bytes, start, end, line }: ProgramIndex, at: number) => ({
  line: line[at] as number,
  text: latin1(bytes, start[at] as number, end[at] as number),
});

class Tools {
  readonly #sections;
  readonly #of: Int32Array;

  constructor(index: ProgramIndex) {
    this.#sections = sectionsOf(index);
    this.#of = sectionOfBlocks(this.#sections, index.count);
  }

  at(block: number): string | undefined {
    return this.#sections[this.#of[block] ?? -1]?.tool;
  }
}
