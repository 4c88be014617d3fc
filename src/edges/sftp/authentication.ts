import type { AuthContext, Connection } from 'ssh2';
import type { MachineId } from '../../domain/ids.ts';
import type { Credential, Shelf } from '../../domain/shelf.ts';
import { offeredKey } from './offered-key.ts';

const nameChars = 64;

export type AuthenticationOptions = {
  client: Connection;
  /** Where it comes from. */
  address: string;
  identify: Shelf['identify'];
  maxAttempts: number;
  onRefused(detail: { name: string; method: string }): void;
  /** The name and key are a machine's and the signature holds. Called once, before the client hears of it. */
  onAccepted(machine: MachineId, credential: Credential): void;
  /** Too many attempts: the connection is ended. */
  onExhausted(): void;
  onError(error: unknown): void;
};

/**
 * Lets a machine in by its registered key, or by a certificate of one, and by nothing else (RFC 4252 section 7): the
 * offer is answered, then the signature is checked. ssh2 itself limits neither attempts nor time.
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
    const key = context.method === 'publickey' ? offeredKey(context, options.address) : undefined;
    if (context.method !== 'publickey' || key === undefined || context.username.length > nameChars) {
      refuse(context);
      return;
    }
    // Both are always done, so that the time of an answer does not tell a known name or key from another.
    const holds = context.signature === undefined ? undefined : key.signatureHolds();
    const machine = await options.identify(context.username, key.credential);
    if (machine === undefined || holds === false) refuse(context);
    else if (holds) {
      options.onAccepted(machine, key.credential);
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
