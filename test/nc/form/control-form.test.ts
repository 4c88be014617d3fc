import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlForm, ControlNeeds } from '../../../src/domain/control-form.ts';
import { canonicalDigests } from '../../../src/nc/canon/canonical-digests.ts';
import { writings } from '../../../src/nc/canon/writing.ts';
import { changesNothing, formFor, inControlForm } from '../../../src/nc/form/control-form.ts';
import { nameOnControl } from '../../../src/nc/form/control-name.ts';

const plain: ControlForm = formFor({ name: 'O1.NC' }, { dialect: 'iso', needs: ControlNeeds.parse({}) });
const program = '%\r\nO4471 (Bracket)\r\nN10 G20 g90\r\nN20 T1 M6\r\n/N30 G0 X1. (Ø 5 mm)\r\n\r\nM30\r\n%\r\n';

/** Latin-1, as controls have it: every byte is one character. */
async function formed(text: string, form: Partial<ControlForm>, cuts: readonly number[] = []): Promise<string> {
  const bytes = Buffer.from(text, 'latin1');
  const chunks = async function* () {
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      yield bytes.subarray(from, cut);
      from = cut;
    }
  };
  const out: Uint8Array[] = [];
  for await (const piece of inControlForm(chunks(), { ...plain, ...form })) out.push(piece);
  return Buffer.concat(out).toString('latin1');
}
const impossible = expect.objectContaining({ code: 'form-impossible' });

describe('the form of a program for its control', () => {
  it('changes nothing where the control needs nothing', async () => {
    expect(changesNothing(plain)).toBe(true);
    expect(await formed(program, {})).toBe(program);
  });

  it('ends blocks as the control reads them, whatever ended them before, and keeps empty ones', async () => {
    const mixed = 'G0\rG1\nG2\r\nG3\n\r\rG4\n\nM30';
    expect(await formed(mixed, { lineEnds: 'lf' })).toBe('G0\nG1\nG2\nG3\nG4\n\nM30\n');
    expect(await formed(mixed, { lineEnds: 'lf-cr-cr' })).toBe(
      'G0\n\r\rG1\n\r\rG2\n\r\rG3\n\r\rG4\n\r\r\n\r\rM30\n\r\r',
    );
    expect(await formed(mixed, { lineEnds: 'crlf' })).toContain('G3\r\nG4\r\n\r\nM30\r\n');
  });

  it('puts % at both ends where there is none, and no second one where there is', async () => {
    expect(await formed('O1\nM30', { percent: 'both-ends' })).toBe('%\nO1\nM30\n%\n');
    expect(await formed('%\nO1\nM30\n%', { percent: 'both-ends' })).toBe('%\nO1\nM30\n%\n');
    expect(await formed('%\nO1\nM30\n%\n\n', { percent: 'both-ends' })).toBe('%\nO1\nM30\n%\n\n');
  });

  it('has a leader of NUL bytes before and behind', async () => {
    expect(await formed('%\nM30\n%\n', { leader: 3 })).toBe('\0\0\0%\nM30\n%\n\0\0\0');
  });

  it('gives its number to a program that gives itself none', async () => {
    const needs = ControlNeeds.parse({ number: 'from-name' });
    const form = formFor({ name: 'BRKT 4471.NC' }, { dialect: 'iso', needs });
    expect(form.number).toBe('O4471');
    expect(await formed('%\r\nG20\r\nM30\r\n%\r\n', form)).toBe('%\r\nO4471\r\nG20\r\nM30\r\n%\r\n');
    expect(await formed('G20\nM30\n', form)).toBe('O4471\nG20\nM30\n');
    expect(formFor({ name: 'X.NC', programNumber: 'O7' }, { dialect: 'iso', needs }).number).toBeUndefined();
    expect(() => formFor({ name: 'BRACKET.NC' }, { dialect: 'iso', needs })).toThrow(impossible);
  });

  it('is without sequence numbers where no block refers to one, and impossible where one does', async () => {
    const without = await formed(program, { sequenceNumbers: 'removed' });
    expect(without).toBe('%\r\nO4471 (Bracket)\r\nG20 g90\r\nT1 M6\r\n/ G0 X1. (Ø 5 mm)\r\n\r\nM30\r\n%\r\n');
    for (const jump of ['GOTO 20', 'M99 P20', 'G71 P10 Q20 U.1 W.1', 'M97 P20'])
      await expect(formed(`N10 G0 X1.\nN20 ${jump}\n`, { sequenceNumbers: 'removed' })).rejects.toThrow(impossible);
  });

  it('is in capitals outside of comments and texts', async () => {
    const text = 'g0 x1. (Do not touch)\ncall "Sub"\n';
    expect(await formed(text, { dialect: 'okuma', letters: 'capitals' })).toBe('G0 X1. (Do not touch)\nCALL "Sub"\n');
  });

  it('has comments in ASCII or none, and is impossible where code is not ASCII', async () => {
    expect(await formed('G0 (Ø 5)\n', { comments: 'ascii' })).toBe('G0 (? 5)\n');
    expect(await formed('G0 (Ø 5)\n(all)\nM30\n', { comments: 'removed' })).toBe('G0 \n\nM30\n');
    await expect(formed('G0 Ø\n', { comments: 'ascii' })).rejects.toThrow(impossible);
  });

  it('is impossible for a line that nobody can read', async () => {
    await expect(formed(`G1 X${'1'.repeat(200_000)}`, { lineEnds: 'lf' })).rejects.toThrow(impossible);
  });
});

