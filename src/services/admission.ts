import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage } from '../catalog/standing-kinds.ts';
import { classificationBanner } from '../domain/classification.ts';
import { covers, mostRestrictive } from '../domain/combine-labels.ts';
import { DomainError } from '../domain/errors.ts';
import type { Reason, StoredFile } from '../domain/events.ts';
import type { Finding } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import { jobKey, Manifest, onControl } from '../domain/manifest.ts';
import { promisedDigest, type Sidecar } from '../domain/sidecar.ts';
import type { SignedWaiver, Waived } from '../domain/waivers.ts';
import { sameJson } from '../signing/statements.ts';

/** Why this package cannot stand beside what is registered, open or released. */
export function objections(manifest: Manifest, standing: Standing): Reason[] {
  const unknown = unknownHere(manifest, standing);
  return unknown.length > 0 ? unknown : [...jobObjections(manifest, standing), ...namesTaken(manifest, standing)];
}

/** Of whom and for which machines it is, where nobody here knows them. */
export function unknownHere(manifest: Manifest, standing: Standing): Reason[] {
  if (!standing.person(manifest.author))
    return [reason('author-unknown', 'author', `${manifest.author} is not enrolled. Enrol the author first.`)];
  const groups = new Set([...standing.machines()].flatMap(({ machine }) => machine.groups));
  if (!groups.has(manifest.machineGroup)) {
    return [reason('group-unknown', 'machineGroup', `No registered machine is in the group ${manifest.machineGroup}.`)];
  }
  return [];
}

/** What its part and revision meet that are there already: known before its bytes are. */
export const jobObjections = (manifest: Manifest, standing: Standing): Reason[] => [
  ...revisionTaken(manifest, standing),
  ...labelLowered(manifest, standing),
];

function revisionTaken(manifest: Manifest, standing: Standing): Reason[] {
  const { part, revision, operation } = manifest;
  const taken = standing.packageOfRevision(manifest);
  if (!taken || taken === replacedPackage(manifest, standing)?.packageId) return [];
  const text = `Revision ${revision} of ${part} operation ${operation} was already submitted as ${taken}; a revision never changes, so raise it.`;
  return [reason('revision-taken', 'revision', text)];
}

/** Two labels of one part: the stricter one holds until two people lower it, whoever made the slip. */
function labelLowered(manifest: Manifest, standing: Standing): Reason[] {
  const known = standing.labelOfPart(manifest.part);
  if (!known || covers(manifest.classification, known)) return [];
  const [here, before] = [manifest.classification, known].map(classificationBanner);
  const text = `${manifest.part} was labelled ${before} before and is ${here} now: the stricter label holds. Write it into the sidecar, or have the label lowered by two people.`;
  return [reason('classification-conflict', 'classification', text.slice(0, limits.textChars))];
}

/**
 * The package of the same revision that still waits and that its own author deposits anew with something changed. It
 * gives way, with every approval that it had: those are of other bytes.
 */
export function replacedPackage(manifest: Manifest, standing: Standing): OpenPackage | undefined {
  const { register } = standing;
  const there = standing.openPackage(standing.packageOfRevision(manifest) ?? '');
  if (!there || register.human(there.manifest.author) !== register.human(manifest.author)) return undefined;
  return manifestDifferences(there.manifest, manifest).length > 0 ? there : undefined;
}

/** What is not the same in a later manifest of one job, each in a few words. */
export function manifestDifferences(before: Manifest, after: Manifest): string[] {
  const was = new Map(before.files.map((file) => [file.name, file]));
  const is = new Set(after.files.map(({ name }) => name));
  const files = after.files.flatMap(({ name, digest, role }) => {
    const there = was.get(name);
    if (!there) return [`${name} is new`];
    return there.digest === digest && there.role === role ? [] : [`${name} changed`];
  });
  const gone = before.files.flatMap(({ name }) => (is.has(name) ? [] : [`${name} is gone`]));
  const others = (['classification', 'changeOrder', 'due', 'author', 'waivers'] as const).flatMap((field) =>
    sameJson(before[field] ?? null, after[field] ?? null) ? [] : [`${field} changed`],
  );
  return [...files, ...gone, ...others];
}

