import type { Clock, Instant } from "@herald-lb/sansio";
import type { ControllerMetrics } from "./metrics.ts";

/** Measures the time from the first sight of a Service without an address to the address in its status. */
export class AllocationLatency {
  readonly #clock: Pick<Clock, "now">;
  readonly #histogram: Pick<ControllerMetrics["allocation"], "observe">;
  readonly #since = new Map<string, Instant>();

  constructor(clock: Pick<Clock, "now">, histogram: Pick<ControllerMetrics["allocation"], "observe">) {
    this.#clock = clock;
    this.#histogram = histogram;
  }

  /** Starts the measurement of a Service that has no address yet. */
  start(key: string): void {
    this.#since.set(key, this.#clock.now());
  }

  /** Ends a measurement: the Service's status has an address. Does nothing for a Service that is not measured. */
  end(key: string): void {
    const since = this.#since.get(key);
    if (since === undefined) return;
    this.#since.delete(key);
    this.#histogram.observe((this.#clock.now() - since) / 1_000);
  }

  /** Drops the measurement of a Service that was deleted. */
  drop(key: string): void {
    this.#since.delete(key);
  }
}
