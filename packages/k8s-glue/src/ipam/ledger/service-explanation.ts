import type { PoolVerdict, ServiceKey } from "@herald-lb/allocator";
import type { IpAddress } from "@herald-lb/sansio";
import type { DemandReading } from "../demand/demand.ts";
import type { AllocationResult } from "./allocation-result.ts";

/** The result that a reconcile of a Service would have now, and why. To make one changes nothing. */
export interface ServiceExplanation {
  readonly service: ServiceKey;
  /** The Service's demand, as it is read. */
  readonly reading: DemandReading;
  /** The pool that the Service requests by annotation; null without a request. */
  readonly namedPool: string | null;
  /** The result that `Ledger.reconcile` would return. */
  readonly result: AllocationResult;
  /** The verdict of every pool, in the order in which they are tried; empty where no pool is asked. */
  readonly pools: readonly PoolVerdict[];
  /** The holders of each address that the Service holds, records or requests, in the order in which they got it. */
  readonly holders: ReadonlyMap<IpAddress, readonly ServiceKey[]>;
}
