import { NativeSelect } from '@mantine/core';
import { useSearchParams } from 'wouter';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { usePackages } from '../../queries/lists.ts';
import { packageWords as words } from '../../words/review.ts';
import styles from './review.module.css';

/** Any other package of its part; a link may name one of any part. */
export function ComparedWith({ data, against }: { data: PackagePage; against: string | undefined }) {
  const { part, packageId } = data;
  const [, setSearch] = useSearchParams();
  const others = usePackages({ part }).rows.filter((row) => row.packageId !== packageId);
  const isListed = against === undefined || others.some((row) => row.packageId === against);
  if (others.length === 0 && isListed) return null;
  return (
    <NativeSelect
      className={styles.compared ?? ''}
      size="xs"
      label={words.comparedWith}
      value={against ?? ''}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setSearch(value === '' ? {} : { against: value }, { replace: true });
      }}
      data={[
        { value: '', label: words.theOneBefore },
        ...others.map(({ packageId: value, revision, operation }) => ({
          value,
          label: words.another(revision, operation, value),
        })),
        ...(isListed ? [] : [against]),
      ]}
    />
  );
}
