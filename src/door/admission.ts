type AdmissionBounds = { connections: number; unauthenticated: number; unauthenticatedPerAddress: number };

/** One connection's place: it logs in at most once and leaves once. */
export type Visit = { loggedIn(): void; left(): void };

/** Counts who stands at the door, so that strangers cannot keep machines out by holding every place before the login. */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #strangers = new Map<string, number>();
  #all = 0;
  #unauthenticated = 0;

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  /** A place for a connection from `address`, or undefined when there is none left for it. */
  enter(address: string): Visit | undefined {
    const fromThere = this.#strangers.get(address) ?? 0;
    const { connections, unauthenticated, unauthenticatedPerAddress } = this.#bounds;
    if (this.#all >= connections || this.#unauthenticated >= unauthenticated || fromThere >= unauthenticatedPerAddress)
      return undefined;
    this.#all++;
    this.#unauthenticated++;
    this.#strangers.set(address, fromThere + 1);
    let isStranger = true;
    const loggedIn = () => {
      if (!isStranger) return;
      isStranger = false;
      this.#unauthenticated--;
      const left = (this.#strangers.get(address) ?? 1) - 1;
      if (left === 0) this.#strangers.delete(address);
      else this.#strangers.set(address, left);
    };
    return {
      loggedIn,
      left: () => {
        loggedIn();
        this.#all--;
      },
    };
  }
}
