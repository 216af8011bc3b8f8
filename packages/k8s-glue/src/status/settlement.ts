import type { Outcome } from "@herald-lb/allocator";
import type { DemandRefusal } from "../service/demand-refusal.ts";

/** What a Service's status shall say, and why. */
export type Settlement =
  /** Of another load balancer: nothing is written. */
  | { readonly type: "NotOurs" }
  /** It holds nothing and shall not: the status is emptied. */
  | { readonly type: "Released" }
  /** The Service asks for something that no pool is even looked at for; it keeps what it holds. */
  | { readonly type: "Refused"; readonly refusal: DemandRefusal; readonly kept: Outcome | null }
  | { readonly type: "Settled"; readonly outcome: Outcome };
