import type { Standing } from '../catalog/standing.ts';
import type { ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import { type DoorChannel, isEncrypted } from '../domain/doors.ts';
import type { MachineId } from '../domain/ids.ts';
import { onControl } from '../domain/manifest.ts';
import type { ShelfEntry } from '../domain/shelf.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';

/** A machine at one of its doors. */
export type AtDoor = { machine: MachineId; channel: DoorChannel };

/** One file of a release, by its name in the manifest. `signature` is the detached CMS beside it. */
export type ShelfFile = {
  kind: 'file';
  release: ReleaseStanding;
  name: string;
  part: 'content' | 'signature';
  digest: Digest;
  size: number;
  /** Of a program, which is beside it on request and not in the list: an old control shows every name it is given. */
  signature?: ShelfFile;
};
type ShelfFolder = {
  kind: 'folder';
  time: string;
  entries: Map<string, ShelfNode>;
  /** Made when there are any: a shelf of some thousand releases has three times as many folders. */
  disputed: Set<string> | undefined;
};
type ShelfNode = ShelfFolder | ShelfFile;

/** What one machine may have, and the folders of its shelf that were asked for since that changed. */
type Shown = { moment: string; releases: readonly ReleaseStanding[]; folders: Map<string, ShelfFolder> };

/**
 * The tree that one machine sees: `/current/NAME` for the programs in force, named and formed as its control needs, the
 * same by `/by-number/O4471`, and `/by-part/PART/REV/OP/NAME` for every file with its signature. Only what policy lets
 * this machine have is in it; the rest does not exist.
 */
export class ShelfTree {
  readonly #standing: Standing;
  readonly #authority: Authority;
  readonly #shown = new Map<string, Shown>();

  constructor(standing: Standing, authority: Authority) {
    this.#standing = standing;
    this.#authority = authority;
  }

  find(at: AtDoor, [top, ...path]: readonly string[]): ShelfNode | undefined {
    if (top === undefined) return emptyRoot();
    let node: ShelfNode | undefined = this.#folder(at, top);
    for (const name of path) {
      if (node?.kind !== 'folder') return undefined;
      node = node.entries.get(name) ?? signatureIn(node, name);
    }
    return node;
  }

  #folder(at: AtDoor, top: string): ShelfFolder | undefined {
    const fill = Object.hasOwn(fillers, top) ? fillers[top] : undefined;
    if (!fill) return undefined;
    const { releases, folders } = this.#shownTo(at);
    const known = folders.get(top);
    if (known) return known;
    const made = folder();
    for (const release of releases) fill(made, release);
    folders.set(top, made);
    return made;
  }

  #shownTo(at: AtDoor): Shown {
    const { moment } = this.#authority;
    const key = `${at.channel} ${at.machine}`;
    const known = this.#shown.get(key);
    if (known?.moment === moment) return known;
    const shown = { moment, releases: this.#permitted(at), folders: new Map() };
    this.#shown.set(key, shown);
    return shown;
  }

  #permitted(at: AtDoor): ReleaseStanding[] {
    const asker = machineAsker(at);
    const { groups = [] } = this.#standing.machine(at.machine)?.machine ?? {};
    const setAside = new Set(this.#authority.breakGlass(at.machine).map(({ releaseId }) => releaseId));
    return [...this.#standing.releases()].filter((release) => {
      if (!groups.includes(release.manifest.machineGroup) && !setAside.has(release.releaseId)) return false;
      const facts = packageFacts(release.packageId, release.manifest);
      return this.#authority.decide('deliver', asker, facts).verdict === 'permit';
    });
  }
}

export const machineAsker = ({ machine, channel }: AtDoor): Asker => ({
  principal: { kind: 'machine', id: machine },
  context: { channel, encrypted: isEncrypted(channel) },
});

