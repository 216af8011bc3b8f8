import type { AnnouncementRequest } from "@herald-lb/arp-responder";
import type { ObjectKey } from "@herald-lb/k8s-glue/objects";
import type { L2Announcement } from "./announcements.ts";

/** No name of Kubernetes contains this character. */
const SEPARATOR = "#";

/** The requests to the takeover machine for a Service, one for each election; none where no node may announce it. */
export function announcementRequestsOf(announcement: L2Announcement): readonly AnnouncementRequest[] {
  const { service, elections, candidates, sticky, spread, cadence, conflictPolicy, onConflict } = announcement;
  const { watchesRivals, loadSharing } = announcement;
  if (candidates.length === 0) return [];
  const [first, second] = requestKeysOf(service);
  return elections.map(({ addresses, electionAddress }, at) => ({
    key: at === 0 ? first : second,
    addresses,
    electionAddress,
    candidates,
    sticky,
    spread,
    cadence,
    conflictPolicy,
    onConflict,
    ...(watchesRivals && { watchesRivals }),
    ...(loadSharing !== null && { loadSharing }),
  }));
}

/**
 * The keys that requests for a Service may have. The first election has the Service's own key, also where the families are elected apart, so that
 * a Service with one address announces on when `electionScope` changes.
 */
export function requestKeysOf(service: ObjectKey): readonly [string, string] {
  return [service, `${service}${SEPARATOR}IPv6`];
}

/** The Service that a request is for. */
export function serviceOfRequest(key: string): ObjectKey {
  return key.split(SEPARATOR)[0] ?? key;
}
