import type { Finding, ProgramFacts } from '../../domain/findings.ts';
import { type Dialect, dialectNames } from '../../domain/nc.ts';
import { type Detection, detectDialect, dialectIn, looked } from '../facts/dialect.ts';
import { FactCollector } from '../facts/fact-collector.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { Block, BlockVisitor, ReadEnd } from '../program/block.ts';
import { ProgramReader } from '../program/read-program.ts';
import { FindingList, inOrder } from './finding-list.ts';
import { FrameRules, hasContent } from './frame-rules.ts';
import { MachineRules } from './machine-rules.ts';
import { type CallSite, ReachRules } from './reach-rules.ts';
import { ReadingRules } from './reading-rules.ts';
import type { StockBox } from './stock.ts';
import { TextRules } from './text-rules.ts';

export type ProgramFile = { name: string; bytes: Uint8Array };
/** A program that is never held whole: its bytes in order, each time from the first. */
export type StreamedFile = { name: string; chunks(): Iterable<Uint8Array> };
/** What is known beside the program: the machine it is for, where its stock lies, the tools of its tool list. */
export type Job = {
  /** Where somebody says what language it is, whatever machine it is for. */
  dialect?: Dialect | undefined;
  profile?: MachineProfile | undefined;
  stock?: StockBox | undefined;
  tools?: readonly number[] | undefined;
};
export type Inspection = { facts: ProgramFacts; findings: Finding[] };
/** An inspection before its findings are in order, with what the check between files needs. */
export type Scan = Inspection & { calls: readonly CallSite[]; programs: readonly string[] };

/**
 * What one program says about itself and what is remarkable in it. Never throws, goes over the bytes a bounded number
 * of times, and keeps no more than a few findings for each rule. Findings that block come first. Where less than half of
 * the lines are understood in the dialect, only the rules of the text apply and one finding says so.
 */
export function inspectFile(file: ProgramFile, job: Job = {}): Inspection {
  const { facts, findings } = scanProgram(file, job);
  return { facts, findings: inOrder(findings) };
}

export function scanProgram({ name, bytes }: ProgramFile, job: Job): Scan {
  const { reader, inspector, because } = begin(name, bytes, job);
  return inspector.scan(name, reader.end(bytes), because);
}

/**
 * As `scanProgram`, and saying the same, for a program that comes in chunks: it holds the beginning until the dialect is
 * known, and then no more than a line. A chunk may be reused once `push` returned.
 */
export class ProgramScan {
  readonly #name: string;
  readonly #job: Job;
  #head: Uint8Array[] = [];
  #held = 0;
  #begun: ReturnType<typeof begin> | undefined;

  constructor(name: string, job: Job) {
    this.#name = name;
    this.#job = job;
  }

  push(chunk: Uint8Array): void {
    if (this.#begun) {
      this.#begun.reader.push(chunk);
      return;
    }
    this.#head.push(chunk.slice());
    this.#held += chunk.length;
    if (this.#held >= looked) this.#begin();
  }

  end(): Scan {
    const { reader, inspector, because } = this.#begin();
    return inspector.scan(this.#name, reader.end(), because);
  }

  #begin(): ReturnType<typeof begin> {
    if (this.#begun) return this.#begun;
    const head = Buffer.concat(this.#head);
    this.#head = [];
    this.#begun = begin(this.#name, head, this.#job);
    this.#begun.reader.push(head);
    return this.#begun;
  }
}

/** `head` is the program's beginning, at least what the dialect is detected by, or all of it. */
function begin(name: string, head: Uint8Array, job: Job) {
  const detected = detectDialect(name, head);
  const { dialect, because } = dialectIn(detected, job);
  const inspector = new Inspector(name, dialect, job);
  if (detected.sure && !speaksAlike(dialect, detected.dialect)) inspector.looksLike(detected);
  return { inspector, because, reader: new ProgramReader(dialect, inspector) };
}

/** FANUC's ISO and Mazak's EIA are one language with different codes. */
const speaksAlike = (one: Dialect, other: Dialect): boolean =>
  one === other || [one, other].every((dialect) => dialect === 'iso' || dialect === 'mazak');

/** Hands every block to the facts and to the rules. */
export class Inspector implements BlockVisitor {
  readonly #dialect: Dialect;
  readonly #text: FindingList;
  readonly #program: FindingList;
  readonly #foreign: FindingList;
  readonly #textRules: TextRules;
  readonly #frame: FrameRules;
  readonly #reading: ReadingRules;
  readonly #reach: ReachRules;
  readonly #machine: MachineRules;
  readonly #facts: FactCollector;
  #contentBlocks = 0;
  #notUnderstood = 0;

  constructor(name: string, dialect: Dialect, job: Job) {
    const { profile } = job;
    this.#dialect = dialect;
    this.#text = new FindingList(name, profile);
    // Whether a program is in its dialect is known at its end, so that these wait in a list of their own.
    this.#program = new FindingList(name, profile);
    this.#foreign = new FindingList(name, profile);
    this.#facts = new FactCollector(dialect, profile !== undefined && profile.kind !== 'mill');
    this.#textRules = new TextRules(this.#text, profile);
    this.#frame = new FrameRules(this.#program, dialect, profile);
    this.#reading = new ReadingRules(this.#program, dialect);
    this.#reach = new ReachRules(this.#program, dialect, profile);
    this.#machine = new MachineRules(this.#program, dialect, this.#facts, job);
  }

  block(block: Block): void {
    this.#textRules.block(block);
    if (this.#frame.closed) {
      this.#frame.behind(block);
      if (block.ambiguous) this.#reading.ambiguousBlock(block);
      return;
    }
    if (block.words.count > 0 || block.statements.length > 0 || hasContent(block)) {
      this.#contentBlocks++;
      if (block.unrecognised !== -1) this.#notUnderstood++;
    }
    this.#facts.block(block);
    this.#frame.block(block, this.#facts);
    this.#reading.block(block);
    this.#reach.block(block);
    this.#machine.block(block);
  }

  /** The program speaks for another dialect than the one in which it is read. */
  looksLike({ dialect, because }: Detection): void {
    const machine = dialectNames[this.#dialect];
    this.#text
      .rule('dialect-differs')
      .file(`The program looks like ${dialectNames[dialect]} (${because.join(', ')}); this machine reads ${machine}.`);
  }

  /** What the program was found to be, once it was read. */
  scan(name: string, ends: ReadEnd, because: readonly string[]): Scan {
    this.#textRules.end(ends);
    this.#frame.end(name, this.#facts);
    this.#reach.end();
    this.#machine.end();
    if (this.#notUnderstood * 2 > this.#contentBlocks) return this.#unrecognised(name, ends.lines);
    const facts = this.#facts.facts(name, ends.lines, because);
    return {
      facts,
      findings: [...this.#text.all(), ...this.#program.all()],
      calls: [...this.#reach.calls.values()],
      programs: facts.details?.programs ?? [],
    };
  }

  #unrecognised(name: string, lines: number): Scan {
    this.#foreign
      .rule('dialect-unrecognised')
      .file(
        `Less than half of the program reads as ${dialectNames[this.#dialect]}: only the rules of the text were applied.`,
      );
    return {
      facts: { file: name, dialect: 'unrecognised', lines, tools: [], calls: [], units: 'unstated' },
      findings: [...this.#text.all(), ...this.#foreign.all()],
      calls: [],
      programs: [],
    };
  }
}
