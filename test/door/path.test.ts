import { describe, expect, it } from 'vitest';
import { limits } from '../../src/domain/limits.ts';
import { canonicalPath, resolvePath } from '../../src/door/path.ts';

describe('a path on the shelf', () => {
  it.each([
    ['/', []],
    ['', []],
    ['.', []],
    ['/4711/A/op10.nc', ['4711', 'A', 'op10.nc']],
    ['4711/A', ['4711', 'A']],
    ['//4711/./A/', ['4711', 'A']],
    ['/Gehäuse Ø30.nc', ['Gehäuse Ø30.nc']],
    ['/..hidden/a..b', ['..hidden', 'a..b']],
    [`/${'n'.repeat(255)}`, ['n'.repeat(255)]],
  ])('%j is the names %j', (path, names) => {
    expect(resolvePath(Buffer.from(path))).toEqual(names);
    expect(canonicalPath(path)).toEqual(names);
  });

  it.each([
    ['a NUL', '/4711\0.nc'],
    ['a line end', '/4711\n.nc'],
    ['DEL', '/4711\u007f'],
    ['a C1 control', '/4711\u0085'],
    ['a backslash', '/4711\\A'],
    ['the NFD twin of a name', '/Geha\u0308use.nc'],
    ['a name over 255 bytes', `/${'ä'.repeat(128)}`],
    ['more bytes than the limit', `/${'n/'.repeat(limits.doorPathBytes / 2)}`],
    ['5 kB', `/${'a'.repeat(100)}`.repeat(50)],
  ])('is refused with %s', (_what, path) => {
    expect(resolvePath(Buffer.from(path))).toBeUndefined();
    expect(canonicalPath(Buffer.from(path))).toBeUndefined();
  });

  it.each([
    ['a lone continuation byte', [0x2f, 0x80]],
    ['a truncated sequence', [0x2f, 0xc3]],
    ['an overlong slash', [0x61, 0xc0, 0xaf, 0x62]],
    ['a surrogate half', [0xed, 0xa0, 0x80]],
    ['Latin-1', [0x2f, 0x47, 0xe4]],
  ])('is refused when its bytes are not UTF-8: %s', (_what, raw) => {
    expect(resolvePath(Buffer.from(raw))).toBeUndefined();
  });

  it('keeps a byte order mark, so that two byte strings never become one name', () => {
    expect(resolvePath(Buffer.from('\ufeff4711'))).toEqual(['\ufeff4711']);
  });

  it.each(['/..', '/4711/../4712', '../etc/passwd', '/4711/..'])('is refused with a step up: %s', (path) => {
    expect(resolvePath(path)).toBeUndefined();
  });

  it.each([
    ['/4711/A/..', ['4711']],
    ['/4711/../4712', ['4712']],
    ['/../../etc', ['etc']],
    ['..', []],
  ])('is named canonically without leaving the tree: %s', (path, names) => {
    expect(canonicalPath(path)).toEqual(names);
  });
});
