/** The floor of addresses: what a Service demands, the ledger of assignments, and what is written on the Service. Pure. */
export { annotationEvent, type AnnotationEvent, type AnnotationIssue } from "./demand/annotation-issue.ts";
export type { ClusterFacts } from "./demand/cluster-facts.ts";
export type { DemandRefusal } from "./demand/demand-refusal.ts";
export { maxAddressesOf } from "./demand/max-addresses.ts";
export { type AllocationPolicy, defaultAllocationPolicy } from "./demand/policy.ts";
export { type AllocationResult, type Summary, summaryOf } from "./ledger/allocation-result.ts";
export { Ledger } from "./ledger/ledger.ts";
export type { ServiceExplanation } from "./ledger/service-explanation.ts";
export { type AllocationEvent, allocationEvents } from "./status/allocation-events.ts";
export { explanationText } from "./status/explanation-text.ts";
export { servicePatch, type ServicePatch } from "./status/service-patch.ts";
