import type { SessionView } from '../../edges/http/contract/session.ts';

export type Role = SessionView['person']['roles'][number];

export const roleWords: Readonly<Record<Role, string>> = {
  programmer: 'Programmer',
  'manufacturing-engineer': 'Manufacturing engineering',
  quality: 'Quality',
  'export-compliance': 'Export compliance',
  operator: 'Operator',
  administrator: 'Administrator',
  auditor: 'Auditor',
};

/** On a route, where there is little room. */
export const shortRole: Readonly<Record<Role, string>> = {
  programmer: 'CAM',
  'manufacturing-engineer': 'ME',
  quality: 'QA',
  'export-compliance': 'EXP',
  operator: 'OP',
  administrator: 'ADM',
  auditor: 'AUD',
};
