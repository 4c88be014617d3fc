import type { Statement } from '../program/statement.ts';

/** Calls whose words are arguments and move nothing. */
export const argumentCalls = new Set(['G65', 'G66', 'G66.1', 'O-call']);
/** MCALL and MODOUT alone. */
export const endsModalCall = (statement: Statement): boolean =>
  statement.kind === 'other' && (statement.keyword === 'MODOUT' || statement.keyword === 'MCALL');
