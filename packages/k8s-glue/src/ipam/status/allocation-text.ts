import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import { refusalText } from "./refusal-text.ts";

/** What the API server takes for the message of a condition. */
const LONGEST = 32_768;

/**
 * What became of a Service, in words: the message of its condition, which Events and explanations repeat. It says the same as long as
 * nothing happens to the Service.
 */
export function allocationText(result: Extract<AllocationResult, { type: "Refused" | "Decided" }>): string {
  const { assignment, refusal, ineligible, isMet } = summaryOf(result);
  const held = assignment === null ? null : `${assignment.addresses.join(", ")} of pool "${assignment.pool}"`;
  const text =
    refusal === null
      ? `assigned ${held ?? "nothing"}`
      : held === null
        ? refusalText(refusal, ineligible)
        : isMet
          ? `assigned ${held}; ${refusalText(refusal, ineligible)}`
          : `${refusalText(refusal, ineligible)}; the service keeps ${held}`;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
