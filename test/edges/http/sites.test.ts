import { expect, test } from 'vitest';
import { Sites } from '../../../src/edges/http/sites.ts';

const sites = new Sites([
  { cidr: '10.20.0.0/16', site: 'PLANT-1', country: 'US' },
  { cidr: '10.20.7.0/24', site: 'WERK-2', country: 'DE' },
  { cidr: '2001:db8::/32', site: 'PLANT-3', country: 'US' },
]);

test.each([
  ['10.20.1.4', 'PLANT-1'],
  ['10.20.7.4', 'WERK-2'],
  ['::ffff:10.20.7.4', 'WERK-2'],
  ['2001:db8::1', 'PLANT-3'],
  ['10.21.0.1', undefined],
  ['::ffff:10.21.0.1', undefined],
  ['2001:db9::1', undefined],
  ['not an address', undefined],
  ['', undefined],
  [undefined, undefined],
])('a request from %s is at %s', (address, site) => expect(sites.of(address)?.site).toBe(site));

test('where no range is named, nobody is anywhere', () => expect(new Sites([]).of('10.20.7.4')).toBeUndefined());
