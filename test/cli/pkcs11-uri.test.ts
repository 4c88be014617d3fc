import { describe, expect, it } from 'vitest';
import { parsePkcs11Uri } from '../../src/cli/pkcs11-uri.ts';

describe('a key that is named by a PKCS#11 URI', () => {
  it('is the key with this label in this token of this module', () => {
    const uri = 'pkcs11:token=CARD%20QA-1;object=sign?module-path=/usr/lib/card.so&pin-source=file:/run/pin';
    expect(parsePkcs11Uri(uri)).toEqual({
      tokenLabel: 'CARD QA-1',
      keyLabel: 'sign',
      token: '/usr/lib/card.so',
      pinFile: '/run/pin',
    });
    expect(parsePkcs11Uri('pkcs11:token=A?module-path=/m.so')).toEqual({ tokenLabel: 'A', token: '/m.so' });
  });

  it.each([
    ['an attribute that would narrow it down and that we do not look at', 'pkcs11:token=A;serial=01?module-path=/m.so'],
    ['the PIN itself, which every list of processes would show', 'pkcs11:token=A?module-path=/m.so&pin-value=1234'],
    ['one attribute twice', 'pkcs11:token=A;token=B?module-path=/m.so'],
    ['a word without a value', 'pkcs11:token'],
    ['two queries', 'pkcs11:token=A?module-path=/m.so?pin-source=/p'],
    ['broken encoding', 'pkcs11:token=%zz?module-path=/m.so'],
    ['a name that every object inherits', 'pkcs11:constructor=A?module-path=/m.so'],
  ])('is refused with %s', (_what, uri) => {
    expect(() => parsePkcs11Uri(uri)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });
});
