import { availableParallelism, cpus } from 'node:os';

/** One comparison. `peer` is null where the peer is not installed, and a note of the result says so. */
export type Figure = {
  what: string;
  ours: number;
  peer: number | null;
  peerName: string;
  /** Of `ours` and `peer`, such as `files/s` or `ms`. */
  unit: string;
  /** How many times as good as the peer we are: above 1 is better, whichever way the unit counts. */
  ratio: number | null;
  /** The smallest ratio that we want; null where a figure is only told. */
  goal: number | null;
  met: boolean | null;
};

/** What `run()` of `test/bench/NAME.ts` returns. Notes are sentences: what was not installed, what was not like in life. */
export type BenchResult = { figures: Figure[]; notes?: string[] };
export type Bench = { run(): Promise<BenchResult> | BenchResult };

export type Machine = { cpu: string; cores: number; node: string };

/** `better`: `more` for rates, `less` for times. */
export function figure(of: {
  what: string;
  ours: number;
  peer: number | null;
  peerName: string;
  unit: string;
  better: 'more' | 'less';
  goal: number | null;
}): Figure {
  const { what, ours, peer, peerName, unit, better, goal } = of;
  const ratio = peer === null ? null : better === 'more' ? ours / peer : peer / ours;
  const met = ratio === null || goal === null ? null : ratio >= goal;
  return { what, ours, peer, peerName, unit, ratio, goal, met };
}

export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown processor',
  cores: availableParallelism(),
  node: process.version,
});

const number = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 });
const times = (value: number | null): string => (value === null ? '-' : value.toFixed(2));
const verdict = (met: boolean | null): string => (met === null ? '-' : met ? 'met' : 'NOT MET');

/** The figures as lines for people: what left, numbers right, and last whether every goal was met. */
export function table(name: string, machine: Machine, result: BenchResult): string[] {
  const head = ['what', 'ours', 'peer', 'unit', 'ratio', 'goal', '', 'peer is'];
  const rows = result.figures.map((one) => [
    one.what,
    number(one.ours),
    one.peer === null ? 'not there' : number(one.peer),
    one.unit,
    times(one.ratio),
    times(one.goal),
    verdict(one.met),
    one.peerName,
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const rightAligned = new Set(['ours', 'peer', 'ratio', 'goal']);
  const line = (row: string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rightAligned.has(head[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const unmet = result.figures.filter(({ met }) => met === false);
  const unjudged = result.figures.filter(({ goal, met }) => goal !== null && met === null);
  return [
    `${name} on ${machine.cpu}, ${machine.cores} cores, node ${machine.node}`,
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...(result.notes ?? []).map((note) => `Note: ${note}`),
    '',
    unmet.length === 0 ? 'No goal was missed.' : `Goals missed: ${unmet.map(({ what }) => what).join('; ')}.`,
    ...(unjudged.length === 0
      ? []
      : [`Without a peer to judge them by: ${unjudged.map(({ what }) => what).join('; ')}.`]),
  ];
}
