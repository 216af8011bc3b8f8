import type { Counts } from "./protocol.ts";

/** Counts by label, reported as one value. */
export class Counters {
  readonly #counts: Record<keyof Counts, Record<string, number>> = {
    requests: {},
    replies: {},
    announcements: {},
    causes: {},
    probes: {},
    relays: {},
    conflicts: {},
    ignored: {},
    membershipIgnored: {},
    bfdIgnored: {},
  };
  #changed = false;

  /** Adds one. */
  add(counter: keyof Counts, label: string): void {
    const counts = this.#counts[counter];
    counts[label] = (counts[label] ?? 0) + 1;
    this.#changed = true;
  }

  /** Returns all counts if one has changed since the last call; null otherwise. */
  take(): Counts | null {
    if (!this.#changed) return null;
    this.#changed = false;
    return this.#counts;
  }
}
