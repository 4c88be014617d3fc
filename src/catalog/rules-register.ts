import type { Digest } from '../domain/digest.ts';
import type { EventOf, Sequenced } from '../domain/events.ts';
import type { RulesNamed, TrustStanding } from './standing-kinds.ts';

type RulesEntry = Sequenced<EventOf<'gateway.configured' | 'trust.changed' | 'policy.authorised'>>;

export const rulesEvents = ['gateway.configured', 'trust.changed', 'policy.authorised'] as const;
export const isRulesEntry = (entry: Sequenced): entry is RulesEntry =>
  rulesEvents.some((type) => type === entry.event.type);

/** By what the gateway decides, and on whose word. */
export class RulesRegister {
  #configured: EventOf<'gateway.configured'>['data'] | undefined;
  #authorised: RulesNamed | undefined;
  #trust: TrustStanding | undefined;
  readonly #routes = new Map<Digest, string>();

  get configured(): EventOf<'gateway.configured'>['data'] | undefined {
    return this.#configured;
  }
  /** What administrators last signed that a start may take up; what they signed before is void. */
  get authorised(): RulesNamed | undefined {
    return this.#authorised;
  }
  /** The newest version of the trust root that was taken in. */
  get trust(): TrustStanding | undefined {
    return this.#trust;
  }
  /** Of every version that was ever in force. */
  routesText(version: Digest): string | undefined {
    return this.#routes.get(version);
  }

  apply({ event, index }: RulesEntry): void {
    switch (event.type) {
      case 'gateway.configured':
        this.#configured = event.data;
        this.#routes.set(event.data.routes.version, event.data.routes.text);
        return;
      case 'trust.changed':
        this.#trust = { ...event.data, index };
        return;
      case 'policy.authorised':
        this.#authorised = { policySet: event.data.policySet, routes: event.data.routes };
    }
  }
}
