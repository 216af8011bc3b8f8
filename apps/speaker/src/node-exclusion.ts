import { type Clock, type Instant, instant } from "@herald-lb/sansio";

/** The time for which this node has been excluded from load balancers, and a call when a time after its beginning has passed. */
export class NodeExclusion {
  readonly #clock: Clock;
  readonly #onPassed: () => void;
  /** Undefined before the first look. */
  #since: Instant | null | undefined = undefined;
  readonly #awaited = new Set<number>();

  constructor(clock: Clock, onPassed: () => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  /** The milliseconds since the node was excluded; infinite where it is not, or was before this speaker looked first. */
  look(isExcluded: boolean): number {
    const now = this.#clock.now();
    if (!isExcluded) this.#since = null;
    else if (this.#since === undefined) this.#since = instant(Number.NEGATIVE_INFINITY);
    else this.#since ??= now;
    return this.#since === null ? Number.POSITIVE_INFINITY : now - this.#since;
  }

  /** Calls back when the node has been excluded for `time` milliseconds, unless that is past. */
  await(time: number): void {
    const at = (this.#since ?? Number.NEGATIVE_INFINITY) + time;
    if (at <= this.#clock.now() || this.#awaited.has(at)) return;
    this.#awaited.add(at);
    this.#clock.wakeAt(instant(at), () => {
      this.#awaited.delete(at);
      this.#onPassed();
    });
  }
}
