import type { IpAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { addressDigestOf, type NodeReport } from "./node-report.ts";
import type { AddressHold, Election, TakeoverState } from "./takeover-state.ts";

// A takeover is not delayed by a probe: what another speaker announces, the ring holds. An address is probed where this node knows of no announcement of it, or
// knows that its announcer has not announced it. A node that has just started knows nothing and probes; a speaker that serves answers the probe,
// and is known by the hardware addresses in its report.

/** True for a request whose addresses may be tentative. */
export function mayBeTentative({ conflictPolicy, onConflict }: AnnouncementRequest): boolean {
  return conflictPolicy === "Probe" || onConflict === "Yield";
}

/** True for a request for which the other speakers must know this one by its hardware addresses. */
export function needsSegmentReport(request: AnnouncementRequest): boolean {
  return mayBeTentative(request) || request.loadSharing !== undefined;
}

/** The knowledge about the addresses of a request that replaces another one: an address that has been announced for the old one is held. */
export function holdsOf(request: AnnouncementRequest, before: Election | undefined): readonly AddressHold[] {
  if (!mayBeTentative(request)) return [];
  return request.addresses.map((address): AddressHold => {
    const known = before?.holds.find((hold) => hold.address === address);
    if (known !== undefined) return { ...known };
    const isAnnounced =
      before !== undefined &&
      !mayBeTentative(before.request) &&
      before.announcer !== undefined &&
      before.announcer !== null &&
      before.request.addresses.includes(address);
    return { address, digest: addressDigestOf(address), state: isAnnounced ? "Held" : "Unknown" };
  });
}

/** Takes note of what the announcer that was decided means for the addresses: another node has announced them, unless it reports that it has not. */
export function learnHolder(
  { announcer, holds }: Election,
  node: string,
  reports: ReadonlyMap<string, NodeReport>,
): void {
  if (holds.length === 0 || announcer === undefined || announcer === node) return;
  const segment = announcer === null ? undefined : reports.get(announcer)?.segment;
  for (const hold of holds) {
    if (announcer === null) hold.state = "Unknown";
    else if (segment !== undefined) hold.state = segment.tentative.has(hold.digest) ? "Tentative" : "Held";
    else if (hold.state === "Unknown") hold.state = "Held";
  }
}

/** The addresses that this node may announce only once it has probed them. */
export function tentativeOf({ request, holds }: Pick<Election, "request" | "holds">): readonly IpAddress[] {
  const isTentative = ({ state }: AddressHold): boolean =>
    request.conflictPolicy === "Probe" ? state !== "Held" : state === "Tentative";
  return holds.filter(isTentative).map(({ address }) => address);
}

/** Takes from the responder what became of an address that this node is to announce; returns the elections in which that is news. */
export function learnTentative(
  node: string,
  { byAddress }: TakeoverState,
  { address, tentative }: { readonly address: IpAddress; readonly tentative: boolean },
): readonly Election[] {
  const changed: Election[] = [];
  for (const election of byAddress.get(address) ?? []) {
    if (election.announcer !== node) continue;
    const before = String(tentativeOf(election));
    for (const hold of election.holds) if (hold.address === address) hold.state = tentative ? "Tentative" : "Held";
    if (String(tentativeOf(election)) !== before) changed.push(election);
  }
  return changed;
}

/** Files an election in place of the one before, or forgets that where there is none. */
export function fileElection(
  { elections, byAddress }: TakeoverState,
  key: string,
  election: Election | undefined,
): void {
  const before = elections.get(key);
  for (const { address } of before?.holds ?? []) {
    const others = byAddress.get(address);
    if (before !== undefined && others?.delete(before) === true && others.size === 0) byAddress.delete(address);
  }
  if (election === undefined) elections.delete(key);
  else elections.set(key, election);
  for (const { address } of election?.holds ?? []) {
    const filed = byAddress.get(address) ?? new Set();
    if (election !== undefined) byAddress.set(address, filed.add(election));
  }
}

/** Forgets what the ring held: this node was without the others, who may be gone. */
export function forgetHolds({ elections }: TakeoverState): void {
  for (const { holds } of elections.values()) for (const hold of holds) hold.state = "Unknown";
}
