import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { KnownPasswords } from '../../src/services/known-passwords.ts';
import { seededBytes } from '../helpers/seeded.ts';

let clock: number;
/** What had to be derived the long way. */
let derived: string[];
let passwords: KnownPasswords;
beforeEach(() => {
  clock = 1_000;
  derived = [];
  passwords = new KnownPasswords({
    clock: () => clock,
    random: seededBytes(5),
    fits: async (password, phc) => {
      derived.push(password);
      return phc === `hash of ${password}`;
    },
  });
});
const logIn = (password: string, phc: string | undefined = `hash of ${password}`) => passwords.fit(password, phc);

describe('a control that logs in again and again', () => {
  it('has its password derived once, and again after a while', async () => {
    for (let n = 0; n < 5; n++) expect(await logIn('of mill 1')).toBe(true);
    expect(derived).toEqual(['of mill 1']);
    clock += limits.passwordKnownMs - 1;
    expect(await logIn('of mill 1')).toBe(true);
    expect(derived).toHaveLength(1);
    clock += 1;
    expect(await logIn('of mill 1')).toBe(true);
    expect(derived).toHaveLength(2);
  });

  it('makes no guess cheaper, neither beside it nor under no name at all', async () => {
    await logIn('of mill 1');
    for (const guess of ['of mill 2', 'of mill 1 ', '', 'OF MILL 1'])
      expect(await logIn(guess, 'hash of of mill 1')).toBe(false);
    expect(await passwords.fit('of mill 1', undefined)).toBe(false);
    expect(derived).toHaveLength(6);
  });

  it('is asked for its new password as soon as it has one', async () => {
    await logIn('of mill 1');
    expect(await logIn('of mill 1', 'hash of a new one')).toBe(false);
    expect(await logIn('a new one')).toBe(true);
    expect(derived).toHaveLength(3);
  });

  it('is forgotten behind as many others as are remembered', async () => {
    for (let n = 0; n <= limits.passwordsKnown; n++) await logIn(`of mill ${n}`);
    derived.length = 0;
    await logIn(`of mill ${limits.passwordsKnown}`);
    await logIn('of mill 1');
    expect(derived).toEqual([]);
    await logIn('of mill 0');
    expect(derived).toEqual(['of mill 0']);
  });
});
