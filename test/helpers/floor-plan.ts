import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** A source file: its path from the project's folder, with `/`, and its text. */
export type SourceFile = { path: string; text: string };

/** From the ground up. A file may import its own room and those before it; never a later one. */
export const rooms = [
  'src/domain',
  'src/platform',
  'src/merkle',
  'src/nc',
  'src/policy',
  'src/signing',
  'src/vault',
  // What every door shares: the shelf over IPC, a delivery under way, listening.
  'src/door',
  'src/catalog',
  'src/ledger',
  // What a pack of evidence holds and says; it reads nothing by itself.
  'src/evidence',
  'src/services',
  'src/edges',
  // The composition root wires every room: core.ts the ledger and the services, gateway.ts that and the doors.
  // `keyway serve` and `keyway demo` start it, and main.ts starts them.
  'src/core.ts',
  'src/gateway.ts',
  'src/cli',
  'src/main.ts',
] as const;

/** Beside the order: rooms that may reach these and nothing else, not even what lies below them. */
const onlyReaches: Record<string, { rooms: readonly string[]; packages?: readonly string[] }> = {
  'src/domain': { rooms: [], packages: ['zod'] },
  'src/merkle': { rooms: [], packages: ['node:crypto'] },
  'src/nc': { rooms: ['src/domain'], packages: ['node:crypto', 'zod'] },
  'src/web': { rooms: ['src/edges/http/contract'] },
};

/** Files, folders and packages that only these may import. An empty list: nobody under src. */
const importedOnlyBy: Record<string, readonly string[]> = {
  'src/policy/decide.ts': ['src/policy', 'src/services', 'src/core.ts', 'src/gateway.ts', 'src/cli'],
  // node-forge issues development certificates and is in no verification path.
  'certs-dev': ['src/cli'],
  'node-forge': [],
};

/** Calls that only these rooms make. */
const calledOnlyBy: { call: string; pattern: RegExp; by: readonly string[] }[] = [
  // In the ledger it is the sequencer that calls the `decide` of whoever commits.
  { call: 'policy.decide', pattern: /\.decide\(/, by: ['src/services', 'src/policy', 'src/ledger'] },
  { call: 'ledger.commit', pattern: /\bledger\??\.commit[(<]/i, by: ['src/services', 'src/gateway.ts'] },
];

const linesAtMost = 350;
const longer: Readonly<Record<string, number>> = {
  // An auditor reads and runs this one file, so that it cannot be two.
  'src/cli/keyway-verify.ts': 550,
  // A list, of which there is one.
  'src/domain/limits.ts': 520,
};
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

/** What vite makes of `src/web`. */
const built = 'src/web/dist';

export function readSources(project: string, folder: string): SourceFile[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(project, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !isIn(path, built))
    .map((path) => ({ path, text: readFileSync(join(project, path), 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every breach of the plan, as a line a person can act on; empty when the house stands. */
export function breaches(files: readonly SourceFile[]): string[] {
  const code = files
    .filter(({ path }) => /\.tsx?$/.test(path))
    .map(({ path, text }) => ({ path, text: withoutComments(text) }));
  const imports = new Map(code.map((file) => [file.path, importsOf(file)]));
  return [
    ...files.flatMap(shapeBreaches),
    ...code.flatMap(({ path }) => (imports.get(path) ?? []).flatMap((target) => importBreaches(path, target))),
    ...code.flatMap(callBreaches),
    ...cycles(imports).map((cycle) => `circle: ${cycle.join(' -> ')}`),
  ];
}

const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
const isLocal = (target: string): boolean => /^(src|test|certs-dev|config)\//.test(target) || target === 'package.json';

function shapeBreaches({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const lines = text.split('\n').length - 1;
  const most = longer[path] ?? linesAtMost;
  if (lines > most) found.push(`${path}: ${lines} lines, at most ${most}`);
  if (!path.split('/').every((name) => kebabCase.test(name))) found.push(`${path}: the name is not kebab-case`);
  if (levelOf(path) < 0 && !isIn(path, 'src/web')) found.push(`${path}: stands in no room of the plan`);
  return found;
}

const levelOf = (path: string): number => rooms.findIndex((room) => isIn(path, room));

/** The room, and for an edge the door: `src/edges/sftp`. */
function roomOf(path: string): string {
  if (isIn(path, 'src/edges')) return path.split('/').slice(0, 3).join('/');
  return rooms.find((room) => isIn(path, room)) ?? path.split('/').slice(0, 2).join('/');
}

function importBreaches(path: string, target: string): string[] {
  const room = roomOf(path);
  const says = (why: string) => [`${path} imports ${target}: ${why}`];
  if (target === computed) return says('what a dynamic import reaches must stand in the text');
  for (const [guarded, by] of Object.entries(importedOnlyBy)) {
    if (isIn(target, guarded) && !by.some((place) => isIn(path, place))) {
      return says(by.length === 0 ? 'nothing under src may' : `only ${by.join(', ')} may`);
    }
  }
  const reach = onlyReaches[room];
  if (!isLocal(target)) {
    return reach?.packages?.some((name) => isIn(target, name)) === false
      ? says(`${room} may use only ${reach.packages.join(', ')}`)
      : [];
  }
  if (isIn(target, room)) return [];
  if (reach && !reach.rooms.some((place) => isIn(target, place))) {
    return says(`${room} may reach only ${['itself', ...reach.rooms].join(', ')}`);
  }
  if (!target.startsWith('src/')) {
    return isIn(target, 'test') || isIn(target, 'config') ? says('src stands without it') : [];
  }
  if (isIn(target, 'src/web')) return says('nothing imports the screens');
  if (isIn(path, 'src/web')) return [];
  if (isIn(path, 'src/edges') && isIn(target, 'src/edges')) return says('doors do not know one another');
  return levelOf(target) > levelOf(path) ? says('imports go down, not up') : [];
}

function callBreaches({ path, text }: SourceFile): string[] {
  return calledOnlyBy
    .filter(({ pattern, by }) => pattern.test(text) && !by.some((place) => isIn(path, place)))
    .map(({ call, by }) => `${path} calls ${call}: only ${by.join(', ')} may`);
}

/** Comments name what they talk about. A `//` or `/*` inside a string follows no space, as in `https://`. */
const withoutComments = (text: string): string =>
  text.replace(/(^|\s)\/\*[\s\S]*?\*\//g, '$1').replace(/(^|\s)\/\/[^\n]*/g, '$1');

const computed = '(a computed name)';

/** What a file imports, statically or not, types too: a path from the project's folder, or a package's name. */
function importsOf({ path, text }: SourceFile): string[] {
  const named = /(?:^|[\s;])(?:import|export)\s*(?:[\w$*\s{},]+?\sfrom\s*)?["']([^"'\n]+)["']/g;
  const called = /(?<![\w$.])import\(\s*(?:(["'])([^"'\n]+)\1)?/g;
  const found = [
    ...[...text.matchAll(named)].map((match) => match[1] ?? computed),
    ...[...text.matchAll(called)].map((match) => match[2] ?? computed),
  ];
  return found.map((name) => (name.startsWith('.') ? posix.normalize(posix.join(dirname(path), name)) : name));
}

/** One circle for each import that closes one, from the file that it comes back to. */
function cycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
