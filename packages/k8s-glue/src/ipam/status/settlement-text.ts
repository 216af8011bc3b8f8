import { type Settlement, standingOf } from "../ledger/settlement.ts";
import { refusalText } from "./refusal-text.ts";

/** What the API server takes for the message of a condition. */
const LONGEST = 32_768;

/**
 * What became of a Service, in words: the message of its condition, which Events and explanations repeat. It says the same as long as
 * nothing happens to the Service.
 */
export function settlementText(settlement: Extract<Settlement, { type: "Refused" | "Settled" }>): string {
  const { assignment, refusal, closed, isMet } = standingOf(settlement);
  const held = assignment === null ? null : `${assignment.addresses.join(", ")} of pool "${assignment.pool}"`;
  const text =
    refusal === null
      ? `assigned ${held ?? "nothing"}`
      : held === null
        ? refusalText(refusal, closed)
        : isMet
          ? `assigned ${held}; ${refusalText(refusal, closed)}`
          : `${refusalText(refusal, closed)}; the service keeps ${held}`;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
