import type { Logger } from 'pino';
import { DomainError, type ErrorCode, toDomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Caller, type Channel, makeCaller } from '../platform/rpc.ts';
import { type SignerSettings, signerProcedures } from './signer-protocol.ts';

const halted = 'so nothing can be released or delivered; deposits are still taken. Call the administrator.';
export const signerUnavailable = (why = 'The signer is not answering') =>
  new DomainError('signer-unavailable', `${why}, ${halted}`);

/** Why the signer is not ready, in words that name nothing of ours; its log says more. */
export type SignerTrouble = 'not-answering' | 'token-away' | 'keys-unusable';
const said: Record<SignerTrouble, string> = {
  'not-answering': 'The signer is not answering',
  'token-away': "The token that holds the signer's key is not there or does not answer: put it back",
  'keys-unusable': "The signer's keys cannot be used, and its log says why",
};
export const describeTrouble = (trouble: SignerTrouble): string => said[trouble];

type Running = { caller: Caller<typeof signerProcedures>; pid: number; configured: boolean; busy: boolean };

/**
 * What is known of the running signer. It is configured when it starts and again after its token went away or it answered
 * too late; never again after keys that will not mend by themselves, since a wrong PIN tried thrice locks a token.
 */
export class SignerWatch {
  readonly #settings: SignerSettings;
  readonly #log: Logger;
  #process: Running | undefined;
  #trouble: SignerTrouble = 'not-answering';
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SignerSettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  get trouble(): SignerTrouble | undefined {
    if (!this.#process?.configured) return this.#trouble;
    return performance.now() - this.#answeredAt <= limits.signerStaleMs ? undefined : 'not-answering';
  }

  started(channel: Channel, pid: number): void {
    const timeoutMs = limits.signerAnswerMs;
    const caller = makeCaller(channel, signerProcedures, { timeoutMs, unavailable: signerUnavailable });
    this.#process = { caller, pid, configured: false, busy: false };
    this.#trouble = 'not-answering';
    this.look();
  }

  ended(): void {
    this.#process = undefined;
    this.#trouble = 'not-answering';
  }

  call: Caller<typeof signerProcedures> = async (name, input) => {
    const now = this.#process;
    if (!now?.configured) throw signerUnavailable(describeTrouble(this.#trouble));
    try {
      const output = await now.caller(name, input);
      this.#answeredAt = performance.now();
      return output;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'token-unavailable') throw error;
      now.configured = false;
      this.#trouble = 'token-away';
      this.#log.error({ pid: now.pid, err: error.message }, 'the token of the signer is away: everything waits for it');
      throw signerUnavailable(describeTrouble('token-away'));
    }
  };

  /** Asks a signer that works whether it still does, and one that does not work to try again. */
  look(): void {
    const now = this.#process;
    if (!now || now.busy || (!now.configured && this.#trouble === 'keys-unusable')) return;
    now.busy = true;
    const asked = now.configured ? this.call('ping', {}) : this.#configure(now);
    asked
      .catch(() => this.#log.warn('signer does not answer'))
      .finally(() => {
        now.busy = false;
      });
  }

  async #configure(now: Running): Promise<void> {
    const { pid } = now;
    try {
      const { isolated } = await now.caller('configure', this.#settings);
      now.configured = true;
      this.#answeredAt = performance.now();
      const where = isolated ? 'without network' : 'this system does not let it give up the network';
      this.#log.info({ pid, isolated }, `signer ready, ${where}`);
    } catch (error) {
      const { code, message } = toDomainError(error);
      const trouble = troubleOf[code] ?? 'keys-unusable';
      if (trouble !== this.#trouble || trouble === 'not-answering')
        this.#log.error({ pid, err: message }, 'signer did not start');
      this.#trouble = trouble;
    }
  }
}

const troubleOf: Partial<Record<ErrorCode, SignerTrouble>> = {
  'signer-unavailable': 'not-answering',
  'token-unavailable': 'token-away',
};
