import type { Demand, PoolVerdict } from "@herald-lb/allocator";
import type { DemandReading } from "../demand/demand.ts";
import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import type { ServiceExplanation } from "../ledger/service-explanation.ts";
import { allocationText } from "./allocation-text.ts";
import { triedText } from "./refusal-text.ts";

/**
 * An explanation as lines of text: the request, the answer of every pool, the holders of the addresses in question, and last the
 * result in the words of the condition.
 */
export function explanationText(explanation: ServiceExplanation): string {
  const { service, reading, namedPool, result, pools, holders } = explanation;
  const lines = [`Service ${service}`, `  asks for: ${readingText(reading, namedPool)}`];
  if (pools.length > 0) lines.push("  pools, in the order in which they are tried:");
  for (const verdict of pools) lines.push(`    ${verdict.pool}: ${verdictText(verdict)}`);
  const held = [...holders].filter(([, by]) => by.length > 0);
  if (held.length > 0) lines.push("  addresses:");
  for (const [address, by] of held) lines.push(`    ${address}: held by ${by.join(", ")}`);
  lines.push(`  outcome: ${outcomeText(result)}`);
  return lines.join("\n");
}

function readingText(reading: DemandReading, namedPool: string | null): string {
  switch (reading.type) {
    case "Released":
      return "nothing: it is not of type LoadBalancer";
    case "NotOurs":
      return "nothing here: its loadBalancerClass belongs to another load balancer";
    case "Refused":
      return reading.keep === null
        ? "a request that cannot be read"
        : `${demandText(reading.keep, namedPool)}, which cannot be granted`;
    case "Demand":
      return demandText(reading.demand, namedPool);
  }
}

function demandText(demand: Demand, namedPool: string | null): string {
  const { families, perFamily = 1, requested, sharingKey } = demand;
  const each = perFamily === 1 ? "one address" : `${perFamily} addresses`;
  const words = [
    families.type === "PreferBoth"
      ? `${each} of each family, ${families.primary} first if not both`
      : `${each} of ${families.families.join(" and ")}`,
  ];
  if (requested.length > 0) words.push(`requesting ${requested.join(", ")}`);
  if (namedPool !== null) words.push(`of pool ${namedPool}`);
  if (sharingKey !== null) words.push(`shared by key "${sharingKey}"`);
  return words.join(", ");
}

function verdictText(verdict: PoolVerdict): string {
  switch (verdict.verdict) {
    case "Holds":
      return "the service holds addresses of it";
    case "Gives":
      return "would assign them";
    case "NotTried":
      return "is not tried";
    case "NotEligible":
      return "assigns nothing without a request: its autoAssign is off";
    case "NotPermitted":
      return "may not be used: its serviceAllocation is for others, or the service requests another pool";
    case "Refuses":
      return verdict.refusals.map(triedText).join(", ");
  }
}

function outcomeText(result: AllocationResult): string {
  switch (result.type) {
    case "NotOurs":
      return "it stays as it is";
    case "Released":
      return "it holds nothing";
    case "Refused":
      return allocationText(result);
    case "Decided":
      return summaryOf(result).refusal === null && result.outcome.assignment === null
        ? "it holds nothing"
        : allocationText(result);
  }
}
