import type { StatusChange } from "../allocation/status-watch.ts";

/** Faults in the holders of addresses over time. */
export interface OwnershipFaults {
  /** A Service that lost an address it had, or changed it. */
  readonly moves: readonly string[];
  /** An address that two Services held, with for how many milliseconds; Infinity where they hold it still. */
  readonly doubles: readonly { readonly address: string; readonly lasted: number }[];
}

/** Reads the changes of statuses in their order. */
export function ownershipFaults(changes: readonly StatusChange[]): OwnershipFaults {
  const moves: string[] = [];
  const doubles: { address: string; lasted: number }[] = [];
  const held = new Map<string, readonly string[]>();
  const holders = new Map<string, Set<string>>();
  const doubledSince = new Map<string, number>();
  for (const { at, service, addresses } of changes) {
    const before = held.get(service) ?? [];
    const lost = before.filter((address) => !addresses.includes(address));
    if (lost.length > 0) moves.push(`${service}: ${before.join(" ")} became ${addresses.join(" ")}`);
    held.set(service, addresses);
    for (const address of addresses) {
      const now = (holders.get(address) ?? new Set()).add(service);
      holders.set(address, now);
      if (now.size > 1 && !doubledSince.has(address)) doubledSince.set(address, at);
    }
    for (const address of lost) {
      const now = holders.get(address);
      now?.delete(service);
      const since = doubledSince.get(address);
      if (since === undefined || (now?.size ?? 0) > 1) continue;
      doubledSince.delete(address);
      doubles.push({ address, lasted: at - since });
    }
  }
  for (const address of doubledSince.keys()) doubles.push({ address, lasted: Infinity });
  return { moves, doubles };
}
