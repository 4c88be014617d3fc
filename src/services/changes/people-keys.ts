import { createPublicKey, X509Certificate } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { isCurrent, type KeyOf, type PersonKey } from '../../domain/people.ts';
import { isP256, keyIdOf } from '../../signing/keys.ts';
import type { ChangeContext } from './rules.ts';

/** A key that a person can sign with: ECDSA P-256, under its own name, in force. Throws `request-invalid`. */
export function requireGoodKey(key: PersonKey, { trust, timeMs }: Pick<ChangeContext, 'trust' | 'timeMs'>): void {
  const field = { field: 'keys' };
  let parsed: ReturnType<typeof createPublicKey>;
  try {
    parsed = createPublicKey(key.publicKey);
  } catch (cause) {
    throw new DomainError('request-invalid', 'The public key cannot be read.', { ...field, cause });
  }
  if (!isP256(parsed)) throw new DomainError('request-invalid', 'People sign with ECDSA P-256 keys.', field);
  if (keyIdOf(parsed) !== key.keyId)
    throw new DomainError('request-invalid', 'The key id is not the digest of the public key.', field);
  if (key.assurance === 'service' && !isCurrent(key.expires, timeMs))
    throw new DomainError('request-invalid', `The service key ${key.name} would already be expired.`, field);
  if (key.assurance === 'token') requireVouchedFor(key, trust.authoritiesFor?.('people', timeMs) ?? [], timeMs);
}

/**
 * The certificate of a card: for this very key, valid, and issued step by step under an authority for people. Where the
 * trust root names none, whoever enrols the card vouches for it.
 */
function requireVouchedFor(key: KeyOf<'token'>, authorities: readonly X509Certificate[], timeMs: number): void {
  const chain = key.certificates.map(readCertificate);
  const [own] = chain;
  if (!own || keyIdOf(own.publicKey) !== key.keyId) throw refused('is for another key');
  const last = chain.reduce((below, above) => {
    if (below !== above && !isIssuedBy(below, above)) throw refused('does not hold together with those that follow it');
    return above;
  });
  const authority = authorities.find((one) => isIssuedBy(last, one));
  if (!authority && authorities.length > 0)
    throw refused('is not issued under an authority that the trust root names for people');
  const outside = [...chain, ...(authority ? [authority] : [])].find(
    ({ validFrom, validTo }) => timeMs < Date.parse(validFrom) || timeMs > Date.parse(validTo),
  );
  if (outside) throw refused(`is not valid now, or one above it: ${outside.validFrom} to ${outside.validTo}`);
}

const isIssuedBy = (below: X509Certificate, above: X509Certificate): boolean =>
  above.ca && below.checkIssued(above) && below.verify(above.publicKey);

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new DomainError('request-invalid', 'A certificate of the token cannot be read.', { field: 'keys', cause });
  }
}

const refused = (why: string) =>
  new DomainError('request-invalid', `The token's certificate ${why}.`, { field: 'keys' });
