import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import { refusalText } from "./refusal-text.ts";

/** The maximum length of a condition's message that the API server accepts. */
const LONGEST = 32_768;

/**
 * The result for a Service as text: the message of its condition, which Events and explanations repeat. It stays the same while the
 * result does.
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
