import { usage } from './output.ts';

export type TokenOptions = { token?: string; tokenLabel?: string; keyLabel?: string; pinFile?: string };

/** RFC 7512 attributes that name a key here, and what they are called as options. */
const known: ReadonlyMap<string, keyof TokenOptions> = new Map([
  ['token', 'tokenLabel'],
  ['object', 'keyLabel'],
  ['module-path', 'token'],
  ['pin-source', 'pinFile'],
]);

export const isPkcs11Uri = (text: string): boolean => text.startsWith('pkcs11:');

/**
 * A key in a token, as `pkcs11:token=ADMIN-1;object=sign?module-path=/usr/lib/opensc-pkcs11.so` (RFC 7512). An attribute
 * that we do not look at is refused: it might narrow down what is meant.
 */
export function parsePkcs11Uri(uri: string): TokenOptions {
  const [path = '', query = '', ...more] = uri.slice('pkcs11:'.length).split('?');
  if (more.length > 0) throw notUri('has two question marks');
  const options: TokenOptions = {};
  for (const attribute of [...path.split(';'), ...query.split('&')].filter((text) => text !== '')) {
    const at = attribute.indexOf('=');
    const name = known.get(attribute.slice(0, Math.max(at, 0)));
    if (!name || options[name] !== undefined) throw notUri(`may not hold ${attribute.split('=')[0]} (once)`);
    options[name] = decoded(attribute.slice(at + 1)).replace(/^file:/, '');
  }
  return options;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notUri('is not percent-encoded');
  }
}

const notUri = (why: string) => usage(`The PKCS#11 URI ${why}.`, 'pkcs11');
