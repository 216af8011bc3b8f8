import { familyOf, type IpFamily } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { PoolRefusal, Refusal } from "../refusal.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import { refusalFor } from "./address-checks.ts";
import {
  type DemandDecision,
  countOf,
  decisionToHold,
  type DemandContext,
  replaceableSlots,
  unavailableRecorded,
  wantedFamilies,
} from "./decision.ts";
import { PoolSearch } from "./pool-search.ts";

/**
 * Decides on a demand that requests addresses by name. The service gets all of them or none. Where it requests fewer than it wants,
 * the rest comes from their pool: first what it holds there, then anything new. If it cannot have them, it keeps what it holds, or
 * nothing if the demand says so.
 */
export function decideRequested(context: DemandContext): DemandDecision {
  const refusal = familyMismatch(context.demand) ?? firstRefusal(context);
  if (refusal !== null) return refuse(context, refusal);

  const { state, demand, legal } = context;
  const requested = requestedSlots(context);
  const pool = (requested[0] as PoolSlot).poolFamily.pool.name;
  const families = [...new Set(demand.requested.map(familyOf))];
  const gained = requested.filter((slot) => !legal.legal.includes(slot));
  const kept = [...usefulBeside(requested, context)];
  const held = replaceableSlots(context);
  for (;;) {
    const slots = [...requested, ...kept];
    const search = new PoolSearch(
      state,
      demand,
      held.filter((slot) => !slots.some((own) => own === slot)),
    );
    const overLimit = search.charge(pool, gained);
    if (overLimit === null) return complete(context, search, slots, families);
    if (kept.length === 0) return refuse(context, overLimit, quotaRefusals(requested, overLimit));
    // An address that the service names comes before one that it only keeps beside it.
    kept.pop();
  }
}

/** The decision to hold the requested and the kept slots, and as many more of their pool as are missing. */
function complete(
  context: DemandContext,
  search: PoolSearch,
  slots: readonly PoolSlot[],
  families: readonly IpFamily[],
): DemandDecision {
  const { perFamily = 1 } = context.demand;
  const short = families.filter((family) => countOf(slots, family) < perFamily);
  if (short.length === 0) return decisionToHold(context, slots);
  const more = search.findIn((slots[0] as PoolSlot).poolFamily.pool.name, short, slots);
  const isComplete = more.families.length === short.length;
  const refusal = isComplete ? null : search.refusal;
  return decisionToHold(context, [...slots, ...more.slots], { refusal, tried: search.tried });
}

/** The decision that the service cannot have what it requests. */
function refuse(context: DemandContext, refusal: Refusal, blockedBy: readonly PoolRefusal[] = []): DemandDecision {
  const { demand, legal } = context;
  const named = "address" in refusal ? [refusal.address] : [];
  const unmet = { refusal, blockedBy, wantedAddresses: [...named, ...unavailableRecorded(context)] };
  return demand.ifImpossible === "Release"
    ? decisionToHold(context, [], { ...unmet, removalReason: legal.refusal ?? refusal })
    : decisionToHold(context, legal.kept, { ...unmet, removalReason: legal.refusal });
}

/** The refusal of a demand whose requested addresses are of the wrong families, or too many of one; null if they fit. */
function familyMismatch(demand: Demand): Refusal | null {
  const { requested, families: policy, perFamily = 1 } = demand;
  const count = (family: IpFamily): number => requested.filter((address) => familyOf(address) === family).length;
  const isDistinct = new Set(requested).size === requested.length;
  const isWithinCount = count("IPv4") <= perFamily && count("IPv6") <= perFamily;
  const hasWanted =
    policy.type === "PreferBoth" ||
    (policy.families.every((family) => count(family) > 0) &&
      requested.every((address) => policy.families.includes(familyOf(address))));
  if (isDistinct && isWithinCount && hasWanted) return null;
  return { code: "FamilyMismatch", requested, wanted: wantedFamilies(demand) };
}

/** The refusal of the first requested address that the service cannot have, or of all if they lie in several pools. */
function firstRefusal(context: DemandContext): Refusal | null {
  const { state, demand, legal } = context;
  for (const address of demand.requested) {
    if (legal.legal.some((slot) => slot.address === address)) continue;
    const refusal = refusalFor("Request", demand, address, state);
    if (refusal !== null) return refusal;
  }
  const pools = new Set(requestedSlots(context).map(({ poolFamily }) => poolFamily.pool));
  return pools.size > 1 ? { code: "AddressesInSeveralPools", addresses: demand.requested } : null;
}

/** The slots of the requested addresses, each of which the service may have: its own slot if it holds the address. */
function requestedSlots({ state, demand, legal, holder }: DemandContext): readonly PoolSlot[] {
  return demand.requested.map((address) => {
    const own = [...legal.legal, ...(holder?.slots ?? [])].find((slot) => slot.address === address);
    return (own ?? state.find(address)) as PoolSlot;
  });
}

/** The legal slots that the service keeps beside the requested ones, as many as it wants of their families. */
function usefulBeside(requested: readonly PoolSlot[], { demand, legal }: DemandContext): readonly PoolSlot[] {
  const useful: PoolSlot[] = [];
  for (const slot of legal.legal) {
    const slots = [...requested, ...useful];
    const isOfTheirs = slots[0]?.poolFamily.pool === slot.poolFamily.pool && countOf(requested, slot.family) > 0;
    const isMissing = !slots.includes(slot) && countOf(slots, slot.family) < (demand.perFamily ?? 1);
    if (isOfTheirs && isMissing) useful.push(slot);
  }
  return useful;
}

/** The quota of the account as the refusal of each requested slot. */
function quotaRefusals(
  requested: readonly PoolSlot[],
  { account, limit }: Extract<Refusal, { code: "QuotaReached" }>,
): readonly PoolRefusal[] {
  return requested.map(({ poolFamily, family }) => ({
    pool: poolFamily.pool.name,
    family,
    code: "QuotaReached",
    account,
    limit,
  }));
}
