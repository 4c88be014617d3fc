/**
 * `bad-signature`: a trusted key did not sign this; `bad-inclusion`, `bad-consistency`: a proof does not lead to the
 * root; `malformed`: not the one encoding that the specification allows, or an argument outside its range;
 * `missing`: a hash, tile or required signature that is not there.
 */
export type MerkleErrorCode = 'bad-signature' | 'bad-inclusion' | 'bad-consistency' | 'malformed' | 'missing';

/** What every function of this room throws. Messages name what was read, never its content beyond names and numbers. */
export class MerkleError extends Error {
  readonly code: MerkleErrorCode;

  constructor(code: MerkleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MerkleError';
    this.code = code;
  }
}
