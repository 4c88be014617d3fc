import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { profileMistakes } from '../nc/preflight/catalogue.ts';
import { MachineProfile } from '../nc/profile/profile.ts';
import { readConfigFile } from '../platform/config.ts';

/** One profile, strictly. Throws `config-invalid` with file and key. */
export function readMachineProfile(file: string): MachineProfile {
  const profile = readConfigFile(file, MachineProfile);
  const [mistake] = profileMistakes(profile);
  if (mistake) throw invalid(file, mistake);
  return profile;
}

const invalid = (file: string, what: string, cause?: unknown) =>
  new DomainError('config-invalid', `${file}: ${what}.`, { cause });

/** What the machines of each group read, can do and may. Read once, at start. */
export class MachineProfiles {
  readonly #byGroup: ReadonlyMap<string, MachineProfile>;

  private constructor(byGroup: ReadonlyMap<string, MachineProfile>) {
    this.#byGroup = byGroup;
  }

  /** Every `*.yaml` of a folder. Two profiles for one group are a mistake: which of them would count? */
  static load(folder: string): MachineProfiles {
    const byGroup = new Map<string, MachineProfile>();
    for (const name of names(folder)) {
      const profile = readMachineProfile(join(folder, name));
      for (const group of profile.groups) {
        const other = byGroup.get(group);
        if (other) throw invalid(join(folder, name), `groups: ${group} already has the profile ${other.name}`);
        byGroup.set(group, profile);
      }
    }
    return new MachineProfiles(byGroup);
  }

  forGroup(group: string): MachineProfile | undefined {
    return this.#byGroup.get(group);
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort();
  } catch (error) {
    throw invalid(folder, 'machineProfiles: the folder cannot be read', error);
  }
}
