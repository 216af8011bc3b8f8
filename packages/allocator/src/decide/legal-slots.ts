import { compareIpAddresses, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { Refusal } from "../refusal.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { Holder } from "../state/holder.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import { slotRefusalFor, refusalFor } from "./address-checks.ts";

/** The part of a service's addresses that may stay. */
export interface LegalSlots {
  /** The slots that may stay as far as other services are concerned: of one pool, in ascending order. */
  readonly legal: readonly PoolSlot[];
  /** Of the legal slots those of the wanted families, and of each family no more than are wanted: the lowest. */
  readonly kept: readonly PoolSlot[];
  /** The reason why the first of the other addresses may not stay; null if all are legal. */
  readonly refusal: Refusal | null;
}

const nothing: LegalSlots = { legal: [], kept: [], refusal: null };

/** The question which addresses of a service may stay. */
export interface LegalQuestion {
  readonly demand: Demand;
  readonly holder: Holder | undefined;
  /** The addresses that the service holds, or else records. */
  readonly held: readonly IpAddress[];
  /** The families whose addresses count as kept. */
  readonly families: readonly IpFamily[];
  /** `Retain` if addresses of retained pools may stay too. */
  readonly purpose: "Keep" | "Retain";
}

/** `Retain` if a demand keeps addresses of retained pools, where the permitted pools have nothing for it. */
export function retainingPurpose({ retainedPools, ifImpossible, requested }: Demand): "Keep" | "Retain" {
  const isReleased = ifImpossible === "Release" && requested.length > 0;
  return retainedPools === undefined || isReleased ? "Keep" : "Retain";
}

/** The part of a service's addresses that may stay. The pool of the first legal address decides. */
export function legalSlots(state: AllocatorState, question: LegalQuestion): LegalSlots {
  const { demand, holder, held, families, purpose } = question;
  if (held.length === 0) return nothing;
  let refusal: Refusal | null = null;
  const legal: PoolSlot[] = [];
  for (const address of held) {
    const own = holder?.slots.find((slot) => slot.address === address);
    const objection =
      own === undefined ? refusalFor(purpose, demand, address, state) : slotRefusalFor(purpose, demand, own, state);
    // An address without an objection has a pool.
    const slot = (own ?? state.find(address)) as PoolSlot;
    const reason = objection ?? otherPoolRefusal(legal, slot);
    if (reason === null) legal.push(slot);
    else refusal ??= reason;
  }
  const count = demand.perFamily ?? 1;
  const [only] = legal;
  if (legal.length === 1 && only !== undefined && count > 0) {
    return { legal, kept: families.includes(only.family) ? legal : [], refusal };
  }
  const sorted = legal.toSorted((a, b) => compareIpAddresses(a.address, b.address));
  const kept = families.flatMap((family) => sorted.filter((slot) => slot.family === family).slice(0, count));
  return { legal: sorted, kept, refusal };
}

function otherPoolRefusal(legal: readonly PoolSlot[], slot: PoolSlot): Refusal | null {
  const [first] = legal;
  if (first === undefined || first.poolFamily.pool === slot.poolFamily.pool) return null;
  return { code: "AddressesInSeveralPools", addresses: [...legal, slot].map(({ address }) => address) };
}
