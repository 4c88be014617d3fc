import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSecret, secretFile } from '../../src/platform/secret.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const at = (name: string) => join(place.folder, name);
const written = (name: string, text: string, mode = 0o600) => {
  writeFileSync(at(name), text);
  chmodSync(at(name), mode);
  return { path: at(name), guarded: false };
};
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) });

describe('a passphrase in a file', () => {
  it('is the word without the line end that an editor leaves, and with every other space', () => {
    expect(readSecret(written('a', ' correct horse \n'))).toBe(' correct horse ');
    expect(readSecret(written('b', 'Schlüssel\r\n'))).toBe('Schlüssel');
    expect(readSecret(written('c', 'none'))).toBe('none');
  });

  it('is refused where others may read it, where it is a link, a folder, empty or no word at all', () => {
    expect(() => readSecret(written('group', 'x', 0o640))).toThrow(refused(/only its owner may read/));
    symlinkSync(at('a'), at('link'));
    expect(() => readSecret({ path: at('link'), guarded: false })).toThrow(refused(/cannot be opened/));
    mkdirSync(at('folder'), { mode: 0o700 });
    expect(() => readSecret({ path: at('folder'), guarded: false })).toThrow(refused(/regular file/));
    expect(() => readSecret(written('empty', '\n'))).toThrow(refused(/is empty/));
    expect(() => readSecret(written('long', 'x'.repeat(2_000)))).toThrow(refused(/larger than/));
    expect(() => readSecret({ path: at('gone'), guarded: false })).toThrow(refused(/cannot be opened/));
  });
});

describe('a credential of systemd', () => {
  it('is read from the folder that systemd made and guards, whatever its mode', () => {
    const { path } = written('keyway-pin', '271828', 0o440);
    const found = secretFile({ credential: 'keyway-pin' }, place.folder);
    expect(found).toEqual({ path, guarded: true });
    expect(readSecret(found)).toBe('271828');
  });

  it('is refused where systemd handed over none', () => {
    expect(() => secretFile({ credential: 'keyway-pin' }, undefined)).toThrow(refused(/CREDENTIALS_DIRECTORY/));
    expect(() => secretFile({ credential: 'keyway-pin' }, 'relative')).toThrow(refused(/CREDENTIALS_DIRECTORY/));
  });
});
