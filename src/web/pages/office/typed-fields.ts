/** One field of a form. `path`: where its value stands in what is signed, such as `line.at.host`. */
export type Field = {
  path: string;
  label: string;
  /** `words`: typed with commas between; `lines`: one a line; `choice`: one of `choices`; `some`: any of them. */
  as: 'text' | 'block' | 'number' | 'words' | 'lines' | 'day' | 'choice' | 'number-choice' | 'some' | 'yes';
  choices?: Readonly<Record<string, string>>;
  isNeeded?: true;
  /** An id that was given once. */
  isFixed?: true;
  hint?: string;
};
export type FieldGroup = { legend?: string; fields: readonly Field[] };

/** What was typed, by the path of its field. */
export type Typed = Readonly<Record<string, string>>;

/** What was typed as it will be signed; what is empty is not said, where it may be left out. */
export function madeOf(typed: Typed, groups: readonly FieldGroup[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const field of fieldsOf(groups)) {
    const value = said(field, (typed[field.path] ?? '').trim());
    if (value !== undefined) put(made, field.path.split('.'), value);
  }
  return made;
}

/** What stands in a form about something that there is. */
export function typedOf(known: object, groups: readonly FieldGroup[]): Typed {
  const entries = fieldsOf(groups).flatMap(({ path }) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], known);
    return value === undefined ? [] : [[path, textOf(value, path)] as const];
  });
  return Object.fromEntries(entries);
}

/** By their labels, what has to be said before anybody can sign. */
export const missingOf = (typed: Typed, groups: readonly FieldGroup[]): string[] =>
  fieldsOf(groups).flatMap(({ path, label, as, isNeeded }) =>
    isNeeded && as !== 'yes' && !typed[path]?.trim() ? [label] : [],
  );

const fieldsOf = (groups: readonly FieldGroup[]): Field[] => groups.flatMap(({ fields }) => fields);

function said({ as, isNeeded }: Field, text: string): unknown {
  if (as === 'yes') return text === 'yes' || (isNeeded ? false : undefined);
  if (as === 'words' || as === 'some') return text === '' && !isNeeded ? undefined : split(text, ',');
  if (as === 'lines') return split(text, '\n');
  if (text === '') return undefined;
  // What is no number stays as it was typed, and the gateway says what it has against it.
  if (as === 'number' || as === 'number-choice') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  return as === 'block' ? `${text}\n` : text;
}

const split = (text: string, by: string): string[] => text.split(by).flatMap((one) => one.trim() || []);

function textOf(value: unknown, path: string): string {
  if (Array.isArray(value)) return value.join(path === 'sshKeys' ? '\n' : ', ');
  return typeof value === 'boolean' ? (value ? 'yes' : '') : String(value);
}

function put(into: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = (into[name] ?? {}) as Record<string, unknown>;
  into[name] = inner;
  put(inner, rest, value);
}
