import type { Dialect } from '../../domain/nc.ts';
import type { FactCollector } from '../facts/fact-collector.ts';
import { axisLetters } from '../facts/motion.ts';
import { turretTool } from '../facts/names.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { type Block, letterBits, wordFlag } from '../program/block.ts';
import { constantOf } from '../program/expression-reader.ts';
import type { FindingList } from './finding-list.ts';
import { PointRule } from './point-rule.ts';
import { Stock, type StockBox } from './stock.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [D, F, G, H, K, L, M, R, S, T] = [...'DFGHKLMRST'].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const told = letterBits('DFHMST');
const codeBit = letterBits('G');
const entryBits = letterBits('GL');
const isLength = new Uint8Array(128);
for (const letter of 'XYZABCUVWIJKR') isLength[code(letter)] = 1;

/** How far the ends of an arc may lie from one circle: FANUC's usual setting. */
const arcTolerance = { inch: 0.001, millimetre: 0.02 };
/** Written end points may lie so far beyond without being told. */
const travelTolerance = 1e-6;

type Ranges = readonly (readonly [number, number])[];
const within = (ranges: Ranges, value: number): boolean => ranges.some(([low, high]) => value >= low && value <= high);

/** What the machine can do, has and may: rules over the words of each block. */
export class MachineRules {
  readonly #travel;
  readonly #spindle;
  readonly #feed;
  readonly #tool;
  readonly #offset;
  readonly #offsetDiffers;
  readonly #arc;
  readonly #point: PointRule;
  readonly #stock: Stock;
  readonly #profile: MachineProfile | undefined;
  readonly #facts: FactCollector;
  readonly #tools: Ranges;
  readonly #lathe: boolean;
  /** Klartext's T words are no tools. */
  readonly #byStatement: boolean;
  /** The tool that was called, and the one that M6 put in. */
  #enters = false;
  #called = -1;
  #inSpindle = -1;

  constructor(
    findings: FindingList,
    dialect: Dialect,
    facts: FactCollector,
    job: { profile?: MachineProfile | undefined; stock?: StockBox | undefined; tools?: readonly number[] | undefined },
  ) {
    this.#travel = findings.rule('travel');
    this.#spindle = findings.rule('spindle-speed');
    this.#feed = findings.rule('feed-rate');
    this.#tool = findings.rule('tool-unknown');
    this.#offset = findings.rule('offset-unknown');
    this.#offsetDiffers = findings.rule('offset-differs');
    this.#arc = findings.rule('arc-open');
    this.#point = new PointRule(findings.rule('decimal-point'), dialect, job.profile);
    this.#stock = new Stock(findings.rule('rapid-into-stock'), job.stock);
    this.#profile = job.profile;
    this.#facts = facts;
    this.#tools = job.tools
      ? job.tools.map((number) => [number, number] as const)
      : (job.profile?.tools?.numbers ?? []);
    this.#byStatement = dialect === 'klartext';
    this.#lathe = job.profile !== undefined && job.profile.kind !== 'mill';
  }

  /** Call after the facts of the block were collected; `moved` as they say. */
  block(block: Block): void {
    const { words } = block;
    if (this.#enters || (words.letters & entryBits) === entryBits) this.#parameterEntry(block);
    const plain = (words.letters & told) === 0 && (words.allFlags & wordFlag.point) !== 0 && this.#point.pointed;
    if (words.count > 0 && !plain) this.#words(block);
    if (block.statements.length > 0) this.#statements(block);
    if (words.count > 0) this.#motion(block);
  }

  /** G10 L50 and L52, up to G11. */
  #parameterEntry(block: Block): void {
    if (hasCode(block, 10, 11)) this.#enters = (block.words.first(L) ?? 0) >= 50;
  }

  #words(block: Block): void {
    const { letter, value, flags, count } = block.words;
    for (let at = 0; at < count; at++) {
      const is = letter[at] as number;
      const number = value[at] as number;
      if (isLength[is]) {
        if (((flags[at] as number) & (wordFlag.point | wordFlag.computed)) !== 0) this.#point.pointed = true;
        else if (number !== 0 && !this.#isNoLength(is, block)) this.#point.missing(is, number, block.line);
      } else if (is !== G && is !== M) this.#word(is, number, block);
      else if (is === M && number === 6) this.#inSpindle = this.#calledIn(block);
    }
  }

  /** K repeats a cycle, R is how smooth a path shall be, and behind G10 L50 P and R are parameters of the control. */
  #isNoLength(letter: number, block: Block): boolean {
    if (letter === K && this.#facts.motion.mode === 4) return true;
    return letter === R && (this.#enters || hasCode(block, 5.1, 187) || hasCode(block, 5, 8));
  }

  #word(letter: number, number: number, block: Block): void {
    const profile = this.#profile;
    // What G65 hands over is no tool, no speed and no feed.
    if (block.statements.length > 0 && hasCode(block, 65, 66)) return;
    if (letter === T && !this.#byStatement) this.#toolNumber(number, block.line);
    else if (!profile) return;
    else if (letter === S) this.#speed(number, block);
    else if (letter === F) this.#feedRate(number, block.line, profile);
    else if (letter === H || letter === D) this.#offsetNumber(letter, number, block, profile);
  }

  #calledIn({ words }: Block): number {
    const here = words.first(T);
    if (here !== undefined && !Number.isNaN(here)) this.#called = here;
    return this.#called;
  }

  #toolNumber(number: number, line: number): void {
    if (Number.isNaN(number)) return;
    this.#called = number;
    const tool = this.#lathe ? turretTool(number) : number;
    if (this.#tools.length === 0 || tool === 0 || within(this.#tools, tool)) return;
    this.#tool.at(line, () => `Line ${line} calls tool T${number}, which is not on the tool list.`);
  }

