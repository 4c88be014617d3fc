import { z } from 'zod';
import type { ApiKeyStanding } from '../../catalog/account-register.ts';
import type { Standing } from '../../catalog/standing.ts';
import type { Action } from '../../domain/decisions.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import { ApiKeyId, newApiKeyId, type PersonId, type RandomBytes } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isCurrent } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';
import type { Authority } from '../authority.ts';
import { personInOffice } from '../office.ts';
import type { Asker } from '../principals.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** What secret scanners can find in a file that should not hold it. */
const prefix = 'keyway_';
const KeyBody = z.strictObject({ apiKeyId: ApiKeyId });

type ApiKeyParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  authority: Pick<Authority, 'require'>;
  records: SealedRecords;
  clock: Clock;
  random: RandomBytes;
};
export type ApiKeyAsked = { name: string; actions: readonly Action[]; expires: string };

/**
 * Keys for programs that ask in the name of a person, for listed acts and a limited time. What each is for stands in the
 * ledger; here is only by what secret it is known. None signs or approves anything.
 */
export class ApiKeyService {
  readonly #parts: ApiKeyParts;

  constructor(parts: ApiKeyParts) {
    this.#parts = parts;
  }

  /** `secret` is shown this once. Throws `forbidden`, `request-invalid` or `conflict`. */
  async make(asker: Asker, asked: ApiKeyAsked): Promise<{ key: ApiKeyStanding; secret: string }> {
    const { ledger, standing, records, random, clock } = this.#parts;
    const person = signedInPerson(asker);
    requireSensible(asked, clock());
    const apiKeyId = newApiKeyId(random);
    const said = { apiKeyId, person, name: asked.name, actions: [...asked.actions], expires: asked.expires };
    const { receipt } = await ledger.commit(({ time }) => {
      personInOffice(standing, person, Date.parse(time));
      if (this.#of(person).length >= limits.apiKeysPerPerson)
        throw new DomainError('conflict', `You have ${limits.apiKeysPerPerson} API keys; revoke one first.`);
      return { events: [makeEvent('api-key.made', asker.principal, said)], result: undefined };
    });
    const secret = `${prefix}${Buffer.from(random(32)).toString('base64url')}`;
    records.put('api-key', records.nameOf('api-key', secret), { person }, { apiKeyId });
    return { key: { ...said, time: receipt.time, index: receipt.index }, secret };
  }

  /** Whose key this is, and what it is for. Throws `unauthenticated`. */
  use(secret: string): ApiKeyStanding {
    const { records, standing, clock } = this.#parts;
    const record = records.get('api-key', records.nameOf('api-key', secret), KeyBody);
    const key = record && standing.accounts.apiKey(record.value.apiKeyId);
    if (!key || !isCurrent(key.expires, clock()))
      throw new DomainError('unauthenticated', 'This API key is not known, was revoked or has expired.');
    personInOffice(standing, key.person, clock());
    return key;
  }

  /** One's own, or everybody's for whoever administers. */
  list(asker: Asker, { all }: { all: boolean }): ApiKeyStanding[] {
    if (!all) return this.#of(signedInPerson(asker));
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
    return [...this.#parts.standing.accounts.apiKeys()];
  }

  /** Whoever has it or administers may stop it. */
  async revoke(asker: Asker, id: ApiKeyId, reason: string): Promise<number> {
    const { ledger, standing, authority } = this.#parts;
    const { principal } = asker;
    const key = standing.accounts.apiKey(id);
    const own = key && principal.kind === 'person' && principal.id === key.person && asker.limitedTo === undefined;
    if (!own) authority.require('administer', asker, { kind: 'registry' });
    const { receipt } = await ledger.commit(
      () => {
        if (!standing.accounts.apiKey(id) || !key) throw new DomainError('not-found', `There is no API key ${id}.`);
        const said = { apiKeyId: id, person: key.person, reason };
        return { events: [makeEvent('api-key.revoked', principal, said)], result: undefined };
      },
      { ending: true },
    );
    return receipt.index;
  }

  #of(person: PersonId): ApiKeyStanding[] {
    return [...this.#parts.standing.accounts.apiKeys()].filter((key) => key.person === person);
  }
}

/** A key makes no keys. Throws `forbidden`. */
export function signedInPerson({ principal, limitedTo }: Asker): PersonId {
  if (principal.kind === 'person' && limitedTo === undefined) return principal.id;
  throw new DomainError('forbidden', 'Only somebody who signed in, or signs their request, may do this for themself.');
}

function requireSensible({ actions, expires }: ApiKeyAsked, nowMs: number): void {
  if (actions.includes('approve-as'))
    throw new DomainError('request-invalid', 'An API key approves nothing: a person signs.', { field: 'actions' });
  if (new Set(actions).size !== actions.length)
    throw new DomainError('request-invalid', 'An action stands there twice.', { field: 'actions' });
  if (!isCurrent(expires, nowMs) || Date.parse(expires) > nowMs + limits.apiKeyDays * dayMs)
    throw new DomainError('request-invalid', 'An API key ends on a day within a year from now.', { field: 'expires' });
}
