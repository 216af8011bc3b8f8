import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "@herald-lb/lab";

/** The wall clock of one speaker, which a test moves; the machine's own stays as it is. */
export class WallClock {
  readonly #file: string;

  constructor(scope: Scope) {
    this.#file = join(scope.folder, "clock-shift");
    this.shift(0);
  }

  /** The variables that the speaker must be started with. */
  get variables(): Readonly<Record<string, string>> {
    const preload = join(import.meta.dirname, "shifted-clock.ts");
    return { NODE_OPTIONS: `--import=${preload}`, TEST_CLOCK_FILE: this.#file };
  }

  /** Sets the clock to the machine's time and `milliseconds` more. */
  shift(milliseconds: number): void {
    // Nobody reads half a number.
    writeFileSync(`${this.#file}.new`, String(milliseconds));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
