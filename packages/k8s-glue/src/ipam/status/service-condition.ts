import type { WantedCondition } from "@herald-lb/k8s-glue/metallb";
import { addressAssigned } from "../demand/ownership.ts";
import { type Settlement, standingOf } from "../ledger/settlement.ts";
import { settlementText } from "./settlement-text.ts";

/**
 * The condition of a Service of ours. True when it has all that it insists on; else False, with the refusal's code as the reason, also
 * where it keeps addresses that it asked to be rid of.
 */
export function serviceCondition(settlement: Extract<Settlement, { type: "Refused" | "Settled" }>): WantedCondition {
  const { refusal, isMet } = standingOf(settlement);
  return {
    type: addressAssigned,
    status: isMet ? "True" : "False",
    reason: isMet || refusal === null ? "AddressAssigned" : refusal.code,
    message: settlementText(settlement),
  };
}
