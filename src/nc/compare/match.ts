import { Anchors } from './anchors.ts';
import { shortestEdit } from './shortest-edit.ts';
import type { Span } from './span.ts';

const none = new Int32Array();

/** Splitting may go on unevenly for ever in a hostile file; what is left after this many looks a line is left to Myers. */
const looksPerElement = 24;

/**
 * Pairs equal elements of two sequences in their order: common ends first, then what is there once on both sides
 * (patience), again between those, and the shortest edit script where nothing is unique. Linear but for a bounded factor.
 */
export class Matcher {
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #anchors: Anchors;

  constructor(before: Int32Array, after: Int32Array, distinct: number) {
    this.#before = before;
    this.#after = after;
    this.#anchors = new Anchors(before, after, distinct);
  }

  /** Writes the partner of each element of `span` that has one into `partner`, which is indexed by `before`. */
  match(span: Span, partner: Int32Array): void {
    let budget = looksPerElement * (span.beforeEnd - span.beforeStart + span.afterEnd - span.afterStart);
    const open = [span];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const inner = this.#trim(next, partner);
      if (inner.beforeStart === inner.beforeEnd || inner.afterStart === inner.afterEnd) continue;
      budget -= inner.beforeEnd - inner.beforeStart + inner.afterEnd - inner.afterStart;
      const anchors = budget > 0 ? this.#anchors.find(inner) : none;
      if (anchors.length === 0) shortestEdit(this.#before, this.#after, inner, partner);
      else open.push(...between(inner, anchors, partner));
    }
  }

  #trim(span: Span, partner: Int32Array): Span {
    let { beforeStart, beforeEnd, afterStart, afterEnd } = span;
    const same = (i: number, j: number) => this.#before[i] === this.#after[j];
    while (beforeStart < beforeEnd && afterStart < afterEnd && same(beforeStart, afterStart))
      partner[beforeStart++] = afterStart++;
    while (beforeStart < beforeEnd && afterStart < afterEnd && same(beforeEnd - 1, afterEnd - 1))
      partner[--beforeEnd] = --afterEnd;
    return { beforeStart, beforeEnd, afterStart, afterEnd };
  }
}

/** `anchors`: indices of before and after, in turns, rising on both sides. */
function between(span: Span, anchors: Int32Array, partner: Int32Array): Span[] {
  const parts: Span[] = [];
  let { beforeStart, afterStart } = span;
  for (let at = 0; at < anchors.length; at += 2) {
    const [beforeEnd, afterEnd] = [anchors[at] as number, anchors[at + 1] as number];
    partner[beforeEnd] = afterEnd;
    if (beforeStart < beforeEnd && afterStart < afterEnd) parts.push({ beforeStart, beforeEnd, afterStart, afterEnd });
    [beforeStart, afterStart] = [beforeEnd + 1, afterEnd + 1];
  }
  parts.push({ ...span, beforeStart, afterStart });
  return parts;
}
