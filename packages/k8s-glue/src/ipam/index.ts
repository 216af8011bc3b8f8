/** Services and their addresses: demands, the ledger, the status of a Service. Pure. */
export { annotationEvent, type AnnotationEvent, type AnnotationIssue } from "./demand/annotation-issue.ts";
export type { ClusterFacts } from "./demand/cluster-facts.ts";
export { maxAddressesOf } from "./demand/max-addresses.ts";
export { type AllocationPolicy, defaultAllocationPolicy } from "./demand/policy.ts";
export { Ledger } from "./ledger/ledger.ts";
export { type AllocationResult, summaryOf } from "./ledger/allocation-result.ts";
export { explanationText } from "./status/explanation-text.ts";
export { servicePatch } from "./status/service-patch.ts";
export { allocationEvents } from "./status/allocation-events.ts";
