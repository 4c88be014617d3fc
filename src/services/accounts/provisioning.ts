import type { ProvisionedStanding } from '../../catalog/account-register.ts';
import type { Standing } from '../../catalog/standing.ts';
import type { Provisioned } from '../../domain/accounts.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Authority } from '../authority.ts';
import type { Asker } from '../principals.ts';
import type { AccountService } from './accounts.ts';

type ProvisioningParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  authority: Pick<Authority, 'require'>;
  accounts: Pick<AccountService, 'stop'>;
};
/** What became of a wish: nobody but two administrators enrols, and none but one restores. */
export type ProvisionedState = 'proposed' | 'enrolled' | 'suspended' | 'left';
export type ProvisionedUser = ProvisionedStanding & { state: ProvisionedState };

/**
 * What the company's directory says of who comes and goes. That somebody comes only proposes them: it waits until two
 * administrators sign an enrolment. That somebody goes takes effect at once.
 */
export class ProvisioningService {
  readonly #parts: ProvisioningParts;

  constructor(parts: ProvisioningParts) {
    this.#parts = parts;
  }

  list(asker: Asker): ProvisionedUser[] {
    this.#provision(asker);
    return this.#all();
  }

  /** For administrators: who is to be enrolled, as far as the directory goes. */
  proposals(asker: Asker): ProvisionedUser[] {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
    return this.#all().filter(({ user, state }) => user.active && state === 'proposed');
  }

  /** Throws `not-found`. */
  get(asker: Asker, userName: string): ProvisionedUser {
    this.#provision(asker);
    return this.#known(userName);
  }

  /** Throws `conflict` for a name that the directory said already. */
  async create(asker: Asker, user: Provisioned): Promise<ProvisionedUser> {
    this.#provision(asker);
    const isKnown = ({ user: { userName } }: ProvisionedUser) => userName.toLowerCase() === user.userName.toLowerCase();
    if (this.#all().some(isKnown))
      throw new DomainError('conflict', `There is a user ${user.userName} already.`, { field: 'userName' });
    if (this.#all().length >= limits.provisionedUsers)
      throw new DomainError('busy', 'More users are proposed than anybody will look through.');
    return this.#say(asker.principal, user);
  }

  /** Throws `not-found`, or `request-invalid` for another userName: an id is given to one person for good. */
  async replace(asker: Asker, userName: string, user: Provisioned): Promise<ProvisionedUser> {
    this.#provision(asker);
    const before = this.#known(userName);
    if (user.userName !== userName)
      throw new DomainError('request-invalid', 'A userName stays as it is.', { field: 'userName' });
    const isSame = JSON.stringify(inOrder(user)) === JSON.stringify(inOrder(before.user));
    return isSame ? before : this.#say(asker.principal, user);
  }

  async #say(principal: Principal, user: Provisioned): Promise<ProvisionedUser> {
    const { ledger, standing, accounts } = this.#parts;
    const { userName } = user;
    const event = makeEvent('account.proposed', principal, { user });
    await ledger.commit(() => ({ events: [event], result: undefined }), { ending: !user.active });
    const isIn = standing.person(userName) !== undefined && !standing.accounts.suspension(userName);
    if (!user.active && isIn) await accounts.stop(principal, userName, "The company's directory says that they left.");
    return this.#known(userName);
  }

  #known(userName: string): ProvisionedUser {
    const found = this.#parts.standing.accounts.provisioned(userName);
    if (!found) throw new DomainError('not-found', 'There is no such user.');
    return this.#withState(found);
  }

  #all(): ProvisionedUser[] {
    return [...this.#parts.standing.accounts.allProvisioned()].map((one) => this.#withState(one));
  }

  #withState(found: ProvisionedStanding): ProvisionedUser {
    const { standing } = this.#parts;
    const { userName } = found.user;
    if (standing.accounts.suspension(userName)) return { ...found, state: 'suspended' };
    if (standing.person(userName)) return { ...found, state: 'enrolled' };
    return { ...found, state: standing.register.index(userName) === undefined ? 'proposed' : 'left' };
  }

  #provision(asker: Asker): void {
    this.#parts.authority.require('provision', asker, { kind: 'registry' });
  }
}

const inOrder = ({ userName, externalId, name, active }: Provisioned) => [userName, externalId, name, active];
