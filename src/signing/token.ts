import type { Attribute, PKCS11, Template } from 'pkcs11js';
import { DomainError } from '../domain/errors.ts';

/** `module`: path of a PKCS#11 module; `tokenLabel` as the token was named when it was initialised. */
export type TokenPlace = { module: string; tokenLabel: string };
type Library = typeof import('pkcs11js');
type ObjectClass = 'private-key' | 'public-key' | 'certificate';
type AttributeName = 'id' | 'value' | 'ecPoint';

/** An open session with one token (OASIS PKCS#11 v2.40), and the few things that a signing key needs of it. */
export class Token {
  readonly #library: Library;
  readonly #pkcs11: PKCS11;
  readonly #session: Buffer;
  readonly #place: TokenPlace;
  readonly #pin: string | undefined;

  constructor(parts: {
    library: Library;
    pkcs11: PKCS11;
    session: Buffer;
    place: TokenPlace;
    pin: string | undefined;
  }) {
    this.#library = parts.library;
    this.#pkcs11 = parts.pkcs11;
    this.#session = parts.session;
    this.#place = parts.place;
    this.#pin = parts.pin;
  }

  find(kind: ObjectClass, by: { label?: string; id?: Buffer }): Buffer[] {
    const { CKA_CLASS, CKA_LABEL, CKA_ID } = this.#library;
    const template: Template = [
      { type: CKA_CLASS, value: this.#classOf(kind) },
      ...(by.label === undefined ? [] : [{ type: CKA_LABEL, value: by.label }]),
      ...(by.id === undefined ? [] : [{ type: CKA_ID, value: by.id }]),
    ];
    return this.#doing(() => {
      this.#pkcs11.C_FindObjectsInit(this.#session, template);
      try {
        return this.#pkcs11.C_FindObjects(this.#session, maxObjects);
      } finally {
        this.#pkcs11.C_FindObjectsFinal(this.#session);
      }
    });
  }

  /** Empty where the object has none. */
  attribute(object: Buffer, name: AttributeName): Buffer {
    const { CKA_ID, CKA_VALUE, CKA_EC_POINT } = this.#library;
    return this.#read(object, { id: CKA_ID, value: CKA_VALUE, ecPoint: CKA_EC_POINT }[name]);
  }

  /** Undefined where the token does not say. */
  flag(object: Buffer, name: 'sensitive' | 'extractable' | 'alwaysAuthenticate'): boolean | undefined {
    const { CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE } = this.#library;
    const type = {
      sensitive: CKA_SENSITIVE,
      extractable: CKA_EXTRACTABLE,
      alwaysAuthenticate: CKA_ALWAYS_AUTHENTICATE,
    }[name];
    const [value] = this.#read(object, type);
    return value === undefined ? undefined : value === 1;
  }

  /** ECDSA over a SHA-256 digest: r ‖ s. In a thread, so that a token which hangs stops nothing else. */
  async signDigest(key: Buffer, digest: Buffer): Promise<Buffer> {
    const { CKM_ECDSA, CKU_CONTEXT_SPECIFIC } = this.#library;
    const again = this.flag(key, 'alwaysAuthenticate');
    this.#doing(() => {
      this.#pkcs11.C_SignInit(this.#session, { mechanism: CKM_ECDSA }, key);
      // A PIV card's signature key asks for the PIN before each signature (NIST SP 800-73, 9C).
      if (again) this.#pkcs11.C_Login(this.#session, CKU_CONTEXT_SPECIFIC, this.#pin ?? '');
    });
    const signature = await this.#pkcs11
      .C_SignAsync(this.#session, digest, Buffer.alloc(signatureBytes))
      .catch((cause: unknown) => {
        throw tokenError(cause, this.#place);
      });
    return Buffer.from(signature);
  }

  close(): void {
    finish(this.#pkcs11);
  }

  #read(object: Buffer, type: number): Buffer {
    const [read] = this.#doing((): Attribute[] => {
      try {
        return this.#pkcs11.C_GetAttributeValue(this.#session, object, [{ type }]);
      } catch (error) {
        if (error instanceof Error && error.message === 'CKR_ATTRIBUTE_TYPE_INVALID') return [];
        throw error;
      }
    });
    return read?.value instanceof Buffer ? read.value : Buffer.alloc(0);
  }

  #classOf(kind: ObjectClass): number {
    const { CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE } = this.#library;
    return { 'private-key': CKO_PRIVATE_KEY, 'public-key': CKO_PUBLIC_KEY, certificate: CKO_CERTIFICATE }[kind];
  }

  #doing<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw tokenError(cause, this.#place);
    }
  }
}

