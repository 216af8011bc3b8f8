import type { InterfaceIndex, ResponderEffect } from "@herald-lb/arp-responder";
import { type Clock, type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import type { FromWorker } from "./protocol.ts";

/** The time after a claim during which others to the same address are counted alone, in milliseconds: a storm of frames must not become one of messages. */
const CLAIM_INTERVAL = 1_000;

/** The messages about conflicts. */
type ConflictMessage = "Conflict" | "RivalFound" | "RivalGone" | "ContestedChanged";

/** The dependencies of the reports of conflicts. */
export interface ConflictReportOptions {
  readonly clock: Pick<Clock, "now">;
  readonly post: (message: Extract<FromWorker, { type: ConflictMessage }>) => void;
  readonly nameOf: (on: InterfaceIndex) => string;
}

/** The responder's reports of conflicts, as messages to the main thread. */
export class ConflictReport {
  readonly #options: ConflictReportOptions;
  /** The end of the quiet time of each claimed address: no more of them than this node announced. */
  readonly #quietUntil = new Map<IpAddress, Instant>();
  /** The interface of each rival by the name that it was reported under: it may be gone, or renamed, when the rival is. */
  readonly #names = new Map<string, string>();

  constructor(options: ConflictReportOptions) {
    this.#options = options;
  }

  /** Takes a report. */
  take(effect: Extract<ResponderEffect, { type: ConflictMessage }>): void {
    const { clock, post, nameOf } = this.#options;
    const { address } = effect;
    switch (effect.type) {
      case "Conflict": {
        const now = clock.now();
        if ((this.#quietUntil.get(address) ?? now) > now) return;
        this.#quietUntil.set(address, instant(now + CLAIM_INTERVAL));
        post({ type: "Conflict", address, by: effect.by, interface: nameOf(effect.on) });
        return;
      }
      case "RivalFound": {
        const name = nameOf(effect.on);
        this.#names.set(`${address} ${effect.on}`, name);
        post({ type: "RivalFound", address, by: effect.by, interface: name });
        return;
      }
      case "RivalGone": {
        const key = `${address} ${effect.on}`;
        post({ type: "RivalGone", address, interface: this.#names.get(key) ?? nameOf(effect.on) });
        this.#names.delete(key);
        return;
      }
      case "ContestedChanged":
        post(effect);
    }
  }
}