/** What each folder of the root shows of one release. */
const fillers: Readonly<Record<string, (top: ShelfFolder, release: ReleaseStanding) => void>> = {
  current: (top, release) => {
    for (const program of programsOf(release)) putProgram(top, program);
  },
  'by-part': (top, release) => {
    const { part, revision, operation, files } = release.manifest;
    const place = [part, revision, operation].reduce((at, name) => subfolder(at, name, release.time), top);
    for (const [at, { name }] of files.entries()) {
      const { content, signature } = shelfFiles(release, at);
      if (content) put(place, name, content);
      if (signature) put(place, signatureName(name), signature);
    }
  },
  'by-number': (top, release) => {
    for (const program of programsOf(release))
      if (program.number !== undefined) putProgram(subfolder(top, program.number, release.time), program);
  },
};

const emptyRoot = (): ShelfFolder => {
  const root = folder();
  for (const name of Object.keys(fillers)) subfolder(root, name);
  return root;
};

type ShelfProgram = { as: string; number: string | undefined; content: ShelfFile | undefined };

/** A release does not change while it is in force, and a shelf of thousands is made anew whenever one more is issued. */
const programs = new WeakMap<ReleaseStanding, readonly ShelfProgram[]>();

function programsOf(release: ReleaseStanding): readonly ShelfProgram[] {
  const known = programs.get(release);
  if (known) return known;
  const read = readPrograms(release);
  programs.set(release, read);
  return read;
}

/** The programs of a release as the control names and numbers them. */
function readPrograms(release: ReleaseStanding): ShelfProgram[] {
  const { files } = release.manifest;
  const numberOf = (name: string) => files.find((file) => file.name === name)?.programNumber;
  return onControl(files).map(({ as, file, position }) => {
    const { content, signature } = shelfFiles(release, position);
    const program = content && signature ? { ...content, signature } : content;
    return { as, number: numberOf(file.made?.from ?? file.name), content: program };
  });
}

function putProgram(at: ShelfFolder, { as, content }: ShelfProgram): void {
  if (content) put(at, as, content);
}

const signatureEnd = '.p7s';
const signatureName = (name: string): string => `${name}${signatureEnd}`;

function signatureIn({ entries }: ShelfFolder, name: string): ShelfFile | undefined {
  if (!name.endsWith(signatureEnd)) return undefined;
  const program = entries.get(name.slice(0, -signatureEnd.length));
  return program?.kind === 'file' ? program.signature : undefined;
}

function shelfFiles(release: ReleaseStanding, at: number): { content?: ShelfFile; signature?: ShelfFile } {
  const file = release.manifest.files[at];
  const signed = release.signatures[at];
  if (!file) return {};
  const { name, digest, size } = file;
  const content: ShelfFile = { kind: 'file', release, name, part: 'content', digest, size };
  if (!signed) return { content };
  const signature = { name: signatureName(name), part: 'signature', digest: signed.digest, size: signed.size } as const;
  return { content, signature: { ...content, ...signature } };
}

/**
 * Two releases that bring different bytes under one name to one folder, which can happen when a machine joins a second
 * group, are both left out: nobody may get one believing that it is the other.
 */
function put(at: ShelfFolder, name: string, file: ShelfFile): void {
  const there = at.entries.get(name);
  if (there && !(there.kind === 'file' && there.digest === file.digest)) {
    at.entries.delete(name);
    at.disputed ??= new Set();
    at.disputed.add(name);
  }
  if (!there && !at.disputed?.has(name)) at.entries.set(name, file);
}

const folder = (time = new Date(0).toISOString()): ShelfFolder => ({
  kind: 'folder',
  time,
  entries: new Map(),
  disputed: undefined,
});

function subfolder(parent: ShelfFolder, name: string, time?: string): ShelfFolder {
  const there = parent.entries.get(name);
  if (there?.kind === 'folder') return there;
  const made = folder(time ?? parent.time);
  parent.entries.set(name, made);
  return made;
}

export function shelfEntry(name: string, node: ShelfNode): ShelfEntry {
  if (node.kind === 'folder') return { kind: 'folder', name, time: node.time };
  return { kind: 'file', name, time: node.release.time, size: node.size };
}
