import { type Instant, instant } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { needsSegmentReport, tentativeOf } from "./holding.ts";
import { isSameButOwned, isSameSet, type NodeReport, type SegmentReport } from "./node-report.ts";
import { isBySubnet } from "./subnets.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { TakeoverState } from "./takeover-state.ts";
import { type TakeoverStep, unchanged } from "./takeover-step.ts";

/**
 * The events after which a report goes out at once: a lost link, which the others should not have to detect, and those after which this node gives up its
 * sticky services: the others, which know it again from now on, would take its old report for true.
 */
const URGENT: ReadonlySet<TakeoverEvent["type"]> = new Set([
  "LinksLost",
  "DeathRefuted",
  "LinkRestored",
  "WatchersHeard",
]);

/** The events that may change what a report says without a change of an announcer. */
const SUBJECTS: ReadonlySet<TakeoverEvent["type"]> = new Set([
  "AnnouncementWithdrawn",
  "TentativeChanged",
  "InterfacesChanged",
]);

/** Plans a report of this node after a step that may have changed it, by an event or, where that is null, by the time. The first one goes out at once: others wait for it before they decide a sticky service. */
export function planReport(
  config: TakeoverConfig,
  { state, effects }: TakeoverStep,
  event: TakeoverEvent | null,
  now: Instant,
): TakeoverStep {
  const { phase, published, publishAt } = state;
  const isOver = phase.name === "Leaving" || phase.name === "HandingOver" || phase.name === "Stopped";
  if (!config.hasMembership || isOver)
    return { state: publishAt === null ? state : { ...state, publishAt: null }, effects };
  const isReported = event?.type === "AnnouncementRequested" && isReportedFor(event.request);
  // Without a lost link and a service that is sticky, shared, may be tentative or goes by subnets on any node there is no traffic.
  if (published === null && !isReported && state.lostLinks.interfaces.length === 0) return { state, effects };
  if (published === null || (event !== null && URGENT.has(event.type)))
    return { state: { ...state, publishAt: now }, effects };
  const mayDiffer =
    isReported ||
    (event !== null && SUBJECTS.has(event.type)) ||
    effects.some(({ type }) => type === "Announcing" || type === "NotAnnouncing");
  if (publishAt !== null || !mayDiffer) return { state, effects };
  return { state: { ...state, publishAt: instant(now + config.times.reportDelay) }, effects };
}

/** True for a request that the report says something about. */
function isReportedFor(request: AnnouncementRequest): boolean {
  return request.sticky || needsSegmentReport(request) || isBySubnet(request);
}

/** Publishes this node's report where it differs from the last one. */
export function publishReport(config: TakeoverConfig, state: TakeoverState): TakeoverStep {
  const segment = segmentOf(config, state);
  const report: NodeReport = {
    lostLinks: state.lostLinks,
    owned: ownedOf(state),
    ...(segment && { segment }),
    ...([...state.elections.values()].some((election) => election.isBySubnet) && { subnets: state.subnets }),
  };
  const after = { ...state, publishAt: null };
  const { published } = state;
  const isSame = published !== null && isSameButOwned(published, report) && isSameSet(published.owned, report.owned);
  if (isSame) return unchanged(after);
  return { state: { ...after, published: report }, effects: [{ type: "PublishReport", report }] };
}

/** Null where no service may be tentative or is shared. */
function segmentOf({ node }: TakeoverConfig, { elections, hardwareAddresses }: TakeoverState): SegmentReport | null {
  let isSubject = false;
  const tentative = new Set<string>();
  for (const election of elections.values()) {
    if (!needsSegmentReport(election.request)) continue;
    isSubject = true;
    if (election.announcer !== node) continue;
    const addresses = new Set(tentativeOf(election));
    for (const { address, digest } of election.holds) if (addresses.has(address)) tentative.add(digest);
  }
  return isSubject ? { hardwareAddresses, tentative } : null;
}

function ownedOf({ elections }: TakeoverState): ReadonlySet<string> {
  const owned = new Set<string>();
  for (const { digest, isOwned } of elections.values()) if (isOwned) owned.add(digest);
  return owned;
}
