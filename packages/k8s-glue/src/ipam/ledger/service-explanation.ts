import type { PoolVerdict, ServiceKey } from "@herald-lb/allocator";
import type { IpAddress } from "@herald-lb/sansio";
import type { DemandReading } from "../demand/demand.ts";
import type { AllocationResult } from "./allocation-result.ts";

/** What would become of a Service if it were reconciled now, and why; making one changes nothing. */
export interface ServiceExplanation {
  readonly service: ServiceKey;
  /** What it asks for, as it is read. */
  readonly reading: DemandReading;
  /** The pool that it names by annotation; null where it names none. */
  readonly namedPool: string | null;
  /** What `Ledger.reconcile` would answer. */
  readonly result: AllocationResult;
  /** What every pool has to do with it, in the order in which they are tried; none where no pool is looked at. */
  readonly pools: readonly PoolVerdict[];
  /** Who holds each address that it holds, records or requests by name, in the order they came. */
  readonly holders: ReadonlyMap<IpAddress, readonly ServiceKey[]>;
}
