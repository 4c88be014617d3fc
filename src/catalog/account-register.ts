import type { Provisioned } from '../domain/accounts.ts';
import type { Event, EventOf, EventType, Sequenced } from '../domain/events.ts';
import type { ApiKeyId, PersonId } from '../domain/ids.ts';

/** Sign-ins and lock-outs are history; these say what is in force. */
export const accountEvents = [
  'account.suspended',
  'account.restored',
  'account.proposed',
  'api-key.made',
  'api-key.revoked',
] as const satisfies readonly EventType[];
type AccountEvent = Extract<Event, { type: (typeof accountEvents)[number] }>;
export type AccountEntry = Sequenced<AccountEvent>;
const names: ReadonlySet<string> = new Set(accountEvents);
export const isAccountEntry = (entry: Sequenced): entry is AccountEntry => names.has(entry.event.type);

export type Suspension = { reason: string; time: string };
export type ApiKeyStanding = EventOf<'api-key.made'>['data'] & { time: string; index: number };
/** What the company's directory last said of somebody, and when it first and last did. */
export type ProvisionedStanding = { user: Provisioned; created: string; modified: string; index: number };

/**
 * What the ledger says of accounts: who is suspended, which API keys there are and what each is for. A database of
 * secrets beside it can tell whose secret something is; what it is good for stands here.
 */
export class AccountRegister {
  readonly #suspended = new Map<PersonId, Suspension>();
  readonly #apiKeys = new Map<ApiKeyId, ApiKeyStanding>();
  readonly #provisioned = new Map<PersonId, ProvisionedStanding>();

  apply({ event, time, index }: AccountEntry): void {
    switch (event.type) {
      case 'account.suspended':
        this.#suspended.set(event.data.person, { reason: event.data.reason, time });
        return;
      case 'account.restored':
        this.#suspended.delete(event.data.person);
        return;
      case 'account.proposed': {
        const { user } = event.data;
        const created = this.#provisioned.get(user.userName)?.created ?? time;
        this.#provisioned.set(user.userName, { user, created, modified: time, index });
        return;
      }
      case 'api-key.made':
        this.#apiKeys.set(event.data.apiKeyId, { ...event.data, time, index });
        return;
      case 'api-key.revoked':
        this.#apiKeys.delete(event.data.apiKeyId);
    }
  }

  suspension(person: string): Suspension | undefined {
    return this.#suspended.get(person as PersonId);
  }
  /** Made and not revoked; whether it has expired, or its person left, is for whoever knows the time and the register. */
  apiKey(id: string): ApiKeyStanding | undefined {
    return this.#apiKeys.get(id as ApiKeyId);
  }
  apiKeys(): Iterable<ApiKeyStanding> {
    return this.#apiKeys.values();
  }
  provisioned(userName: string): ProvisionedStanding | undefined {
    return this.#provisioned.get(userName as PersonId);
  }
  allProvisioned(): Iterable<ProvisionedStanding> {
    return this.#provisioned.values();
  }
}
