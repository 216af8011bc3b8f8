import { type AuditEntry, HERALD_NAMESPACE, type RealApiServer } from "@herald-lb/lab";

/** What has an API server with an audit log. */
export interface Audited {
  readonly api: Pick<RealApiServer, "audit">;
}

/** What Herald's daemons asked of the API server since `since`, in milliseconds since the epoch. */
export function requestsOfHerald({ api }: Audited, since: number): readonly AuditEntry[] {
  return api
    .audit()
    .filter(({ user }) => user.username.startsWith(`system:serviceaccount:${HERALD_NAMESPACE}:`))
    .filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= since);
}

/** Whether a request listed a whole collection: a list of one object only asks whether the server is there, and has its history still. */
export function isWholeList({ verb, requestURI, responseStatus }: AuditEntry): boolean {
  return verb === "list" && responseStatus?.code === 200 && !/[?&]limit=1(?:&|$)/.test(requestURI);
}
