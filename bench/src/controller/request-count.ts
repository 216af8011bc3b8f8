import { type AuditEntry, HERALD_NAMESPACE } from "@herald-lb/lab";

/** The controller's requests, counted in the API server's audit log. */
export interface RequestCount {
  /** Writes of a Service or its status. */
  readonly serviceWrites: number;
  /** The most that any one Service was written. */
  readonly mostPerService: number;
  /** Events made, and counted up. */
  readonly events: number;
  /** Writes of the Lease. */
  readonly leases: number;
  /** All other writes: statuses of configuration. */
  readonly otherWrites: number;
  /** Lists, reads and watches opened. */
  readonly reads: number;
  /** Requests that were refused. */
  readonly refused: number;
}

const USER = `system:serviceaccount:${HERALD_NAMESPACE}:controller`;
const READS: readonly string[] = ["get", "list", "watch"];

/** Counts what the controller asked for since a time of the wall clock. */
export function countRequests(audit: readonly AuditEntry[], since: number): RequestCount {
  const services = new Map<string, number>();
  const count = { serviceWrites: 0, mostPerService: 0, events: 0, leases: 0, otherWrites: 0, reads: 0, refused: 0 };
  for (const { verb, user, objectRef, responseStatus, requestReceivedTimestamp } of audit) {
    if (user.username !== USER || Date.parse(requestReceivedTimestamp) < since) continue;
    if ((responseStatus?.code ?? 0) >= 400) count.refused++;
    if (READS.includes(verb)) count.reads++;
    else if (objectRef?.resource === "services") {
      count.serviceWrites++;
      const writes = (services.get(objectRef.name ?? "") ?? 0) + 1;
      services.set(objectRef.name ?? "", writes);
      count.mostPerService = Math.max(count.mostPerService, writes);
    } else if (objectRef?.resource === "events") count.events++;
    else if (objectRef?.resource === "leases") count.leases++;
    else count.otherWrites++;
  }
  return count;
}
