import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { Assurance, Person } from '../domain/people.ts';
import type { Envelope } from '../domain/statements.ts';
import type { Asker } from './principals.ts';

/** Who is said to have signed, and with which key; whoever opens the envelope then holds them to it. */
export function signerOf(
  standing: Standing,
  asker: Asker,
  envelope: Envelope,
): { person: Person; assurance: Assurance } {
  const holder = standing.register.holder(envelope.signatures[0]?.keyid ?? '');
  const person = holder && standing.person(holder.person)?.person;
  if (holder?.end)
    throw new DomainError('key-revoked', `This key of ${holder.person} was revoked: ${holder.end.reason}`);
  if (!holder || !person)
    throw new DomainError('signature-invalid', 'The signature is by a key that is not enrolled for anyone.');
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
