import { compareIpAddresses, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { Assignment, Change, Outcome } from "../outcome.ts";
import type { PoolRefusal, Refusal } from "../refusal.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { Holder } from "../state/holder.ts";
import type { HeldSlot, PoolSlot } from "../state/pool-family.ts";
import { refusalFor } from "./address-checks.ts";
import { type LegalSlots, legalSlots, retainingPurpose } from "./legal-slots.ts";

/** A demand with everything known of its service. */
export interface DemandContext {
  readonly state: AllocatorState;
  readonly demand: Demand;
  readonly holder: Holder | undefined;
  /** The addresses that the service holds, or else records. */
  readonly held: readonly IpAddress[];
  /** The part of `held` that may stay. */
  readonly legal: LegalSlots;
}

/** The decision on a demand. Making one changes nothing; the allocator carries it out. */
export interface DemandDecision {
  readonly outcome: Outcome;
  /** The slots that the service will hold, in the order of the assignment. */
  readonly slots: readonly PoolSlot[];
  /** Every family that a pool was asked for and did not give. */
  readonly tried: readonly PoolRefusal[];
  /** The part of `tried` that stands between the service and what it still wants. */
  readonly blockedBy: readonly PoolRefusal[];
  /** Addresses that would help the service too, if it could have them. */
  readonly wantedAddresses: readonly IpAddress[];
}

/** The part of a demand that is not met, and the reasons; each field may be left out. */
export interface UnmetPart {
  readonly refusal?: Refusal | null;
  readonly removalReason?: Refusal | null;
  readonly tried?: readonly PoolRefusal[];
  readonly blockedBy?: readonly PoolRefusal[];
  readonly wantedAddresses?: readonly IpAddress[];
}

const none: readonly never[] = [];
const nothingUnmet: UnmetPart = {};
const bothFrom: Readonly<Record<IpFamily, readonly IpFamily[]>> = { IPv4: ["IPv4", "IPv6"], IPv6: ["IPv6", "IPv4"] };

/** The context of a demand, with the part of the addresses that may stay for a purpose; `families` are those that count as kept. */
export function contextOf(
  state: AllocatorState,
  demand: Demand,
  held: readonly IpAddress[],
  families: readonly IpFamily[],
  purpose: "Keep" | "Retain",
): DemandContext {
  const holder = state.holdings.holders.get(demand.service);
  return { state, demand, holder, held, legal: legalSlots(state, { demand, holder, held, families, purpose }) };
}

/**
 * The slots that a service may give up for others: those that it holds. What it only records it would hold after a refusal, and could give up then, so
 * that it may do so at once.
 */
export function replaceableSlots({ state, demand, holder, held, legal }: DemandContext): readonly HeldSlot[] {
  if (holder !== undefined) return holder.slots;
  if (legal.kept.length > 0 || held.length === 0 || retainingPurpose(demand) === "Keep") return legal.kept;
  return legalSlots(state, { demand, holder, held, families: wantedFamilies(demand), purpose: "Retain" }).kept;
}

/** The decision that a service without addresses will hold one address, which is all that it wants. */
export function decisionToAssign(slot: PoolSlot): DemandDecision {
  const assignment = { pool: slot.poolFamily.pool.name, addresses: [slot.address] };
  return {
    outcome: { assignment, change: "Assigned", refusal: null, removalReason: null },
    slots: [slot],
    tried: none,
    blockedBy: none,
    wantedAddresses: none,
  };
}

/** The decision that a service will hold these slots, all of one pool. */
export function decisionToHold(
  { held }: DemandContext,
  slots: readonly PoolSlot[],
  unmet: UnmetPart = nothingUnmet,
): DemandDecision {
  const { refusal = null, removalReason = null, tried = none, blockedBy = tried, wantedAddresses = none } = unmet;
  const sorted = inOrder(slots);
  return {
    outcome: { assignment: assignmentOf(sorted), change: changeOf(held, sorted), refusal, removalReason },
    slots: sorted,
    tried,
    blockedBy,
    wantedAddresses: refusal === null ? none : wantedAddresses,
  };
}

/** The families that a service will have where nothing is short, the primary one first. */
export function wantedFamilies({ families }: Demand): readonly IpFamily[] {
  return families.type === "All" ? families.families : bothFrom[families.primary];
}

/** The number of slots of a family. */
export function countOf(slots: readonly PoolSlot[], family: IpFamily): number {
  let count = 0;
  for (const slot of slots) if (slot.family === family) count++;
  return count;
}

/** The recorded addresses that a service which keeps nothing cannot have now. */
export function unavailableRecorded({ state, demand, legal }: DemandContext): readonly IpAddress[] {
  if (legal.kept.length > 0) return none;
  return demand.recorded.filter((address) => refusalFor(retainingPurpose(demand), demand, address, state) !== null);
}

/** The slots in the order of an assignment, in an array without room to grow. */
function inOrder(slots: readonly PoolSlot[]): readonly PoolSlot[] {
  if (slots.length === 1) return [slots[0] as PoolSlot];
  return slots.length === 0 ? none : slots.toSorted((a, b) => compareIpAddresses(a.address, b.address));
}

function assignmentOf(slots: readonly PoolSlot[]): Assignment | null {
  const [first] = slots;
  if (first === undefined) return null;
  return { pool: first.poolFamily.pool.name, addresses: slots.map(({ address }) => address) };
}

function changeOf(held: readonly IpAddress[], slots: readonly PoolSlot[]): Change {
  if (held.length === 0) return slots.length === 0 ? "Pending" : "Assigned";
  if (slots.length === 0) return "Released";
  const stayed = slots.filter(({ address }) => held.includes(address)).length;
  if (stayed === slots.length) return stayed === held.length ? "Kept" : "Reduced";
  return stayed === held.length ? "Extended" : "Assigned";
}
