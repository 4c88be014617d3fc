import { describe, expect, it } from 'vitest';
import type { MachineId } from '../../../src/domain/ids.ts';
import { nameOfProgram, readRequest, shelfPath } from '../../../src/edges/serial/frame-names.ts';
import { FakeShelf } from '../../helpers/sftp-fake-shelf.ts';

const machine = 'FANUC-99' as MachineId;
const frame = (text: string) => Buffer.from(text, 'latin1');

describe('a request block', () => {
  it.each([
    ['%\r\nO1234\r\n%\r\n', 1234],
    ['%\n:0071\n%', 71],
    ['%\n\nO1\n\n%\n', 1],
  ])('of the form o-number asks for that program: %j', (text, number) => {
    expect(readRequest(frame(text), 'o-number')).toEqual({ number });
  });

  it.each([
    ['%\n(GET O4471.NC)\n%', 'O4471.NC'],
    ['%\nO9999\n(get FLANGE-2.H)\n%', 'FLANGE-2.H'],
  ])('of the form comment asks for a name: %j', (text, name) => {
    expect(readRequest(frame(text), 'comment')).toEqual({ name });
  });

  it.each([
    ['a program with one block more', '%\nO1234\nM30\n%', 'o-number'],
    ['a comment behind the number', '%\nO1234 (FLANGE)\n%', 'o-number'],
    ['two numbers', '%\nO1\nO2\n%', 'o-number'],
    ['no % at the end', '%\nO1234\nM30\n', 'o-number'],
    ['no % at the beginning', '(A)\nO1234\n%\n', 'o-number'],
    ['two names in two blocks', '%\n(GET O1)\n(GET O2)\n%', 'comment'],
    ['a number of nine digits', '%\nO123456789\n%', 'o-number'],
    ['a number where a name is asked for', '%\nO1234\n%', 'comment'],
    ['another comment', '%\n(GOT O1)\n%', 'comment'],
    ['a path', '%\n(GET ../O1)\n%', 'comment'],
    ['two names', '%\n(GET O1)(GET O2)\n%', 'comment'],
    ['a line that knows no requests', '%\nO1234\n%', 'none'],
    ['a request behind much else', `%\n${'\n'.repeat(300)}O1\n%`, 'o-number'],
  ] as const)('is none, and so a program that comes back: %s', (_what, text, form) => {
    expect(readRequest(frame(text), form)).toBeUndefined();
  });
});

describe('a number that a control asks for', () => {
  const pathOf = async (number: number, ...files: string[]) => {
    const shelf = new FakeShelf();
    for (const file of files) shelf.put(machine, file, '%');
    return (await shelfPath({ number }, (path) => shelf.list(machine, path))).join('/');
  };

  it('is counted, not spelt', async () => {
    const files = ['by-number/O0071/PART.NC', 'by-number/O710/PART-2.NC'];
    expect(await pathOf(71, ...files)).toBe('by-number/O0071/PART.NC');
    expect(await pathOf(710, ...files)).toBe('by-number/O710/PART-2.NC');
  });

  it('names no file where two programs have it, or none', async () => {
    expect(await pathOf(71, 'by-number/O71/A.NC', 'by-number/O71/B.NC')).toBe('by-number/O71');
    expect(await pathOf(71, 'by-number/O71/A.NC', 'by-number/O0071/B.NC')).toBe('by-number/O71');
    expect(await pathOf(72, 'by-number/O71/A.NC')).toBe('by-number/O72');
    expect(await pathOf(72)).toBe('by-number/O72');
    expect(await pathOf(71, 'by-number/O71/OLD/A.NC')).toBe('by-number/O71');
  });
});

it.each([
  ['%\r\nO1234(FLANGE)\r\nM30\r\n%', 'O1234'],
  ['%\n:0071\n%', 'O0071'],
  ['%\n<BRACKET-7>\nM30\n%', 'BRACKET-7'],
  ['$BRACKET.MIN%\nM2\n', 'BRACKET.MIN'],
  ['0 BEGIN PGM FLANGE MM\n1 END PGM FLANGE MM\n', 'FLANGE.H'],
  ['%_N_FLANGE_MPF\nM30\n', 'FLANGE.MPF'],
  ['%\nN10 G0 X0\n%', 'UNNAMED'],
])('a program comes back under the name that it says: %j', (text, name) => {
  expect(nameOfProgram(frame(text))).toBe(name);
});
