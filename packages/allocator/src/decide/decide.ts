/**
 * The decision on a demand: requested addresses first, then those that the service holds or records, then new ones. Held and recorded
 * addresses that are legal stay; the missing ones are looked for in their pool; only if that cannot be is everything assigned anew. A
 * service keeps its addresses until their replacement is found. A decision changes nothing.
 */
import type { IpFamily } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import {
  type DemandDecision,
  contextOf,
  countOf,
  decisionToAssign,
  decisionToHold,
  type DemandContext,
  wantedFamilies,
} from "./decision.ts";
import { decideElsewhere, decideFresh, findPlain } from "./fresh.ts";
import { retainingPurpose } from "./legal-slots.ts";
import { isOccupied, replaceOccupied, type Replacement } from "./occupied.ts";
import { PoolSearch } from "./pool-search.ts";
import { decideRequested } from "./requested.ts";

const none: readonly never[] = [];
const bothFamilies: readonly IpFamily[] = ["IPv4", "IPv6"];

/** Decides on a demand. */
export function decideDemand(state: AllocatorState, demand: Demand): DemandDecision {
  const held = state.holdings.holders.get(demand.service)?.assignment.addresses ?? demand.recorded;
  const plain = held.length === 0 && demand.requested.length === 0 ? findPlain(state, demand) : null;
  if (plain !== null) return decisionToAssign(plain);

  const context = contextOf(state, demand, held, wantedFamilies(demand), "Keep");
  const decision =
    demand.requested.length > 0
      ? decideRequested(context)
      : context.legal.kept.length > 0
        ? decideToKeep(context)
        : decideFresh(context, none);
  return decision.outcome.assignment === null ? decideToRetain(context, decision) : decision;
}

/** Decides which recorded addresses, of either family, a service may keep, and looks for nothing else. */
export function decideToAdopt(state: AllocatorState, demand: Demand): DemandDecision {
  const context = contextOf(state, demand, demand.recorded, bothFamilies, "Retain");
  const { kept, refusal } = context.legal;
  return decisionToHold(context, kept, { refusal, removalReason: refusal });
}

/** Decides to keep the legal addresses, but those that hosts outside use, where there are others for them: in their pool, or for all of them in another. */
function decideToKeep(context: DemandContext): DemandDecision {
  const { legal } = context;
  if (!legal.kept.some(isOccupied)) return decideToComplete(context, null);
  const replacement = replaceOccupied(context);
  const { slots, gained, tried, refusal, removalReason } = replacement;
  const elsewhere =
    gained.length === 0 && legal.kept.every(isOccupied) ? decideElsewhere(context, refusal, tried) : null;
  if (elsewhere?.outcome.refusal === null) return elsewhere;
  const replaced = { ...context, legal: { ...legal, kept: slots, refusal: legal.refusal ?? removalReason } };
  return decideToComplete(replaced, { ...replacement, tried: [...tried, ...(elsewhere?.tried ?? none)] });
}

/** Decides to keep the legal addresses and to look in their pool for those that are missing. */
function decideToComplete(context: DemandContext, replacement: Replacement | null): DemandDecision {
  const { state, demand, holder, legal } = context;
  const { kept, refusal: removalReason } = legal;
  const { perFamily = 1 } = demand;
  const wanted = wantedFamilies(demand);
  const { left = none, gained = none, tried = none, refusal: unreplaced = null } = replacement ?? {};
  // The service has no need of others once the hosts outside are gone.
  const wantedAddresses = kept.filter(isOccupied).map(({ address }) => address);
  if (kept.length === wanted.length * perFamily)
    return decisionToHold(context, kept, { refusal: unreplaced, removalReason, tried, wantedAddresses });

  const short = wanted.filter((family) => countOf(kept, family) < perFamily);
  const givesUp = (holder?.slots ?? left).filter((slot) => !kept.some((own) => own === slot));
  const search = new PoolSearch(state, demand, givesUp);
  const pool = (kept[0] as PoolSlot).poolFamily.pool.name;
  // One that the service holds beyond what it wants is charged already, and not given up.
  const isHeld = (slot: PoolSlot): boolean => holder?.slots.some((own) => own === slot) === true;
  search.charge(
    pool,
    gained.filter((slot) => !isHeld(slot)),
  );
  const more = search.findIn(pool, short, kept);
  const isComplete = more.families.length === short.length;
  const mayStayShort = demand.families.type === "PreferBoth" || wanted.every((family) => countOf(kept, family) > 0);
  if (!isComplete && !mayStayShort) return decideFresh(context, [...tried, ...search.tried]);
  const refusal = isComplete ? unreplaced : search.refusal;
  return decisionToHold(context, [...kept, ...more.slots], {
    refusal,
    removalReason,
    tried: [...tried, ...search.tried],
    wantedAddresses,
  });
}

/** Decides to keep addresses of retained pools, where the permitted pools have nothing; else it is the decision `without` them. */
function decideToRetain(context: DemandContext, without: DemandDecision): DemandDecision {
  const { state, demand, held } = context;
  if (retainingPurpose(demand) === "Keep") return without;
  const retained = contextOf(state, demand, held, wantedFamilies(demand), "Retain");
  const { kept, refusal: removalReason } = retained.legal;
  if (kept.length === 0) return without;
  return decisionToHold(retained, kept, { ...without, refusal: without.outcome.refusal, removalReason });
}
