import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { Digest } from '../../parts/digest.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { changeWords, packageWords, releaseWords, stateWords } from '../../words/review.ts';
import styles from './review.module.css';

type ReleaseState = NonNullable<PackagePage['release']>['state'];

export const packageTone: Readonly<Record<PackagePage['state'], Tone>> = {
  submitted: 'waiting',
  released: 'good',
  refused: 'bad',
  withdrawn: 'bad',
  replaced: 'over',
};

const releaseTone: Readonly<Record<ReleaseState, Tone>> = { 'in-force': 'good', superseded: 'over', withdrawn: 'bad' };

/** What it is, on one line under the title: of what was released, what became of its release. */
export function Summary({ data }: { data: PackagePage }) {
  const { release, state, packageId, machineGroup, author, manifest, manifestDigest, time, route } = data;
  const reason = release?.reason ?? data.reason;
  return (
    <p className={styles.summary}>
      {release && state === 'released' ? (
        <StateBadge tone={releaseTone[release.state]}>{releaseWords[release.state]}</StateBadge>
      ) : (
        <StateBadge tone={packageTone[state]}>{stateWords[state]}</StateBadge>
      )}
      <span>{packageId}</span>
      <span>{machineGroup}</span>
      <span>{manifest.changeOrder}</span>
      <span>{changeWords[route.change]}</span>
      <span>
        {packageWords.by} {author}, <Time at={time} />
      </span>
      {manifest.due && <strong>{packageWords.due(manifest.due)}</strong>}
      <Digest value={manifestDigest} />
      {reason && <span className={styles.reason}>{reason}</span>}
    </p>
  );
}
