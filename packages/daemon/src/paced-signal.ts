import { type Clock, instant } from "@herald-lb/sansio";

/** The pauses between signals, in milliseconds. */
export interface SignalPauses {
  /** The pause after a signal that follows a quiet time. */
  readonly shortest: number;
  /** The longest pause; each one after a signal within the last pause is twice as long as that. */
  readonly longest: number;
}

/**
 * Passes changes on as signals: the first at once, those within the pause after it as one signal at its end. The pause doubles while
 * changes go on, and is the shortest again after one without changes. However often something flaps, the rate of signals is bounded,
 * and the last change is always signalled.
 */
export class PacedSignal {
  readonly #clock: Clock;
  readonly #signal: () => void;
  readonly #pauses: SignalPauses;
  #pause: number;
  /** Cancels the end of the pause; null outside a pause. */
  #cancel: (() => void) | null = null;
  #changed = false;
  #ended = false;

  constructor(clock: Clock, signal: () => void, pauses: SignalPauses) {
    this.#clock = clock;
    this.#signal = signal;
    this.#pauses = pauses;
    this.#pause = pauses.shortest;
  }

  /** Reports a change. */
  touch(): void {
    if (this.#ended) return;
    if (this.#cancel === null) this.#pass();
    else this.#changed = true;
  }

  /** Gives no further signal. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
  }

  #pass(): void {
    this.#changed = false;
    this.#cancel = this.#clock.wakeAt(instant(this.#clock.now() + this.#pause), () => {
      this.#cancel = null;
      if (!this.#changed) {
        this.#pause = this.#pauses.shortest;
        return;
      }
      this.#pause = Math.min(this.#pauses.longest, this.#pause * 2);
      this.#pass();
    });
    this.#signal();
  }
}
