import { type ElectionFacts, type ElectionExplanation, explainElections } from "@herald-lb/arp-responder";
import type { ObjectKey } from "@herald-lb/k8s-glue/objects";
import type { ServiceReason } from "./announced-addresses.ts";
import { announcementRequestsOf, serviceOfRequest } from "./announcement-requests.ts";
import type { CandidateReason, L2Announcement } from "./announcements.ts";

/** The announcers of one Service on the segment, with the reason of every node. */
export interface AnnouncementExplanation {
  readonly service: ObjectKey;
  /** The name of the pool; null where `reason` was found before the pool. */
  readonly pool: string | null;
  /** The reason why no node may announce the Service; null when the nodes decide. */
  readonly reason: ServiceReason | null;
  /** One for all its addresses, or one for each family; none without a candidate. */
  readonly elections: readonly ElectionExplanation[];
  /** The nodes that are no candidates, by name, each with the reason. */
  readonly rejected: ReadonlyMap<string, CandidateReason>;
}

/**
 * Explains who announces each Service, and why the other nodes do not, as every speaker decides it. `announcements` must be those of all Services of the
 * cluster: a spread counts them all, and Services that share an address have one announcer.
 */
export function explainAnnouncements(
  announcements: readonly L2Announcement[],
  facts: ElectionFacts,
): readonly AnnouncementExplanation[] {
  const byService = new Map<ObjectKey, ElectionExplanation[]>();
  for (const election of explainElections(announcements.flatMap(announcementRequestsOf), facts)) {
    const service = serviceOfRequest(election.key);
    const elections = byService.get(service);
    if (elections === undefined) byService.set(service, [election]);
    else elections.push(election);
  }
  return announcements.map(({ service, pool, reason, rejected }) => ({
    service,
    pool,
    reason,
    elections: byService.get(service) ?? [],
    rejected,
  }));
}
