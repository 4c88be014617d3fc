import { useQuery } from '@tanstack/react-query';
import { getJson } from '../../queries/api.ts';
import { api } from '../../queries/paths.ts';
import type { Schema } from './schema-text.ts';

type Content = Readonly<Record<string, { schema?: Schema }>>;
type Said = {
  operationId: string;
  summary: string;
  'x-keyway-access': string;
  'x-keyway-fresh'?: boolean;
  parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Readonly<Record<string, { content: Content }>>;
};
export type Description = { paths: Readonly<Record<string, Readonly<Record<string, Said>>>> };
export type Operation = Said & { method: string; path: string };

export const useDescription = () =>
  useQuery<Description>({ queryKey: ['openapi'], queryFn: () => getJson(api.openApi), staleTime: Infinity });

/** By the noun that their path begins with, in the order of the nouns. */
export function groupsOf({ paths }: Description, text: string): (readonly [noun: string, Operation[]])[] {
  const wanted = text.trim().toLowerCase();
  const groups = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, said] of Object.entries(methods)) {
      const operation = { ...said, method: method.toUpperCase(), path };
      if (!`${operation.method} ${path} ${said.operationId} ${said.summary}`.toLowerCase().includes(wanted)) continue;
      const noun = path.split('/')[1] ?? '';
      groups.set(noun, [...(groups.get(noun) ?? []), operation]);
    }
  return [...groups].sort(([one], [other]) => one.localeCompare(other));
}
