import type { Standing } from '../catalog/standing.ts';
import { classificationBanner } from '../domain/classification.ts';
import { mostRestrictive } from '../domain/combine-labels.ts';
import type { Reason } from '../domain/events.ts';
import type { Manifest } from '../domain/manifest.ts';
import { promisedDigest, type Sidecar } from '../domain/sidecar.ts';
import { digestOf } from '../platform/hash.ts';
import { jobObjections, makeManifest, unknownHere } from './admission.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import { nameOfJob, othersWork, parseSidecar } from './sidecar.ts';

type DepositCheckParts = { standing: Standing; authority: Pick<Authority, 'decide'> };
export type AskedCheck = { fileName: string; bytes: Buffer; files?: readonly string[] | undefined };
export type DepositChecked = {
  good: boolean;
  problems: Reason[];
  banner?: string;
  missing: string[];
  unlisted: string[];
};

/** What stands in the place of bytes that are not here yet. */
const noBytes = digestOf('');

/** Looks at what a programmer says of a deposit before anything of it is sent. Nothing is kept, and nothing comes of it. */
export class DepositCheck {
  readonly #parts: DepositCheckParts;

  constructor(parts: DepositCheckParts) {
    this.#parts = parts;
  }

  /** Throws `request-invalid` for the name of a sidecar that is none. */
  check(asker: Asker, { fileName, bytes, files }: AskedCheck): DepositChecked {
    nameOfJob(fileName);
    const parsed = parseSidecar(fileName, bytes);
    if (!('sidecar' in parsed)) return { good: false, problems: parsed.problems, missing: [], unlisted: [] };
    const { sidecar } = parsed;
    const listed = sidecar.files.map(({ name }) => name);
    const missing = files ? listed.filter((name) => !files.includes(name)) : [];
    const unlisted = files?.filter((name) => !listed.includes(name)) ?? [];
    const manifest = expectedManifest(sidecar);
    const problems = [othersWork(asker, sidecar) ?? [], this.#problemsOf(asker, manifest)].flat();
    const banner = classificationBanner(manifest.classification);
    return { good: problems.length === 0 && missing.length === 0, problems, banner, missing, unlisted };
  }

  #problemsOf(asker: Asker, manifest: Manifest): Reason[] {
    const { standing } = this.#parts;
    const unknown = unknownHere(manifest, standing);
    if (unknown.length > 0) return unknown;
    return [
      ...this.#refused(asker, manifest),
      ...(this.#seesPart(asker, manifest) ? jobObjections(manifest, standing) : []),
    ];
  }

  #refused({ context }: Asker, manifest: Manifest): Reason[] {
    const { verdict, reasons } = this.#decide('submit', asPerson(manifest.author, context), manifest);
    return verdict === 'permit' ? [] : [{ code: 'policy-denied', field: 'classification', message: reasons.join(' ') }];
  }

  /** Whoever may not see what is there of a part is told nothing of it, not even that it is there. */
  #seesPart(asker: Asker, manifest: Manifest): boolean {
    const known = this.#parts.standing.labelOfPart(manifest.part);
    if (!known) return true;
    const classification = mostRestrictive(known, manifest.classification);
    return this.#decide('view', asker, { ...manifest, classification }).verdict === 'permit';
  }

  #decide(action: 'submit' | 'view', asker: Asker, manifest: Manifest) {
    return this.#parts.authority.decide(action, asker, packageFacts('not deposited', manifest));
  }
}

/** As it would be with its bytes, of which it says nothing. */
const expectedManifest = (sidecar: Sidecar): Manifest =>
  makeManifest(
    sidecar,
    sidecar.files.map((file) => ({ name: file.name, digest: promisedDigest(file) ?? noBytes, size: 1 })),
  );
