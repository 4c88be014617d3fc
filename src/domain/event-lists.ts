import { accountFields } from './accounts.ts';
import { changeFields, madeBy } from './changes.ts';
import { Decision } from './decisions.ts';
import { event } from './event-form.ts';
import { legalHoldFields, problemFields } from './stops.ts';
import { webhookFields } from './webhooks.ts';

/** Signing in, and what people sign in with. */
export const accountEventForms = [
  event('session.opened', accountFields['session.opened']),
  event('session.ended', accountFields['session.ended']),
  event('account.locked', accountFields['account.locked']),
  event('account.address-locked', accountFields['account.address-locked']),
  event('account.invited', accountFields['account.invited']),
  event('account.credential-set', accountFields['account.credential-set']),
  event('account.suspended', accountFields['account.suspended']),
  event('account.restored', accountFields['account.restored']),
  event('account.proposed', accountFields['account.proposed']),
  event('api-key.made', accountFields['api-key.made']),
  event('api-key.revoked', accountFields['api-key.revoked']),
] as const;

/** What people stop or freeze, and which other programs are told of it. */
export const stopEventForms = [
  /** Whoever stands at a machine stops a release for it; one person is enough. Quality says when it may go on. */
  event('problem.reported', { ...problemFields, decision: Decision }),
  event('problem.resolved', { ...problemFields, decision: Decision }),
  /** Everything about these releases is kept from here on, until two people let go of it. */
  event('legal-hold.placed', { ...legalHoldFields, decision: Decision }),
  event('legal-hold.released', { ...changeFields['legal-hold.release'], ...madeBy }),
  /** Another program is told of what happens from here on, and of nothing more. */
  event('webhook.set', { ...webhookFields, decision: Decision }),
  event('webhook.removed', { webhookId: webhookFields.webhookId, decision: Decision }),
] as const;
