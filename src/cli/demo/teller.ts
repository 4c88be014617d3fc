/** Prints the story: numbered steps, what was seen, and a mark before everything that was checked. */
export class Teller {
  failures = 0;
  #steps = 0;
  #checks = 0;
  readonly #startedAt = performance.now();

  step(text: string): void {
    this.#steps += 1;
    process.stdout.write(`\n${this.#steps}. ${text}\n`);
  }

  say(text: string): void {
    process.stdout.write(`     ${text}\n`);
  }

  check(text: string, good: boolean): void {
    this.#checks += 1;
    if (!good) this.failures += 1;
    process.stdout.write(`  ${good ? '✓' : '✗'}  ${text}\n`);
  }

  end(): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
    process.stdout.write(`\n${this.#checks - this.failures} of ${this.#checks} checks good, in ${seconds} s.\n`);
  }
}