const signatureBytes = 64;
/** More than a token of one person or one gateway holds. */
const maxObjects = 64;

/** Loads the module, finds the token and logs in. Throws `token-unavailable`, or `config-invalid` for module or PIN. */
export async function openToken(place: TokenPlace, pin: string | undefined): Promise<Token> {
  const library = await loadLibrary();
  const pkcs11 = new library.PKCS11();
  try {
    pkcs11.load(place.module);
  } catch (cause) {
    throw new DomainError('config-invalid', `The PKCS#11 module ${place.module} cannot be loaded.`, { cause });
  }
  try {
    pkcs11.C_Initialize();
    const slot = findSlot(pkcs11, place);
    const session = pkcs11.C_OpenSession(slot, library.CKF_SERIAL_SESSION);
    const asksForPin = (pkcs11.C_GetTokenInfo(slot).flags & library.CKF_LOGIN_REQUIRED) !== 0;
    if (asksForPin) logIn(library, pkcs11, session, pin, place);
    return new Token({ library, pkcs11, session, place, pin });
  } catch (cause) {
    finish(pkcs11);
    throw tokenError(cause, place);
  }
}

/** An add-on that a system without a compiler may have to do without. */
async function loadLibrary(): Promise<Library> {
  try {
    return (await import('pkcs11js')).default as unknown as Library;
  } catch (cause) {
    throw new DomainError('config-invalid', 'Tokens need the package pkcs11js, which could not be built here.', {
      cause,
    });
  }
}

function findSlot(pkcs11: PKCS11, { tokenLabel }: TokenPlace): Buffer {
  const found = pkcs11.C_GetSlotList(true).filter((slot) => pkcs11.C_GetTokenInfo(slot).label.trimEnd() === tokenLabel);
  const [slot, ...more] = found;
  if (!slot) throw new DomainError('token-unavailable', `The token ${tokenLabel} is not there. Put it in.`);
  if (more.length > 0)
    throw new DomainError('config-invalid', `There are ${found.length} tokens with the label ${tokenLabel}.`);
  return slot;
}

function logIn(library: Library, pkcs11: PKCS11, session: Buffer, pin: string | undefined, place: TokenPlace): void {
  if (pin === undefined) throw new DomainError('config-invalid', `The token ${place.tokenLabel} asks for its PIN.`);
  pkcs11.C_Login(session, library.CKU_USER, pin);
}

/** Ends every session of the module, so that the next opening finds a token that was put back. */
function finish(pkcs11: PKCS11): void {
  try {
    pkcs11.C_Finalize();
  } catch {
    // A token that is gone cannot be taken leave of.
  }
  pkcs11.close();
}

/** A wrong PIN is told apart from everything else: tried again, it locks the token. */
function tokenError(cause: unknown, { tokenLabel }: TokenPlace): DomainError {
  if (cause instanceof DomainError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  if (/^CKR_PIN_LOCKED/.test(said))
    return new DomainError('config-invalid', `The PIN of the token ${tokenLabel} is locked.`, { cause });
  if (/^CKR_(PIN_|USER_PIN_)/.test(said))
    return new DomainError('config-invalid', `The PIN of the token ${tokenLabel} is not right.`, { cause });
  return new DomainError(
    'token-unavailable',
    `The token ${tokenLabel} does not answer (${said}). It was taken out or has failed; put it back.`,
    { cause },
  );
}