/** A control sees one flat folder: two jobs may not bring different bytes under one program name to one machine. */
function namesTaken(manifest: Manifest, standing: Standing): Reason[] {
  const machines = [...standing.machines()].filter(({ machine }) => machine.groups.includes(manifest.machineGroup));
  const groups = new Set(machines.flatMap(({ machine }) => machine.groups));
  const others = [...standing.releases(), ...standing.openPackages()].filter(
    (other) => groups.has(other.manifest.machineGroup) && jobKey(other.manifest) !== jobKey(manifest),
  );
  const names = new Map(
    others.flatMap((other) =>
      onControl(other.manifest.files).map(({ as, file }) => [as.toLowerCase(), { other, file }] as const),
    ),
  );
  return onControl(manifest.files).flatMap(({ as, file, position }) => {
    const there = names.get(as.toLowerCase());
    if (!there || there.file.digest === file.digest) return [];
    const { part, operation } = there.other.manifest;
    const at = manifest.files.findIndex(({ name }) => name === file.made?.from);
    return [
      reason(
        'shelf-name-taken',
        `files[${at < 0 ? position : at}].name`,
        `${as} is already the name of another program, of ${part} operation ${operation}.`,
      ),
    ];
  });
}

const reason = (code: Reason['code'], field: string, message: string): Reason => ({ code, field, message });

export const blockReason = (finding: Finding): Reason =>
  reason(
    'inspection-blocked',
    finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`,
    finding.message,
  );

/** Files that are not the ones that the sidecar promises. */
export function digestProblems(sidecar: Sidecar | undefined, files: readonly StoredFile[]): Reason[] {
  return (sidecar?.files ?? []).flatMap((listed, at) => {
    const promised = promisedDigest(listed);
    const stored = files.find((file) => file.name === listed.name);
    if (!promised || !stored || promised === stored.digest) return [];
    const text = `${listed.name} is ${stored.digest}, not the digest that the sidecar promises: it was changed or is incomplete.`;
    return [reason('digest-mismatch', `files[${at}].sha256`, text)];
  });
}

/** The manifest of a deposit. Throws `file-missing` or `sidecar-invalid` with the field. */
export function makeManifest(sidecar: Sidecar, stored: readonly StoredFile[]): Manifest {
  const { part, revision, operation, machineGroup, author, changeOrder, due } = sidecar;
  const classification = mostRestrictive(
    sidecar.classification,
    ...sidecar.files.flatMap((file) => file.classification ?? []),
  );
  const files = sidecar.files.map((listed, at) => {
    const found = stored.find((file) => file.name === listed.name);
    if (!found)
      throw new DomainError('file-missing', `${listed.name} is listed but was not deposited.`, {
        field: `files[${at}].name`,
      });
    const label = listed.classification;
    return {
      ...{ name: listed.name, role: listed.role, digest: found.digest, size: found.size },
      ...(label ? { classification: label } : {}),
    };
  });
  const manifest = Manifest.safeParse({
    v: 1,
    part,
    revision,
    operation,
    machineGroup,
    author,
    changeOrder,
    ...(due === undefined ? {} : { due }),
    classification,
    files,
  });
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new DomainError('sidecar-invalid', `The sidecar cannot become a package: ${issue?.message ?? 'not valid'}.`, {
    field: issue?.path.join('.') ?? 'files',
  });
}

/** The manifest with what was found and may stand: whoever approves it approves that too. */
export function withWaivers(manifest: Manifest, waived: readonly Waived<SignedWaiver>[]): Manifest {
  if (waived.length === 0) return manifest;
  if (waived.length > limits.waiversPerPackage)
    throw new DomainError('too-large', `More than ${limits.waiversPerPackage} findings of one package are waived.`);
  // One waiver may meet several findings of its line.
  const used = new Map(waived.map(({ waiver }) => [waiver.entry, waiver]));
  const waivers = [...used.values()].map(({ entry, file, rule, line, by, role, envelope }) => ({
    ...{ entry, file, rule, by, role, envelope },
    ...(line === undefined ? {} : { line }),
  }));
  return { ...manifest, waivers };
}
