import { type AuditEntry, HERALD_NAMESPACE, type Lab } from "@herald-lb/lab";

/** What Herald's daemons asked of the API server since `since`, in milliseconds since the epoch. */
export function requestsOfHerald(lab: Lab, since: number): readonly AuditEntry[] {
  return lab.api
    .audit()
    .filter(({ user }) => user.username.startsWith(`system:serviceaccount:${HERALD_NAMESPACE}:`))
    .filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= since);
}
