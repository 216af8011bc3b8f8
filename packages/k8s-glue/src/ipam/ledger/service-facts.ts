import type { Assignment, ServiceKey } from "@herald-lb/allocator";

/** What the book says of one Service: for metrics and lists. */
export interface ServiceFacts {
  readonly service: ServiceKey;
  /** What it holds; null for nothing. */
  readonly assignment: Assignment | null;
  /** The code of why its wish is not met whole; null when it is. */
  readonly refusal: string | null;
}
