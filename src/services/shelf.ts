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
};
type ShelfFolder = {
  kind: 'folder';
  time: string;
  entries: Map<string, ShelfNode>;
  hidden: Map<string, ShelfFile>;
  disputed: Set<string>;
};
type ShelfNode = ShelfFolder | ShelfFile;

/**
 * The tree that one machine sees: `/current/NAME` for the programs in force, named and formed as its control needs, the
 * same by `/by-number/O4471`, and `/by-part/PART/REV/OP/NAME` for every file with its signature. Only what policy lets
 * this machine have is in it; the rest does not exist.
 */
export class ShelfTree {
  readonly #standing: Standing;
  readonly #authority: Authority;
  readonly #trees = new Map<string, { moment: string; root: ShelfFolder }>();

  constructor(standing: Standing, authority: Authority) {
    this.#standing = standing;
    this.#authority = authority;
  }

  find(at: AtDoor, path: readonly string[]): ShelfNode | undefined {
    let node: ShelfNode | undefined = this.#tree(at);
    for (const name of path) {
      if (node?.kind !== 'folder') return undefined;
      node = node.entries.get(name) ?? node.hidden.get(name);
    }
    return node;
  }

  #tree(at: AtDoor): ShelfFolder {
    const { moment } = this.#authority;
    const key = `${at.channel} ${at.machine}`;
    const known = this.#trees.get(key);
    if (known?.moment === moment) return known.root;
    const root = this.#build(at);
    this.#trees.set(key, { moment, root });
    return root;
  }

  #build(at: AtDoor): ShelfFolder {
    const asker = machineAsker(at);
    const root = folder();
    const current = subfolder(root, 'current');
    subfolder(root, 'by-part');
    subfolder(root, 'by-number');
    const { groups = [] } = this.#standing.machine(at.machine)?.machine ?? {};
    const setAside = new Set(this.#authority.breakGlass(at.machine).map(({ releaseId }) => releaseId));
    for (const release of this.#standing.releases()) {
      if (!groups.includes(release.manifest.machineGroup) && !setAside.has(release.releaseId)) continue;
      const decision = this.#authority.decide('deliver', asker, packageFacts(release.packageId, release.manifest));
      if (decision.verdict === 'permit') addRelease(root, current, release);
    }
    return root;
  }
}

export const machineAsker = ({ machine, channel }: AtDoor): Asker => ({
  principal: { kind: 'machine', id: machine },
  context: { channel, encrypted: isEncrypted(channel) },
});

function addRelease(root: ShelfFolder, current: ShelfFolder, release: ReleaseStanding): void {
  const { part, revision, operation, files } = release.manifest;
  const place = ['by-part', part, revision, operation].reduce((at, name) => subfolder(at, name, release.time), root);
  for (const [at, { name }] of files.entries()) {
    const { content, signature } = shelfFiles(release, at);
    if (content) put(place, name, content);
    if (signature) put(place, signatureName(name), signature);
  }
  const numbers = new Map(files.map(({ name, programNumber }) => [name, programNumber]));
  for (const { as, file, position } of onControl(files)) {
    const { content, signature } = shelfFiles(release, position);
    const number = numbers.get(file.made?.from ?? file.name);
    const places = [current, ...(number === undefined ? [] : [numberFolder(root, number, release.time)])];
    for (const folder of places) {
      if (!content || !put(folder, as, content)) continue;
      // Beside the program on request, but not in the list: an old control shows every name it is given.
      if (signature) folder.hidden.set(signatureName(as), signature);
    }
  }
}

const signatureName = (name: string): string => `${name}.p7s`;
const numberFolder = (root: ShelfFolder, number: string, time: string): ShelfFolder =>
  subfolder(subfolder(root, 'by-number'), number, time);

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
 * group, are both left out: nobody may get one believing that it is the other. False when the name is left out.
 */
function put(at: ShelfFolder, name: string, file: ShelfFile): boolean {
  const there = at.entries.get(name);
  if (there && !(there.kind === 'file' && there.digest === file.digest)) {
    at.entries.delete(name);
    at.hidden.delete(signatureName(name));
    at.disputed.add(name);
  }
  if (at.disputed.has(name)) return false;
  at.entries.set(name, there ?? file);
  return true;
}

const folder = (time = new Date(0).toISOString()): ShelfFolder => ({
  kind: 'folder',
  time,
  entries: new Map(),
  hidden: new Map(),
  disputed: new Set(),
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
