import type { NodeConflict, WantedCondition } from "@herald-lb/k8s-glue/metallb";
import { addressConflict } from "../demand/ownership.ts";
import type { AllocationResult } from "../ledger/allocation-result.ts";

/** The longest message, in characters; the API server takes 32,768. */
const LONGEST = 4_096;

/** The condition of a Service that has addresses which another station on the segment has; null for a Service without such. */
export function conflictCondition(
  result: Extract<AllocationResult, { type: "Refused" | "Decided" }>,
): WantedCondition | null {
  const { conflicts = [] } = result;
  if (conflicts.length === 0) return null;
  const text = `${conflicts.map(conflictText).join("; ")}. Find the station by its hardware address and give it another address, or exclude the Service's from the pool`;
  const message = text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
  return { type: addressConflict, status: "True", reason: "AddressInUse", message };
}

function conflictText({ address, hardwareAddress, interface: on, node, announcedElsewhere }: NodeConflict): string {
  const consequence =
    announcedElsewhere === true
      ? "which announces it on other interfaces alone until the station is gone"
      : "which does not announce it there until the station is gone";
  return `address ${address} is in use by another station, ${hardwareAddress}, on interface "${on}" of node "${node}", ${consequence}`;
}
