import type { ControlNames } from '../../domain/control-form.ts';
import { DomainError } from '../../domain/errors.ts';

type Program = { name: string; programNumber?: string | undefined };

/** The name of a program on its control. Throws `form-impossible` where it cannot have one. */
export function nameOnControl(program: Program, names: ControlNames | undefined): string {
  if (!names) return program.name;
  const named = styled(program, names);
  if (named.length <= names.longest) return named;
  throw impossible(`${named} has more than the ${names.longest} characters that the control shows`);
}

function styled({ name, programNumber }: Program, { style, extension }: ControlNames): string {
  switch (style) {
    case 'as-is':
      return name;
    case 'capitals':
      return name.toUpperCase();
    case 'eight-three':
      return eightThree(name);
    case 'program-number':
      if (programNumber !== undefined && /^O\d+$/.test(programNumber)) return `${programNumber}${extension}`;
      throw impossible(`${name} gives itself no program number, by which its control names it`);
  }
}

/** As controls with a DOS file system have it: what they cannot write is left out, and each side is cut. */
function eightThree(name: string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
  const kept = (part: string, length: number) =>
    part
      .toUpperCase()
      .replace(/[^A-Z0-9_-]/g, '')
      .slice(0, length);
  const [first, last] = [kept(stem, 8), kept(extension, 3)];
  if (first === '') throw impossible(`${name} has no letter or digit that an 8.3 name may have`);
  return last === '' ? first : `${first}.${last}`;
}

export const impossible = (why: string): DomainError =>
  new DomainError('form-impossible', `It cannot be given the form that its control needs: ${why}.`);
