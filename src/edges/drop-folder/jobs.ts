import type { Reason } from '../../domain/events.ts';
import { limits } from '../../domain/limits.ts';
import type { Sidecar } from '../../domain/sidecar.ts';
import { FileName } from '../../domain/text.ts';
import { digestOf } from '../../platform/hash.ts';
import { sentence, shown } from '../../services/reason-text.ts';
import { isOwnOutput, keyOf, nameFault, noteName, safeName, sidecarJob } from './names.ts';
import type { Entry } from './observer.ts';
import type { SidecarReader, SidecarText } from './sidecar-reader.ts';

/** A deposit that is ready to be taken, for better or worse. */
export type Job = {
  name: string;
  /** The name of the note that answers it when it is rejected. */
  note: string;
  sidecar: { entry: Entry; bytes: Buffer; parsed: Sidecar | undefined } | undefined;
  /** What is claimed beside the sidecar; `name` passes `FileName`. */
  files: readonly { entry: Entry; name: string }[];
  problems: readonly Reason[];
  /** Changes when anything that belongs to the job changes, comes or goes; a rename away and back leaves it. */
  fingerprint: string;
};

export type Timing = { settleMs: number; orphanMs: number; now: number };
export type Judgement = { ready: Job[] /** When something that waits now may be ready. */; due: number | undefined };

type SidecarEntry = { entry: Entry; text: SidecarText };
/** The settled sidecars of one NAME, or when to look at them again. */
type ReadGroup = [name: string, read: SidecarEntry[] | number];

/** Sorts what is in the folder into jobs, and says which of them have waited long enough. Moves nothing. */
export async function judge(
  entries: ReadonlyMap<string, Entry>,
  sidecars: SidecarReader,
  timing: Timing,
): Promise<Judgement> {
  const groups = sidecarGroups(entries);
  const read = await readGroups(groups, sidecars, timing);
  sidecars.keepOnly(entries);
  const verdicts: (Job | number)[] = [];
  const listed = new Set<string>();
  for (const [name, texts] of read) {
    verdicts.push(typeof texts === 'number' ? texts : judgeJob(name, texts, entries, timing));
    if (typeof texts === 'number') continue;
    for (const { text } of texts) for (const file of text.names) if (file !== undefined) listed.add(file);
  }
  // While a sidecar is being written nobody knows which files it will list.
  if (!read.some(([, texts]) => typeof texts === 'number')) {
    for (const entry of entries.values()) {
      if (listed.has(entry.key) || groups.has(entry.key) || !isDeposited(entry)) continue;
      const deadline = entry.since + timing.orphanMs;
      verdicts.push(timing.now < deadline ? deadline : unlistedJob(entry));
    }
  }
  const waits = verdicts.filter((verdict) => typeof verdict === 'number');
  return {
    ready: verdicts.filter((verdict) => typeof verdict !== 'number'),
    due: waits.length === 0 ? undefined : waits.reduce((a, b) => Math.min(a, b)),
  };
}

/** Whether someone put it here to be taken, and it needs a sidecar. */
const isDeposited = ({ name, state }: Entry): boolean =>
  state.kind !== 'folder' && sidecarJob(name) === undefined && !isOwnOutput(String(name));

function sidecarGroups(entries: ReadonlyMap<string, Entry>): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries.values()) {
    const name = sidecarJob(entry.name);
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return groups;
}

async function readGroups(
  groups: ReadonlyMap<string, readonly Entry[]>,
  sidecars: SidecarReader,
  timing: Timing,
): Promise<ReadGroup[]> {
  const all = [...groups];
  const read: ReadGroup[] = [];
  for (let at = 0; at < all.length; at += limits.dropStatsAtOnce) {
    const batch = all.slice(at, at + limits.dropStatsAtOnce);
    const one = async ([name, group]: [string, readonly Entry[]]): Promise<ReadGroup> => [
      name,
      await readGroup(group, sidecars, timing),
    ];
    read.push(...(await Promise.all(batch.map(one))));
  }
  return read;
}

/** An empty sidecar is half written until the orphan time. */
async function readGroup(
  group: readonly Entry[],
  sidecars: SidecarReader,
  timing: Timing,
): Promise<SidecarEntry[] | number> {
  const texts: SidecarEntry[] = [];
  for (const entry of group) {
    const ready = entry.since + (entry.state.size === 0 ? timing.orphanMs : timing.settleMs);
    if (timing.now < ready) return ready;
    const text = await sidecars.read(entry);
    if (!text) return timing.now + timing.settleMs;
    texts.push({ entry, text });
  }
  return texts;
}

type Listed = { name: string; field: string; entry: Entry | undefined };