  #speed(number: number, block: Block): void {
    const most = this.#profile?.spindle?.highest;
    // G50 S and G92 S set a limit, which does no harm above the machine's own.
    if (most === undefined || !(number > most) || this.#facts.perSurface || hasCode(block, 50, 92)) return;
    this.#spindle.at(
      block.line,
      () => `Line ${block.line} calls for ${number} rpm; this machine turns ${most} at most.`,
    );
  }

  #feedRate(number: number, line: number, profile: MachineProfile): void {
    const { feed } = profile;
    if (!feed) return;
    const [most, per] = this.#facts.perRevolution
      ? [feed.highestPerRevolution, 'revolution']
      : [feed.highestPerMinute, 'minute'];
    if (most === undefined || !(number * this.#scale(profile) > most)) return;
    this.#feed.at(
      line,
      () => `Line ${line} feeds F${number}; this machine feeds ${most} ${profile.unit} per ${per} at most.`,
    );
  }

  #offsetNumber(letter: number, number: number, block: Block, profile: MachineProfile): void {
    const { tools } = profile;
    const { line } = block;
    // Okuma's H behind G15 is a work offset; G10 and macros have their own.
    if (!tools || !(number > 0) || this.#lathe || hasCode(block, 15, 10) || hasCode(block, 65, 66)) return;
    // M98 P2000 H10 calls from block 10.
    if (number !== Math.floor(number) || block.statements.some(({ kind }) => kind === 'call')) return;
    const name = `${String.fromCharCode(letter)}${number}`;
    if (tools.offsets.length > 0 && !within(tools.offsets, number))
      this.#offset.at(line, () => `Line ${line} uses offset ${name}, which this machine does not have.`);
    const tool = this.#inSpindle;
    if (tools.offsetIsTool && tool > 0 && number !== tool)
      this.#offsetDiffers.at(line, () => `Line ${line} uses offset ${name} with tool T${tool}.`);
  }

  #statements(block: Block): void {
    for (const statement of block.statements) {
      if (statement.kind === 'tool' && statement.tool.kind === 'text') this.#toolName(statement.tool.value, block.line);
      else if (statement.kind === 'tool') this.#toolNumber(constantOf(statement.tool), block.line);
      else if (statement.kind === 'frame') this.#stock.lost();
      else if (statement.kind === 'blank-form') this.#stock.corner(statement.corner, block);
    }
  }

  #toolName(name: string, line: number): void {
    const { names = [] } = this.#profile?.tools ?? {};
    if (names.length === 0 || name === '' || names.some((known) => known.toUpperCase() === name.toUpperCase())) return;
    this.#tool.at(line, () => `Line ${line} calls a tool by a name that is not on the tool list.`);
  }

  #motion(block: Block): void {
    const { motion } = this.#facts;
    if (motion.machine) this.#machinePosition(block);
    if (motion.arcError > 0) this.#arcError(motion.arcError, block.line);
    if (motion.moved !== 0 && motion.mode === 0) this.#stock.rapid(motion.before, motion.position, block.line);
    if ((block.words.letters & codeBit) !== 0 && (hasCode(block, 52, 92) || hasCode(block, 68, 51))) this.#stock.lost();
  }

  #arcError(error: number, line: number): void {
    const unit = this.#unit();
    if (error <= arcTolerance[unit]) return;
    const unless = this.#facts.motion.arcAbsolute ? ', unless I, J and K are absolute on this control' : '';
    this.#arc.at(
      line,
      () => `Line ${line} has an arc whose end lies ${error.toFixed(4)} ${unit} off its circle${unless}.`,
    );
  }

  #unit(): 'inch' | 'millimetre' {
    const { units } = this.#facts;
    if (units === 'inch' || units === 'millimetre') return units;
    return this.#profile?.unitAtStart ?? 'millimetre';
  }

  /** What a length of the program is in the profile's unit. */
  #scale(profile: MachineProfile): number {
    const unit = this.#unit();
    if (unit === profile.unit) return 1;
    return unit === 'inch' ? 25.4 : 1 / 25.4;
  }

  #machinePosition({ words, line }: Block): void {
    const profile = this.#profile;
    if (!profile) return;
    for (let at = 0; at < words.count; at++) {
      const axis = String.fromCharCode(words.letter[at] as number) as 'X';
      const range = profile.travel[axis];
      const position = (words.value[at] as number) * (isRotary(axis) ? 1 : this.#scale(profile));
      if (range && (position < range[0] - travelTolerance || position > range[1] + travelTolerance))
        this.#travel.at(
          line,
          () => `Line ${line} sends ${axis} to ${words.value[at]} in G53, beyond this machine's travel.`,
        );
    }
  }

  /** What only the whole program shows. */
  end(): void {
    this.#point.end();
    const profile = this.#profile;
    if (!profile) return;
    const { motion } = this.#facts;
    motion.measure();
    for (const [at, letter] of [...axisLetters].entries()) {
      const range = profile.travel[letter as 'X'];
      const span = (motion.widest[at] as number) * this.#scale(profile);
      if (!range || isRotary(letter) || !(span > range[1] - range[0] + travelTolerance)) continue;
      this.#travel.file(
        `The program moves ${letter} over ${span.toFixed(1)} ${profile.unit}; this machine travels ${range[1] - range[0]}.`,
      );
    }
  }
}

const isRotary = (axis: string): boolean => axis === 'A' || axis === 'B' || axis === 'C';

function hasCode({ words }: Block, one: number, other: number): boolean {
  for (let at = 0; at < words.count; at++)
    if (words.letter[at] === G && (words.value[at] === one || words.value[at] === other)) return true;
  return false;
}
