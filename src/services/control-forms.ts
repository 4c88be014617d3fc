import { DomainError } from '../domain/errors.ts';
import type { ProgramFacts } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import { isProgram, Manifest, type ManifestFile, onControl, toControl } from '../domain/manifest.ts';
import { changesNothing, formFor, inControlForm } from '../nc/form/control-form.ts';
import { impossible, nameOnControl } from '../nc/form/control-name.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';
import type { BlobStore } from '../vault/blob-store.ts';

type About = {
  facts: readonly ProgramFacts[];
  /** Without one nothing is changed on the way. */
  profile: MachineProfile | undefined;
  vault: Pick<BlobStore, 'put' | 'streamQuarantined'>;
};

/**
 * The manifest with each program also in the form and under the name that its control needs, durable in quarantine. Throws
 * `form-impossible` and `shelf-name-taken`.
 */
export async function withControlForms(manifest: Manifest, about: About): Promise<Manifest> {
  const numbers = new Map(about.facts.map(({ file, programNumber }) => [file, programNumber]));
  const files = manifest.files.map((file): ManifestFile => {
    const programNumber = isProgram(file.role) ? numbers.get(file.name) : undefined;
    return programNumber === undefined ? file : { ...file, programNumber };
  });
  const made: ManifestFile[] = [];
  for (const file of files) {
    const form = isProgram(file.role) ? await makeForm(file, about) : undefined;
    if (form) made.push(form);
  }
  const all = [...files, ...made];
  requireOwnNames(all);
  const complete = Manifest.safeParse({ ...manifest, files: all });
  if (complete.success) return complete.data;
  throw impossible(complete.error.issues[0]?.message ?? 'the package would not be valid');
}

async function makeForm(file: ManifestFile, { profile, vault }: About): Promise<ManifestFile | undefined> {
  if (!profile) return undefined;
  const { dialect, delivery: needs } = profile;
  const form = formFor(file, { dialect, needs });
  const as = nameOnControl(file, needs.names);
  if (changesNothing(form) && as === file.name) return undefined;
  const stored = await vault.put(inControlForm(vault.streamQuarantined(file.digest), form), limits.fileBytes);
  const { classification } = file;
  return {
    ...{ name: `${file.name}.${toControl}`, role: toControl, ...stored },
    ...(classification ? { classification } : {}),
    made: { from: file.name, as, form },
  };
}

/** A control that cannot tell two names apart would keep the one that came last. */
function requireOwnNames(files: readonly ManifestFile[]): void {
  const taken = new Map<string, string>();
  for (const { as, file } of onControl(files)) {
    const other = taken.get(as.toLowerCase());
    const name = file.made?.from ?? file.name;
    if (other !== undefined)
      throw new DomainError('shelf-name-taken', `${other} and ${name} would both be called ${as} on the control.`);
    taken.set(as.toLowerCase(), name);
  }
}
