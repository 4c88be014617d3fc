import { describe, expect, test } from 'vitest';
import { authorizedBy, ExportAuthorization, type Recipient } from '../../src/domain/authorizations.ts';
import type { Classification } from '../../src/domain/classification.ts';

const agreement: ExportAuthorization = {
  ...{ id: 'TAA-17', kind: 'agreement', reference: 'TAA 1234-21', countries: ['DE', 'GB'], parties: ['Werk GmbH'] },
  covers: [{ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' }],
  ...{ expires: '2028-06-30', provisos: [] },
};
const label: Classification = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)(1)' };
const machine: Recipient = { party: 'Werk GmbH', country: 'DE', nationalities: undefined };
const person: Recipient = { party: 'Werk GmbH', country: 'DE', nationalities: ['DE'] };
const ids = (to: Recipient, of: Classification = label, ...named: ExportAuthorization[]) =>
  authorizedBy(named.length > 0 ? named : [agreement], to, of).map(({ id }) => id);

describe('an authorisation', () => {
  test('covers its parties in its countries and in the US, for its categories and what stands below them', () => {
    expect(ids(machine)).toEqual(['TAA-17']);
    expect(ids({ ...machine, country: 'US' })).toEqual(['TAA-17']);
    expect(ids(machine, { ...label, usmlCategory: 'VIII(h)' })).toEqual(['TAA-17']);
    expect(ids(person)).toEqual(['TAA-17']);
  });

  test.each<[string, Recipient, Classification?]>([
    ['another party', { ...machine, party: 'Andere GmbH' }],
    ['a party of another spelling', { ...machine, party: 'werk gmbh' }],
    ['an unknown party', { ...machine, party: undefined }],
    ['another country', { ...machine, country: 'FR' }],
    ['a proscribed country', { ...machine, country: 'CN' }],
    ['an unknown place', { ...person, country: undefined }],
    ['unknown nationality', { ...person, nationalities: [] }],
    ['one more nationality', { ...person, nationalities: ['DE', 'TR'] }],
    ['another category', machine, { ...label, usmlCategory: 'VIII(f)' }],
    [
      'a category whose name begins alike',
      machine,
      { ...label, usmlCategory: 'VIII(h)(12)', also: [{ jurisdiction: 'ITAR', usmlCategory: 'XI(a)' }] },
    ],
    ['no ITAR data', machine, { jurisdiction: 'EAR', eccn: '9E991' }],
  ])('does not cover %s', (_, to, of) => {
    expect(ids(to, of)).toEqual([]);
  });

  test('covers further nationalities only where it says so', () => {
    const wider = { ...agreement, nationalities: ['DE', 'TR'] };
    expect(ids({ ...person, nationalities: ['TR'] }, label, wider)).toEqual(['TAA-17']);
    expect(ids({ ...person, nationalities: ['GB'] }, label, wider)).toEqual([]);
  });

  test('covers a part of it together with another, and alone nothing', () => {
    const both: Classification = { ...label, also: [{ jurisdiction: 'ITAR', usmlCategory: 'XI(a)(1)' }] };
    const other = { ...agreement, id: 'DSP-5', covers: [{ jurisdiction: 'ITAR' as const, usmlCategory: 'XI(a)' }] };
    expect(ids(machine, both)).toEqual([]);
    expect(ids(machine, both, agreement, other)).toEqual(['TAA-17', 'DSP-5']);
    expect(ids(machine, both, agreement, { ...other, countries: ['FR'] })).toEqual([]);
  });

  test.each<[string, object]>([
    ['no country', { countries: [] }],
    ['a country that is none', { countries: ['XX'] }],
    ['nothing that it covers', { covers: [] }],
    ['a category that is not on the list', { covers: [{ jurisdiction: 'ITAR', usmlCategory: 'VIII(z)' }] }],
    ['no last day', { expires: 'never' }],
    ['a field that nobody knows', { everywhere: true }],
  ])('with %s is none', (_, over) => {
    expect(ExportAuthorization.safeParse({ ...agreement, ...over }).success).toBe(false);
  });
});
