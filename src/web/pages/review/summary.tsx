import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { Digest } from '../../parts/digest.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { changeWords, packageWords, stateWords } from '../../words/review.ts';
import styles from './review.module.css';

export const packageTone: Readonly<Record<PackagePage['state'], Tone>> = {
  submitted: 'waiting',
  released: 'good',
  refused: 'bad',
  withdrawn: 'bad',
  replaced: 'over',
};

/** What it is, on one line under the title. */
export function Summary({ data }: { data: PackagePage }) {
  const { state, packageId, machineGroup, author, manifest, manifestDigest, time, route, reason } = data;
  return (
    <p className={styles.summary}>
      <StateBadge tone={packageTone[state]}>{stateWords[state]}</StateBadge>
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
