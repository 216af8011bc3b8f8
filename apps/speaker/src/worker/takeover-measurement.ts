import type { Clock, Instant, IpAddress } from "@herald-lb/sansio";

/** A takeover that took longer was called off, and the announcement is another one; in milliseconds. */
const LONGEST = 5_000;

/** Measures the time from the news of a death to the first announcement of each address that this node takes over by it. */
export class TakeoverMeasurement {
  readonly #clock: Pick<Clock, "now">;
  readonly #waiting = new Map<IpAddress, Instant>();
  #newsAt: Instant | null = null;
  #measured: number[] = [];

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Runs the decisions that follow the news of a death. */
  during(decide: () => void): void {
    this.#newsAt = this.#clock.now();
    decide();
    this.#newsAt = null;
  }

  /** These addresses are to be announced. */
  desired(addresses: readonly IpAddress[]): void {
    if (this.#newsAt !== null) for (const address of addresses) this.#waiting.set(address, this.#newsAt);
  }

  /** An announcement of the address was sent. */
  announced(address: IpAddress): void {
    const since = this.#waiting.get(address);
    if (since === undefined) return;
    this.#waiting.delete(address);
    const took = this.#clock.now() - since;
    if (took <= LONGEST) this.#measured.push(took);
  }

  /** The milliseconds measured since the last call. */
  take(): readonly number[] {
    const measured = this.#measured;
    this.#measured = [];
    return measured;
  }
}
