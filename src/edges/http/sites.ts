import { BlockList, isIP } from 'node:net';
import type { SiteRange } from '../../platform/config.ts';

export type Place = Pick<SiteRange, 'site' | 'country'>;

/**
 * Where a request comes from, by the range that its address is in, the narrowest first. It says where a request is and not
 * where a person belongs: somebody of the plant in Ohio who travels is where their computer is. An address that no
 * range names is of no known place.
 */
export class Sites {
  readonly #ranges: { place: Place; holds: BlockList }[];

  constructor(ranges: readonly SiteRange[]) {
    this.#ranges = [...ranges]
      .sort((a, b) => prefixOf(b) - prefixOf(a))
      .map(({ cidr, site, country }) => {
        const [address = '', prefix] = cidr.split('/');
        const holds = new BlockList();
        holds.addSubnet(address, Number(prefix), familyOf(address));
        return { place: { site, country }, holds };
      });
  }

  of(address: string | undefined): Place | undefined {
    // A peer of IPv4 that a socket for both families names (RFC 4291 2.5.5.2) is found among the ranges of IPv4.
    if (address === undefined || isIP(address) === 0) return undefined;
    return this.#ranges.find(({ holds }) => holds.check(address, familyOf(address)))?.place;
  }
}

/** A range of IPv4 is never beside one of IPv6. */
const prefixOf = ({ cidr }: SiteRange): number => Number(cidr.split('/')[1]);
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
