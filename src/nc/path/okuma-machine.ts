import { limits } from '../../domain/limits.ts';
import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Address, Flow } from './control.ts';
import type { Corner } from './corner.ts';
import { compose, identity, type Point, planes, rotation, sineCosine, translation } from './frame.ts';
import { IsoMachine } from './iso-machine.ts';
import type { Value } from './values.ts';

type Compute = (expression: Expression) => Value;

/** Okuma OSP. */
export class OkumaMachine extends IsoMachine {
  /** NCYL: the cycle of this block makes no hole. */
  #withoutHole = false;

  override block(words: BlockWords, statements: readonly Statement[], compute: Compute): Flow {
    const contour = this.options.lathe ? this.#contour(words, statements) : undefined;
    if (contour) return contour;
    this.#returnLevel(words);
    const corner = this.options.lathe ? this.#corner(words) : undefined;
    this.#localFrame(words);
    const pattern = statements.find((one) => one.kind === 'cycle');
    if (pattern?.kind === 'cycle') {
      this.#pattern(pattern.name, words);
      return undefined;
    }
    this.#withoutHole = statements.some((one) => one.kind === 'other' && one.keyword === 'NCYL');
    const flow = super.block(words, statements, compute);
    this.#withoutHole = false;
    if (corner) this.mover.breakCorner(corner);
    return flow;
  }

  protected override makesHole(): boolean {
    return !this.#withoutHole;
  }

  /** G85 NLAP1 roughs the contour of that label, G86 in copies of it, and G87 finishes it. */
  #contour(words: BlockWords, statements: readonly Statement[]): Flow {
    const label = statements.find((one) => one.kind === 'address' && one.name === 'N');
    const code = words.g.find((g) => g >= 850 && g <= 870);
    if (code === undefined || label?.kind !== 'address' || label.value.kind !== 'text') return undefined;
    const roughing = code === 850 ? 'along' : code === 860 ? 'copies' : undefined;
    return this.once.contourOf(label.value.value, roughing, words);
  }

  protected override statements(statements: readonly Statement[], compute: Compute): Address[] {
    for (const statement of statements)
      if (statement.kind === 'other' && moving.has(statement.keyword))
        this.notes.add('unsupported', statement.keyword, `${statement.keyword} is not interpreted.`);
    const addresses = super.statements(statements, compute);
    for (const { name, value } of addresses) if (name === 'SB') this.mover.speed = value;
    for (const { name } of addresses)
      if (!silent.has(name)) this.notes.add('unsupported', name, `The address ${name} is not interpreted.`);
    return [];
  }

  /** G71 says where M53 returns to; M54 returns to the R level. */
  #returnLevel(words: BlockWords): void {
    const { state } = this;
    if (!this.options.lathe && words.g.includes(710)) {
      words.g.splice(words.g.indexOf(710), 1);
      state.upperLevel = this.length(words, 'Z') ?? state.upperLevel;
      words.hideAxes();
    }
    if (words.m.includes(53)) [state.returnsToInitial, state.returnLevel] = [true, state.upperLevel];
    if (words.m.includes(54)) [state.returnsToInitial, state.returnLevel] = [false, undefined];
    if (!words.m.includes(52)) return;
    [state.returnsToInitial, state.returnLevel] = [true, undefined];
    this.notes.add(
      'assumed',
      'M52',
      'The return to the upper limit is drawn to the level from which the cycle was called.',
    );
  }

  /** `G1 G76 X50 L2` of a lathe rounds the corner behind its line, G75 breaks it. */
  #corner(words: BlockWords): Corner | undefined {
    const { state } = this;
    const code = words.g.find((g) => g === 750 || g === 760);
    const line = words.g.includes(10) || (state.motion === 'line' && !words.g.some((g) => g <= 30));
    if (code === undefined || !line) return undefined;
    words.g.splice(words.g.indexOf(code), 1);
    const size = Math.abs(this.length(words, 'L') ?? Number.NaN);
    return { what: `G${code / 10}`, plane: this.plane, by: code === 760 ? 'radius' : 'leg', size };
  }

  /** G11 moves and turns the coordinates, G10 takes that back. */
  #localFrame(words: BlockWords): void {
    const code = words.g.find((g) => g === 100 || g === 110);
    if (code === undefined || this.options.lathe) return;
    words.g.splice(words.g.indexOf(code), 1);
    const shift: Point = [this.length(words, 'X') ?? 0, this.length(words, 'Y') ?? 0, this.length(words, 'Z') ?? 0];
    const degrees = words.take('P') ?? 0;
    this.state.rotation = code === 100 ? identity : compose(translation(shift), rotation(planes[17], degrees));
    this.rebuildFrame();
    words.hideAxes();
  }

  /** Points of a line, a circle or a grid, at each of which the cycle that is on makes its hole. */
  #pattern(name: string, words: BlockWords): void {
    const start = [this.length(words, 'X'), this.length(words, 'Y')] as const;
    const value = (letter: string): number => words.take(letter) ?? 0;
    const points = pointsOf(name, value('I'), value('J'), value('K'), value('P'), this.state.scale);
    const [x = this.mover.at[0], y = this.mover.at[1]] = start;
    if (!points || !this.state.cycle) {
      words.takeAll();
      this.notes.add('unsupported', name, `${name} is not interpreted: its points are not shown.`);
      return;
    }
    this.notes.add('assumed', name, `${name} is read as interval, radius and angle in I and J, counts in K and P.`);
    for (const [dx, dy] of points) this.drillAt(words, [x + dx, y + dy]);
  }
}

function pointsOf(
  name: string,
  i: number,
  j: number,
  k: number,
  p: number,
  scale: number,
): [number, number][] | undefined {
  const count = Math.min(Math.abs(k), limits.ncPathPieces);
  const [sine, cosine] = sineCosine(j);
  const list = Array.from({ length: count }, (_, at) => at);
  if (name === 'LAA') return list.map((at) => [at * i * scale * cosine, at * i * scale * sine]);
  if (name === 'BHC')
    return list.map((at) => {
      const [up, along] = sineCosine(j + (at * 360) / k);
      return [i * scale * along, i * scale * up];
    });
  if (name !== 'GRDX' && name !== 'GRDY') return undefined;
  const rows = Math.min(Math.abs(p), limits.ncPathPieces / Math.max(1, count));
  const [columns, lines] = name === 'GRDX' ? [count, rows] : [rows, count];
  const grid: [number, number][] = [];
  for (let outer = 0; outer < (name === 'GRDX' ? lines : columns); outer++)
    for (let inner = 0; inner < (name === 'GRDX' ? columns : lines); inner++) {
      const at = outer % 2 === 0 ? inner : (name === 'GRDX' ? columns : lines) - 1 - inner;
      grid.push(name === 'GRDX' ? [at * i * scale, outer * j * scale] : [outer * i * scale, at * j * scale]);
    }
  return grid;
}

const moving = new Set(['OMIT', 'RESTORE', 'CHOICE', '$']);
/** Speeds, offsets and labels. */
const silent = new Set(['H', 'D', 'SB', 'SA', 'SC', 'TL', 'TG', 'OG', 'TC']);
