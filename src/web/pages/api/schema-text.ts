/** As much of JSON Schema (draft 2020-12) as the gateway's own description uses. */
export type Schema = {
  $ref?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  type?: string;
  format?: string;
  pattern?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
};

/** What a value may be, the way a programmer would write it down. */
export function schemaText(schema: Schema, indent = ''): string {
  const { $ref, enum: words, type } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? $ref;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (words) return words.map((word) => JSON.stringify(word)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((one) => schemaText(one, indent)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => schemaText(one, indent)).join(' & ');
  if (type === 'array') return listText(schema, indent);
  if (type === 'object') return objectText(schema, indent);
  return `${type ?? 'anything'}${boundsOf(schema)}`;
}

function listText({ items, prefixItems, maxItems }: Schema, indent: string): string {
  if (prefixItems) return `[${prefixItems.map((one) => schemaText(one, indent)).join(', ')}]`;
  const text = items ? schemaText(items, indent) : 'anything';
  const most = maxItems === undefined ? '' : ` (at most ${maxItems})`;
  return `${/ [|&] /.test(text) ? `(${text})` : text}[]${most}`;
}

function objectText({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const named = Object.entries(properties ?? {}).map(
    ([name, one]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaText(one, inner)}`,
  );
  const others =
    typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
      ? [`${inner}[name]: ${schemaText(additionalProperties, inner)}`]
      : [];
  const lines = [...named, ...others];
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

function boundsOf({ format, pattern, minLength, maxLength, minimum, maximum }: Schema): string {
  const said = [
    ...(format === undefined ? [] : [format]),
    ...(pattern === undefined || format !== undefined ? [] : [`/${pattern}/`]),
    ...(minLength === undefined ? [] : [`from ${minLength} characters`]),
    ...(maxLength === undefined ? [] : [`to ${maxLength} characters`]),
    ...(minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? [] : [`from ${minimum}`]),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`to ${maximum}`]),
  ];
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
