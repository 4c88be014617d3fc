import type { Reason } from '../../src/domain/events.ts';
import type { DepositId, PackageId } from '../../src/domain/ids.ts';
import type { DepositOutcome, IncomingDeposit, Intake } from '../../src/domain/intake.ts';

export type TakenDeposit = {
  depositId: DepositId;
  name: string;
  door: IncomingDeposit['door'];
  sidecar: IncomingDeposit['sidecar'];
  /** Name to content, as it was read. */
  files: Record<string, string>;
  problems: readonly Reason[];
  outcome: DepositOutcome;
};

/** An intake in memory that keeps what it was given. It admits what has no problems unless `decide` says otherwise. */
export class FakeIntake implements Intake {
  readonly taken: TakenDeposit[] = [];
  /** Every call, also those that failed. */
  calls = 0;
  /** When it returns an error, `receive` fails with it and nothing is recorded. */
  failure: (deposit: IncomingDeposit) => Error | undefined = () => undefined;
  decide: (deposit: IncomingDeposit) => DepositOutcome = () => ({
    state: 'admitted',
    packageId: 'PKG-0000000001' as PackageId,
  });
  /** Called at each stage of `receive`, and when an outcome is asked for. */
  hook: (stage: 'before' | 'while reading' | 'recorded' | 'outcome') => void | Promise<void> = () => {};

  async receive(deposit: IncomingDeposit): Promise<DepositOutcome> {
    this.calls++;
    await this.hook('before');
    const before = this.#find(deposit.depositId);
    if (before) return before.outcome;
    const files: Record<string, string> = {};
    for (const { name, content } of deposit.files) {
      const parts: Uint8Array[] = [];
      for await (const part of content) {
        parts.push(part);
        await this.hook('while reading');
      }
      files[name] = Buffer.concat(parts).toString('latin1');
    }
    const failure = this.failure(deposit);
    if (failure) throw failure;
    const { depositId, door, name, sidecar, problems } = deposit;
    const outcome: DepositOutcome =
      problems.length > 0 ? { state: 'rejected', reasons: problems } : this.decide(deposit);
    this.taken.push({ depositId, door, name, sidecar, files, problems, outcome });
    await this.hook('recorded');
    return outcome;
  }

  async outcome(depositId: DepositId): Promise<DepositOutcome | undefined> {
    void this.hook('outcome');
    return this.#find(depositId)?.outcome;
  }

  #find(depositId: DepositId): TakenDeposit | undefined {
    return this.taken.find((taken) => taken.depositId === depositId);
  }
}
