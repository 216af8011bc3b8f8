import { type Clock, instant } from "@herald-lb/sansio";

/** The shortest pause before a write, in milliseconds: changes that come in a burst are written together. */
const INTERVAL = 1_000;
/** The longest pause after failures, in milliseconds. */
const LONGEST_PAUSE = 60_000;

/** Runs a write soon after a change, never two at a time, and again after a failure, with an exponential back-off. */
export class PacedWriter {
  readonly #clock: Clock;
  readonly #write: () => Promise<boolean>;
  #cancel: (() => void) | null = null;
  #writing = false;
  #again = false;
  #failures = 0;
  #ended = false;

  /** `write` answers true when everything is written; false asks for another run. */
  constructor(clock: Clock, write: () => Promise<boolean>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Asks for a write: something has changed. */
  touch(): void {
    if (this.#ended) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    const pause = Math.min(LONGEST_PAUSE, INTERVAL * 2 ** this.#failures);
    this.#cancel ??= this.#clock.wakeAt(instant(this.#clock.now() + pause), () => {
      this.#cancel = null;
      void this.#run();
    });
  }

  /** Begins no further write; one that is under way goes on. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
  }

  async #run(): Promise<void> {
    this.#writing = true;
    const written = await this.#write();
    this.#writing = false;
    this.#failures = written ? 0 : Math.min(this.#failures + 1, 16);
    if (written && !this.#again) return;
    this.#again = false;
    this.touch();
  }
}
