import type { Assignment, ServiceKey } from "@herald-lb/allocator";

/** The ledger's facts about one Service, for metrics and lists. */
export interface ServiceFacts {
  readonly service: ServiceKey;
  /** The Service's assignment; null for none. */
  readonly assignment: Assignment | null;
  /** The code of the refusal, where the request is not met, or not all of it; null when it is. */
  readonly refusal: string | null;
}
