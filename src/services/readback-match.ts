import type { DeliveredFile } from '../catalog/queries/returns.ts';
import type { Digest } from '../domain/digest.ts';
import type { MatchedDelivery } from '../domain/readback.ts';

/** What came back, as far as it tells which program it is. `number`: its O-number as digits, where it has one. */
export type CameBack = { name: string; digest: Digest; number: string | undefined };

/**
 * The delivery that a program which came back is measured against: by its name, as controls keep names; else by its very
 * bytes, under whatever name; else by the O-number in it, as controls that know no names do. `delivered` is newest first.
 */
export function matchDelivery(
  { name, digest, number }: CameBack,
  delivered: readonly DeliveredFile[],
): { delivery: DeliveredFile; by: MatchedDelivery['by'] } | undefined {
  const found = (by: MatchedDelivery['by'], fits: (one: DeliveredFile) => boolean) => {
    const delivery = delivered.find(fits);
    return delivery && { delivery, by };
  };
  return (
    found('name', ({ as }) => as.toLowerCase() === name.toLowerCase()) ??
    // Controls drop extensions and put their own.
    found('name', ({ as }) => stem(as) === stem(name)) ??
    found('content', (one) => one.digest === digest) ??
    found('program-number', ({ programNumber }) => number !== undefined && digits(programNumber) === number)
  );
}

const stem = (name: string): string => name.toLowerCase().replace(/(?<=.)\.[^.]*$/, '');
const digits = (number: string | undefined): string | undefined =>
  /(\d+)/.exec(number ?? '')?.[1]?.replace(/^0+(?=\d)/, '');

/** `O4471` or `:4471` at the start of a line, as FANUC and its like head a program. */
export const programNumberOf = (head: Buffer): string | undefined =>
  /^(?:%\s*)?\s*[O:](\d{1,8})/m.exec(head.toString('latin1'))?.[1]?.replace(/^0+(?=\d)/, '');
