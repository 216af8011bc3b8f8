import { type AuditEntry, HERALD_NAMESPACE, type RealApiServer } from "@herald-lb/lab";

/** A cluster whose API server has an audit log. */
export interface Audited {
  readonly api: Pick<RealApiServer, "audit">;
}

/** The requests of Herald's daemons since `since`, in milliseconds since the epoch. */
export function requestsOfHerald({ api }: Audited, since: number): readonly AuditEntry[] {
  return api
    .audit()
    .filter(({ user }) => user.username.startsWith(`system:serviceaccount:${HERALD_NAMESPACE}:`))
    .filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= since);
}

/** True for a request that listed a whole collection: a list of one object only asks whether the server is there, and has its history still. */
export function isWholeList({ verb, requestURI, responseStatus }: AuditEntry): boolean {
  return verb === "list" && responseStatus?.code === 200 && !/[?&]limit=1(?:&|$)/.test(requestURI);
}
