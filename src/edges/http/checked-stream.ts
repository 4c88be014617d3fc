import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';

/** The same bytes; throws `bytes-differ` after the last when they are not the content of `digest`. */
export async function* checkedStream(content: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const part of content) {
    hash.update(part);
    yield part;
  }
  if (digestFromHex(hash.digest('hex')) === digest) return;
  throw new DomainError('bytes-differ', `What was read under ${digest} is not the content of that digest.`);
}
