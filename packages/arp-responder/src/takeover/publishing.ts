import { deepEqual, type Instant, instant } from "@herald-lb/sansio";
import type { NodeReport } from "./node-report.ts";
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
  if (published === null && !hasNews(state, event)) return { state, effects };
  if (published === null || (event !== null && URGENT.has(event.type)))
    return { state: { ...state, publishAt: now }, effects };
  const mayDiffer =
    event?.type === "AnnouncementWithdrawn" ||
    effects.some(({ type }) => type === "Announcing" || type === "NotAnnouncing");
  if (publishAt !== null || !mayDiffer) return { state, effects };
  return { state: { ...state, publishAt: instant(now + config.times.reportDelay) }, effects };
}

/** True for a node that has something to report: without a lost link and a sticky service on any node there is no traffic. */
function hasNews({ lostLinks }: TakeoverState, event: TakeoverEvent | null): boolean {
  return (event?.type === "AnnouncementRequested" && event.request.sticky) || lostLinks.interfaces.length > 0;
}

/** Publishes this node's report where it differs from the last one. */
export function publishReport(state: TakeoverState): TakeoverStep {
  const report: NodeReport = { lostLinks: state.lostLinks, owned: ownedOf(state) };
  const after = { ...state, publishAt: null };
  const { published } = state;
  const isSame =
    published !== null &&
    deepEqual(published.lostLinks, report.lostLinks) &&
    published.owned.size === report.owned.size &&
    [...report.owned].every((digest) => published.owned.has(digest));
  if (isSame) return unchanged(after);
  return { state: { ...after, published: report }, effects: [{ type: "PublishReport", report }] };
}

function ownedOf({ elections }: TakeoverState): ReadonlySet<string> {
  const owned = new Set<string>();
  for (const { digest, isOwned } of elections.values()) if (isOwned) owned.add(digest);
  return owned;
}
