import type { Standing } from '../catalog/standing.ts';
import type { ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import { type DoorChannel, isEncrypted } from '../domain/doors.ts';
import type { MachineId } from '../domain/ids.ts';
import { isProgram } from '../domain/manifest.ts';
import type { ShelfEntry } from '../domain/shelf.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';

/** A machine at one of its doors. */
export type AtDoor = { machine: MachineId; channel: DoorChannel };

/** One file as a machine can name it. `signature` is the detached CMS beside it. */
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
 * The tree that one machine sees: `/current/NAME` for the programs in force, `/by-part/PART/REV/OP/NAME` for every file
 * with its signature. Only what policy lets this machine have is in it; the rest does not exist.
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
  for (const [at, { name, role, digest, size }] of files.entries()) {
    const content: ShelfFile = { kind: 'file', release, name, part: 'content', digest, size };
    put(place, content);
    const signed = release.signatures[at];
    const signature: ShelfFile | undefined = signed && {
      ...content,
      name: `${name}.p7s`,
      part: 'signature',
      digest: signed.digest,
      size: signed.size,
    };
    if (signature) put(place, signature);
    if (!isProgram(role)) continue;
    if (!put(current, content)) continue;
    // Beside the program on request, but not in the list: an old control shows every name it is given.
    if (signature) current.hidden.set(signature.name, signature);
  }
}

/**
 * Two releases that bring different bytes under one name to one folder, which can happen when a machine joins a second
 * group, are both left out: nobody may get one believing that it is the other. False when the name is left out.
 */
function put(at: ShelfFolder, file: ShelfFile): boolean {
  const there = at.entries.get(file.name);
  if (there && !(there.kind === 'file' && there.digest === file.digest)) {
    at.entries.delete(file.name);
    at.hidden.delete(`${file.name}.p7s`);
    at.disputed.add(file.name);
  }
  if (at.disputed.has(file.name)) return false;
  at.entries.set(file.name, there ?? file);
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