function judgeJob(
  name: string,
  group: readonly SidecarEntry[],
  entries: ReadonlyMap<string, Entry>,
  timing: Timing,
): Job | number {
  const [first] = group;
  const note = noteName(name);
  if (!first || group.length > 1) {
    const message = `There are ${group.length} sidecars for ${name}; keep one of them.`;
    const files = group.flatMap(({ entry }) => (entry.state.kind === 'file' ? [{ entry, name: entry.key }] : []));
    const fingerprint = fingerprintOf(group.map(({ entry }) => [entry.key, entry]));
    return {
      name,
      note,
      sidecar: undefined,
      files,
      problems: [{ code: 'sidecar-invalid', message: sentence(message) }],
      fingerprint,
    };
  }
  const { entry, text } = first;
  const listed = listedFiles(text, entries);
  const newest = Math.max(entry.since, ...listed.map((file) => file.entry?.since ?? 0));
  const waits = listed.map((file) => waitFor(file, newest, timing)).filter((until) => until > timing.now);
  if (waits.length > 0) return Math.min(...waits);

  const problems = [...text.problems, ...listed.flatMap(fileProblem)].slice(0, limits.reasonsPerRejection);
  const taken = listed.flatMap((file) =>
    file.entry && isTaken(file.entry) ? [{ entry: file.entry, name: file.name }] : [],
  );
  // More than a sidecar may have: its bytes are kept as those of any other file.
  const oversize = text.bytes === undefined && entry.state.size > limits.sidecarBytes && isTaken(entry);
  return {
    name,
    note,
    sidecar: text.bytes && { entry, bytes: text.bytes, parsed: text.parsed },
    files: oversize ? [...taken, { entry, name: entry.key }] : taken,
    problems,
    fingerprint: fingerprintOf([
      [entry.key, entry],
      ...listed.map((file): [string, Entry | undefined] => [file.name, file.entry]),
    ]),
  };
}

const isTaken = ({ state }: Entry): boolean => state.kind === 'file' && state.size <= limits.fileBytes;

/** The files that a sidecar lists, once each. A name that is no file name was refused with the sidecar. */
function listedFiles(text: SidecarText, entries: ReadonlyMap<string, Entry>): Listed[] {
  const seen = new Set<string>();
  return text.names.flatMap((name, at) => {
    if (name === undefined || seen.has(name) || !FileName.safeParse(name).success || sidecarJob(name) !== undefined)
      return [];
    seen.add(name);
    return [{ name, field: `files[${at}].name`, entry: entries.get(name) }];
  });
}

/** Until when a file is waited for; the past when it is not. What is absent or empty may still be under way. */
function waitFor({ entry }: Listed, newest: number, timing: Timing): number {
  if (!entry || (entry.state.kind === 'file' && entry.state.size === 0)) return newest + timing.orphanMs;
  return entry.since + timing.settleMs;
}

function fileProblem({ name, field, entry }: Listed): Reason[] {
  const because = (code: Reason['code'], text: string): Reason[] => [
    { code, field, message: sentence(`${shown(name)} ${text}`) },
  ];
  if (!entry) return because('file-missing', 'is listed in the sidecar but is not in the folder.');
  if (entry.state.kind !== 'file') return because('file-not-regular', `is a ${entry.state.kind}, not a plain file.`);
  if (entry.state.size === 0) return because('file-empty', 'is empty.');
  if (entry.state.size > limits.fileBytes)
    return because('too-large', `is larger than the ${limits.fileBytes} bytes allowed.`);
  return [];
}

function unlistedJob(entry: Entry): Job {
  const name = safeName(entry.name);
  return {
    name,
    note: noteName(name),
    sidecar: undefined,
    files: isTaken(entry) ? [{ entry, name }] : [],
    problems: [unlistedProblem(entry)],
    fingerprint: fingerprintOf([[entry.key, entry]]),
  };
}

function unlistedProblem({ name, state }: Entry): Reason {
  const called = shown(name.toString());
  if (state.kind !== 'file')
    return { code: 'file-not-regular', message: sentence(`${called} is a ${state.kind}, not a plain file.`) };
  const fault = nameFault(name);
  if (fault !== undefined)
    return { code: 'request-invalid', field: 'name', message: sentence(`The file name "${called}" ${fault}.`) };
  if (state.size > limits.fileBytes)
    return { code: 'too-large', message: sentence(`${called} is larger than the ${limits.fileBytes} bytes allowed.`) };
  const expected = `${shown(name.toString().replace(/\.[^.]*$/, ''))}.keyway.yaml`;
  return {
    code: 'sidecar-missing',
    message: sentence(`No sidecar lists ${called}: put one beside it, named for example ${expected}.`),
  };
}

function fingerprintOf(parts: readonly (readonly [string, Entry | undefined])[]): string {
  const lines = parts.map(([name, entry]) => {
    if (!entry) return [name];
    const { kind, ino, size, mtimeNs } = entry.state;
    return [keyOf(entry.name), kind, `${ino}`, size, `${mtimeNs}`];
  });
  return digestOf(JSON.stringify(lines));
}
