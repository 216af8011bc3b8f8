import { type AuditEntry, until } from "@herald-lb/lab";
import { type Audited, requestsOfHerald } from "../herald-requests.ts";

const READS: readonly string[] = ["get", "list", "watch"];
/** A cluster counts as settled when Herald wrote nothing but Leases for so long, in milliseconds. */
const SETTLED = 3_000;

/** The requests that write, without the renewals of Leases. */
export function writesOf(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return entries.filter((entry) => !READS.includes(entry.verb) && !isRenewal(entry));
}

/** True for a request that renews a Lease. */
export function isRenewal({ verb, objectRef }: AuditEntry): boolean {
  return verb === "update" && objectRef?.resource === "leases";
}

/** Waits until Herald has said everything there is to say. */
export async function untilSettled(place: Audited): Promise<void> {
  await until(
    "Herald to have nothing to write",
    () => writesOf(requestsOfHerald(place, Date.now() - SETTLED)).length === 0,
    {
      timeoutMs: 60_000,
      everyMs: 500,
    },
  );
}
