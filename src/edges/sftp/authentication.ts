import { createPublicKey } from 'node:crypto';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type PublicKeyAuthContext } from 'ssh2';
import type { z } from 'zod';
import type { MachineId } from '../../domain/ids.ts';
import type { Shelf } from '../../domain/shelf.ts';
import { SshPublicKey } from '../../domain/ssh-keys.ts';

/** NIST SP 800-131A rev. 2, table 2: shorter RSA keys are disallowed. */
const rsaBits = 2048;
const nameChars = 64;

type OfferedKey = { line: SshPublicKeyLine; parsed: ParsedKey };
type SshPublicKeyLine = z.infer<typeof SshPublicKey>;

export type AuthenticationOptions = {
  client: Connection;
  identify(name: string, key: SshPublicKeyLine): ReturnType<Shelf['identify']>;
  maxAttempts: number;
  onRefused(detail: { name: string; method: string }): void;
  /** The name and key are a machine's and the signature holds. Called once, before the client hears of it. */
  onAccepted(machine: MachineId): void;
  /** Too many attempts: the connection is ended. */
  onExhausted(): void;
  onError(error: unknown): void;
};

/**
 * Lets a machine in by its registered key and by nothing else (RFC 4252 section 7): the offer is answered, then the
 * signature is checked. ssh2 itself limits neither attempts nor time.
 */
export function authenticateMachines(options: AuthenticationOptions): void {
  let refusals = 0;
  let offersTaken = 0;
  let asked = false;

  const refuse = (context: AuthContext) => {
    // Every client may ask once, with `none`, which methods there are (RFC 4252 section 5.2).
    const isQuestion = context.method === 'none' && !asked;
    asked = true;
    if (!isQuestion) {
      refusals++;
      options.onRefused({ name: context.username.slice(0, nameChars), method: context.method });
    }
    if (refusals >= options.maxAttempts) options.onExhausted();
    else context.reject(['publickey']);
  };

  const answer = async (context: AuthContext) => {
    const key = context.method === 'publickey' ? offeredKey(context) : undefined;
    if (context.method !== 'publickey' || key === undefined || context.username.length > nameChars) {
      refuse(context);
      return;
    }
    // Both are always done, so that the time of an answer does not tell a known name or key from another.
    const holds = context.signature === undefined ? undefined : signatureHolds(context, key.parsed);
    const machine = await options.identify(context.username, key.line);
    if (machine === undefined || holds === false) refuse(context);
    else if (holds) {
      options.onAccepted(machine);
      context.accept();
    } else if (++offersTaken > options.maxAttempts) options.onExhausted();
    else context.accept();
  };

  options.client.on('authentication', (context) => {
    answer(context).catch((error: unknown) => {
      options.onError(error);
      refuse(context);
    });
  });
}

/** The offered key as an OpenSSH line, when it is one of the kinds a machine may have and exactly what it says it is. */
function offeredKey({ key, hashAlgo }: PublicKeyAuthContext): OfferedKey | undefined {
  const line = SshPublicKey.safeParse(`${key.algo} ${key.data.toString('base64')}`);
  if (!line.success) return undefined;
  const parsed = ssh2.utils.parseKey(line.data);
  if (parsed instanceof Error || parsed.type !== key.algo || !parsed.getPublicSSH().equals(key.data)) return undefined;
  if (parsed.type !== 'ssh-rsa') return { line: line.data, parsed };
  // Without a hash algorithm the request was plain ssh-rsa, which signs SHA-1 (RFC 8332 section 3).
  const isSha2 = hashAlgo === 'sha256' || hashAlgo === 'sha512';
  const bits = createPublicKey(parsed.getPublicPEM()).asymmetricKeyDetails?.modulusLength ?? 0;
  return isSha2 && bits >= rsaBits ? { line: line.data, parsed } : undefined;
}

function signatureHolds({ blob, signature, hashAlgo }: PublicKeyAuthContext, key: ParsedKey): boolean {
  if (blob === undefined || signature === undefined) return false;
  // ssh2 returns an Error, which is truthy, for a signature that it cannot read.
  return key.verify(blob, signature, hashAlgo) === true;
}
