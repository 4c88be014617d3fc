import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { Assurance, Person } from '../domain/people.ts';
import type { Envelope } from '../domain/statements.ts';
import { requireNotSuspended } from './office.ts';
import type { Asker } from './principals.ts';

export type Signing = { person: Person; assurance: Assurance };

/**
 * Who is said to have signed, and with which key; whoever verifies the statement then holds them to it. A door that knows
 * who asks must find the same person. Throws `key-revoked`, `signature-invalid`, `forbidden` or `assurance-too-low`.
 */
export function signingPerson(asker: Asker, envelope: Envelope, standing: Standing): Signing {
  const holder = standing.register.holder(envelope.signatures[0]?.keyid ?? '');
  const person = holder && standing.person(holder.person)?.person;
  if (holder?.end)
    throw new DomainError('key-revoked', `This key of ${holder.person} was revoked: ${holder.end.reason}`);
  if (!holder || !person)
    throw new DomainError('signature-invalid', 'The signature is by a key that is not enrolled for anyone.');
  requireNotSuspended(standing, person.id);
  if (asker.principal.kind === 'person' && asker.principal.id !== person.id)
    throw new DomainError('forbidden', 'You can only sign for yourself.');
  const { assurance } = holder.key;
  if (assurance === 'service' || asker.limitedTo !== undefined)
    throw new DomainError(
      'assurance-too-low',
      'A service key approves nothing: a person signs with a key of their own.',
    );
  return { person, assurance };
}
