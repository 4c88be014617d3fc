import type { Standing } from '../catalog/standing.ts';
import type { ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { MachineId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { onControl } from '../domain/manifest.ts';
import type { LeftOut, MediaFile } from '../domain/media.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import { machineAsker } from './shelf.ts';

type LeftOutParts = { standing: Pick<Standing, 'machine' | 'releases'>; authority: Pick<Authority, 'decide'> };

/**
 * The releases for a machine of which a stick does not carry every program, each with the reason. Of a release that the asker
 * may not see nothing is said.
 */
export function leftOut(
  asker: Asker,
  machine: MachineId,
  carried: readonly MediaFile[],
  { standing, authority }: LeftOutParts,
): LeftOut[] {
  const { groups = [] } = standing.machine(machine)?.machine ?? {};
  const control = machineAsker({ machine, channel: 'media' });
  const found: LeftOut[] = [];
  for (const release of standing.releases()) {
    const { packageId, manifest, releaseId } = release;
    const facts = packageFacts(packageId, manifest);
    if (!groups.includes(manifest.machineGroup) || authority.decide('view', asker, facts).verdict !== 'permit')
      continue;
    const refused = [authority.decide('deliver', control, facts), authority.decide('send', asker, facts)].find(
      ({ verdict }) => verdict !== 'permit',
    );
    const why = refused ? refused.reasons.join(' ') : disputed(release, carried);
    if (why === undefined) continue;
    const { part, revision, operation } = manifest;
    found.push({ releaseId, part, revision, operation, why });
    if (found.length === limits.filesPerMedia) break;
  }
  return found;
}

/** A name that two releases bring with different bytes is on no shelf. */
function disputed({ manifest }: ReleaseStanding, carried: readonly MediaFile[]): string | undefined {
  const missing = onControl(manifest.files).find(({ as }) => !carried.some(({ name }) => name === as));
  return missing && `Another release brings other bytes under the name ${missing.as}: neither is on the stick.`;
}