const anyForm: fc.Arbitrary<Partial<ControlForm>> = fc.record({
  lineEnds: fc.constantFrom('as-is', 'lf', 'crlf', 'cr', 'lf-cr-cr'),
  percent: fc.constantFrom('as-is', 'both-ends'),
  leader: fc.constantFrom(0, 5),
  letters: fc.constantFrom('as-is', 'capitals'),
  comments: fc.constantFrom('as-is', 'removed'),
});
const anyText = fc
  .array(
    fc.constantFrom('G1', 'X1.', '(a (b)', '(Hole)', '%', ' ', '/', 'N5', 'x2', '\n', '\r', '\r\n', '\n\r\r', '#1=5'),
  )
  .map((parts) => parts.join(''));

describe('whatever the form and the program', () => {
  it('the result is the same however the bytes come in, or the program has no such form', async () => {
    const cuts = fc.array(fc.nat(60), { maxLength: 6 }).map((at) => at.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(anyText, anyForm, cuts, async (text, form, at) => {
        const end = Buffer.byteLength(text, 'latin1');
        const one = await formed(text, form).catch((error: { code: string }) => error.code);
        const other = await formed(
          text,
          form,
          at.filter((cut) => cut <= end),
        ).catch((error: { code: string }) => error.code);
        expect(other).toBe(one);
      }),
    );
  });

  it('a program in its form has the form already', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyForm, async (text, form) => {
        const once = await formed(text, { ...form, leader: 0 }).catch(() => undefined);
        if (once !== undefined) expect(await formed(once, { ...form, leader: 0 })).toBe(once);
      }),
    );
  });
});

describe('names on the control', () => {
  const named = (name: string, style: 'as-is' | 'capitals' | 'eight-three' | 'program-number', longest = 32) =>
    nameOnControl({ name, programNumber: /O\d+/.exec(name)?.[0] }, { style, extension: '', longest });

  it('are as the control can have them', () => {
    expect(named('Bracket op20.nc', 'capitals')).toBe('BRACKET OP20.NC');
    expect(named('BRKT-4471-D op20.nc', 'eight-three')).toBe('BRKT-447.NC');
    expect(named('Bracket O4471.nc', 'program-number')).toBe('O4471');
    expect(() => named('Bracket.nc', 'program-number')).toThrow(impossible);
    expect(() => named('é.nc', 'eight-three')).toThrow(impossible);
    expect(() => named('a long name for an old control.nc', 'capitals', 24)).toThrow(impossible);
  });
});

const realPrograms = new URL('../../../config/sample', import.meta.url).pathname;
describe('real programs', () => {
  it.each(readdirSync(realPrograms).filter((name) => name.endsWith('.NC')))(
    '%s keeps its canonical form',
    async (name) => {
      const text = readFileSync(join(realPrograms, name), 'latin1');
      const sent = await formed(text, { lineEnds: 'lf-cr-cr', leader: 20, percent: 'both-ends' });
      const rules = {
        blockEnds: 'any',
        frame: 'ignored',
        blanks: 'kept',
        smallLetters: 'kept',
        comments: 'kept',
      } as const;
      const canonical = (program: string) =>
        canonicalDigests(Buffer.from(program, 'latin1'), writings.iso, { ...rules, sequenceNumbers: 'kept' }).canonical;
      expect(sent).not.toBe(text);
      expect(canonical(sent)).toBe(canonical(text));
    },
  );
});
