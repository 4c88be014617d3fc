import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { apiUnderLoad, type Measured } from '../helpers/bench-api-load.ts';
import { percentile, timesOf } from '../helpers/bench-times.ts';
import { toolpathFrames } from '../helpers/bench-toolpath.ts';
import { manyPackages, millDrill } from '../helpers/bench-web-load.ts';
import { openScreensFloor, sidecarOf } from '../helpers/screens-floor.ts';
import { type BenchResult, type Figure, figure } from './figures.ts';

const packages = Number(process.env.KEYWAY_BENCH_PACKAGES ?? 100_000);
const lines = 100_000;
const segments = 1_000_000;
const dist = fileURLToPath(new URL('../../src/web/dist', import.meta.url));

/** A bound that was set beforehand stands where a peer would: met where we are within it. */
const bound = (what: string, ours: number, most: number, unit: string, better: 'less' | 'more' = 'less'): Figure =>
  figure({ what, ours, peer: most, peerName: 'the bound that is set', unit, better, goal: 1 });

type Part = (notes: string[]) => Promise<Figure[]> | Figure[];
const parts: Readonly<Record<string, Part>> = {
  'first-load': firstLoad,
  lists: listFigures,
  difference: differenceFigures,
  toolpath: toolpathFigures,
  load: loadFigures,
};

/** What screens wait for: the first page, lists and searches of a large catalogue, a difference, a toolpath, a mixed load beside pulls. */
export async function run(): Promise<BenchResult> {
  const notes: string[] = [];
  const figures: Figure[] = [];
  for (const part of chosenParts()) figures.push(...(await part(notes)));
  return { figures, notes };
}

/** `KEYWAY_BENCH_PARTS=lists,load` measures these and no more. */
function chosenParts(): Part[] {
  const names = process.env.KEYWAY_BENCH_PARTS?.split(',') ?? Object.keys(parts);
  return names.map((name) => {
    const part = parts[name];
    if (!part) throw new Error(`KEYWAY_BENCH_PARTS: ${name} is none of ${Object.keys(parts).join(', ')}`);
    return part;
  });
}

async function listFigures(): Promise<Figure[]> {
  const floor = await openScreensFloor();
  try {
    await manyPackages(floor, packages);
    const { quality, foreign } = floor.people;
    const p95 = async (url: string, who = quality) =>
      percentile(await timesOf(40, () => floor.ask(who, 'GET', url)), 95);
    const many = `with ${packages.toLocaleString('en-GB')} packages, p95`;
    return [
      bound(`the approver's queue ${many}`, await p95('/packages?turn=me&rows=100'), 100, 'ms'),
      bound(
        `the same for somebody who may see a few of them`,
        await p95('/packages?turn=me&rows=100', foreign),
        100,
        'ms',
      ),
      bound(`the newest packages ${many}`, await p95('/packages?rows=100'), 100, 'ms'),
      bound(`a search by part ${many}`, await p95('/search?q=BRKT-77'), 100, 'ms'),
      bound(`a search by digest ${many}`, await p95('/search?q=sha256%3Aabcdef'), 100, 'ms'),
    ];
  } finally {
    await floor.close();
  }
}

/** The first asker waits for all of it: thread, reading, comparing, both paths. */
async function differenceFigures(): Promise<Figure[]> {
  const floor = await openScreensFloor();
  try {
    const first = await floor.admitted(sidecarOf('LONG-1'), { 'LONG-1.NC': millDrill(lines, 0) });
    const second = await floor.admitted(sidecarOf('LONG-1', { revision: 'B' }), { 'LONG-1.NC': millDrill(lines, 3) });
    const url = `/packages/${second}/difference/LONG-1.NC?against=${first}`;
    const [ms = 0] = await timesOf(1, () => floor.ask(floor.people.quality, 'GET', url));
    return [bound(`the difference of ${lines.toLocaleString('en-GB')} lines, first asked for`, ms, 1_000, 'ms')];
  } finally {
    await floor.close();
  }
}

async function loadFigures(notes: string[]): Promise<Figure[]> {
  // A few more than are to be answered each second: the last one is answered after the last one was due.
  const measured = await apiUnderLoad({ perSecond: 510, seconds: 18, pulls: 20 });
  if ('note' in measured) {
    notes.push(measured.note);
    return [];
  }
  const { together, alone } = measured;
  const shared = loadOf(together, 'all processes and clients on all processors', notes);
  return alone ? [...shared, ...loadOf(alone, 'the core on one processor, all else on the others', notes)] : shared;
}

function loadOf(
  { times, answered, failures, seconds, pulled, coreMsPerRequest }: Measured,
  how: string,
  notes: string[],
) {
  const failed = [...failures].map(([why, count]) => `${count} (${why})`).join(', ');
  notes.push(
    `With ${how}, ${pulled} pulls of released programs ended over SFTP, ${failed || 'none'} of the requests got no answer, ` +
      `and the core used ${coreMsPerRequest.toFixed(2)} ms of a processor a request.`,
  );
  const what = `signed requests answered, mixed, beside 20 SFTP pulls; ${how}`;
  return [
    bound(what, answered / seconds, 500, 'requests/s', 'more'),
    bound('the same, from when each was due to its whole answer, p99', percentile(times, 99), 100, 'ms'),
  ];
}

/** Of the approver's page, an older and a newer path over one another, in a browser without a graphics card. */
async function toolpathFigures(notes: string[]): Promise<Figure[]> {
  if (!existsSync('/usr/bin/chromium')) {
    notes.push("Debian's chromium is not installed: the toolpath was not measured.");
    return [];
  }
  const { shown, turning, scrubbing, exact, heapMb } = await toolpathFrames(segments);
  const many = `two paths of ${segments.toLocaleString('en-GB')} segments`;
  notes.push(
    `After the last movement ${many} stood whole after ${(exact / 1000).toFixed(1)} s; the page held ${heapMb.toFixed(0)} MiB.`,
  );
  return [
    bound(`the longest frame while ${many} arrive and are drawn`, shown, 100, 'ms'),
    bound('the longest frame while they are turned', turning, 100, 'ms'),
    bound('the longest frame while the tool is dragged along', scrubbing, 100, 'ms'),
  ];
}

/** What a browser fetches before the first page stands: the page and all that it names. */
function firstLoad(notes: string[]): Figure[] {
  const page = join(dist, 'index.html');
  if (!existsSync(page)) {
    notes.push('The screens are not built ("npm run build"): the size of the first load was not measured.');
    return [];
  }
  const html = readFileSync(page, 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/app\/([^"]+)"/g)].flatMap(([, path]) => path ?? []);
  const files = ['index.html', ...named].map((path) => join(dist, path)).filter((path) => statSync(path).isFile());
  const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
  const all = readdirSync(dist, { recursive: true }).length;
  notes.push(`The first load is ${files.length} of ${all} files.`);
  return [bound('the first load of the screens, gzip', bytes / 1000, 180, 'kB')];
}
