import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { parseStrictJson } from '../../../src/edges/http/json.ts';

const read = (text: string | Buffer) => parseStrictJson(Buffer.from(text as string));

describe('JSON is read as one meaning or not at all', () => {
  it.each<[string, unknown]>([
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', { a: 1, b: { a: 2 }, c: [{ a: 3 }, { a: 4 }] }],
    ['{"a":"a","b":["a","a"]}', { a: 'a', b: ['a', 'a'] }],
    ['{"a":"\\"a\\":1,{[","b":1}', { a: '"a":1,{[', b: 1 }],
    ['[]', []],
    ['"a"', 'a'],
  ])('%s is taken', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ['one name twice', '{"a":1,"a":1}'],
    ['one name twice, escaped the second time', '{"a":1,"\\u0061":2}'],
    ['one name twice, apart', '{"a":1,"b":{"c":[1,{"d":2}]},"a" : 3}'],
    ['one name twice in an inner object', '[{"x":{"a":1,"a":2}}]'],
    ['a name with an escaped quote twice', '{"a\\"":1,"a\\"":2}'],
    ['the prototype twice', '{"__proto__":1,"__proto__":2}'],
    ['a comment', '{"a":1}//'],
    ['single quotes', "{'a':1}"],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
  ])('%s is refused', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  it('bytes that are not UTF-8 are refused', () => {
    expect(() => read(Buffer.from([0x22, 0xff, 0x22]))).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  it('the longest string and the deepest nest that fit a body are read in one pass', () => {
    const long = 'x'.repeat(limits.httpBodyBytes - 20);
    expect(read(JSON.stringify({ a: long, b: '\\'.repeat(10) }))).toMatchObject({ a: long });
    const half = limits.httpBodyBytes / 2;
    expect(() => read(`${'['.repeat(half)}${']'.repeat(half)}`)).not.toThrow();
    expect(() => read(`{"a":"${'\\"'.repeat(half / 2)}","a":1}`)).toThrow(
      expect.objectContaining({ code: 'request-invalid' }),
    );
  });
});
