import type { Problem } from '../../edges/http/contract/common.ts';

type Code = Problem['code'];

/** What happened, as the headline over the gateway's own sentence. */
const headlines: Partial<Record<Code, string>> = {
  unauthenticated: 'You are not signed in',
  forbidden: 'This is not yours to do',
  'policy-denied': 'Policy does not allow it',
  'not-found': 'There is nothing here that you may see',
  conflict: 'Somebody was quicker',
  'state-forbids': 'Its state has changed',
  'request-invalid': 'Something in it is not right',
  'sidecar-invalid': 'The description is not right',
  'classification-missing': 'The classification is missing',
  'inspection-blocked': 'Inspection keeps it back',
  'signature-invalid': 'The signature does not count',
  'statement-mismatch': 'What was signed is not what is there now',
  'author-may-not-approve': 'You wrote it, so that you cannot approve it',
  'already-counted': 'You signed it already',
  'role-not-held': 'You do not hold this role',
  'assurance-too-low': 'This route wants a stronger key',
  'first-article-undecided': 'The first article has to be decided',
  'ledger-unavailable': 'The ledger takes no entries',
  'signer-unavailable': 'The signer does not answer',
  'storage-full': 'The disk is full',
  busy: 'The gateway is busy',
  'too-large': 'It is too large',
  'digest-mismatch': 'What arrived is not what was sent',
  internal: 'Something unforeseen happened',
};

const helpers: Partial<Record<Code, string>> = {
  'policy-denied': 'Export compliance knows what may be shown to whom.',
  forbidden: 'Your administrator knows who may do it.',
  'role-not-held': 'Your administrator enrols people and roles.',
  'assurance-too-low': 'Your administrator can enrol a passkey or card for you.',
  'key-revoked': 'Your administrator can enrol a new key.',
  'group-unknown': 'Your administrator registers machine groups.',
  'author-unknown': 'Your administrator enrols people.',
  'inspection-blocked': 'The programmer mends it, or the role that the finding names waives it.',
  'ledger-unavailable': 'Tell your administrator at once: deliveries stand still.',
  'signer-unavailable': 'It goes on by itself; if not within minutes, tell your administrator.',
  'token-unavailable': 'Your administrator has to put the token back.',
  'trust-expired': 'Your administrator has to install a new trust root.',
  'storage-full': 'Tell your administrator at once.',
  'statement-mismatch': 'Load the page again, and read what is there now.',
  conflict: 'Load the page again, and look what is there now.',
  internal: 'Tell your administrator the time of it: the gateway’s log has the detail.',
};

export const headlineOf = ({ code, title }: Problem): string => headlines[code] ?? title;
export const helperFor = ({ code }: Pick<Problem, 'code'>): string | undefined => helpers[code];

export const problemWords = {
  unreachable: 'The gateway does not answer',
  unreachableWhy: 'Nothing is known of what you asked for. Try again: what was done already is not done twice.',
  unreachableHelp: 'If this stays, look at the network cable or ask your administrator.',
  unforeseen: 'Something unforeseen happened on this page',
  unforeseenHelp: 'Load the page again.',
  again: 'Try again',
  field: 'About',
} as const;
