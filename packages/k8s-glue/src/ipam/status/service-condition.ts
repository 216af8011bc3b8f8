import type { WantedCondition } from "@herald-lb/k8s-glue/metallb";
import { addressAssigned } from "../demand/ownership.ts";
import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import { allocationText } from "./allocation-text.ts";

/**
 * The condition of a Service of this instance. True when it has everything it requires; otherwise False with the refusal's code as
 * the reason, also while it keeps addresses that it no longer requests.
 */
export function serviceCondition(result: Extract<AllocationResult, { type: "Refused" | "Decided" }>): WantedCondition {
  const { refusal, isMet } = summaryOf(result);
  return {
    type: addressAssigned,
    status: isMet ? "True" : "False",
    reason: isMet || refusal === null ? "AddressAssigned" : refusal.code,
    message: allocationText(result),
  };
}
