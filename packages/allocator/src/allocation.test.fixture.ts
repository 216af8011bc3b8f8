import { type AddressRange, type Instant, instant, type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { Allocator, type Demand, type Pool } from "./index.ts";

/** An instant for tests that do not depend on time. */
export const NOW: Instant = instant(0);

/** An address from its text. */
export function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

/** A range from `first-last` or one address. */
export function range(text: string): AddressRange {
  const [first = "", last = first] = text.split("-");
  return { first: ip(first), last: ip(last) };
}

/** A pool of ranges, with options. */
export function pool(name: string, ranges: readonly string[], options: Partial<Pool> = {}): Pool {
  return { name, avoidBuggyIPs: false, ranges: ranges.map(range), ...options };
}

/** A pool of four IPv4 addresses. */
export const V4: Pool = pool("v4", ["192.0.2.0-192.0.2.3"]);
/** A pool of four IPv6 addresses. */
export const V6: Pool = pool("v6", ["2001:db8::-2001:db8::3"]);
/** A pool of four addresses of each family. */
export const DUAL: Pool = pool("dual", ["198.51.100.0-198.51.100.3", "2001:db8:1::-2001:db8:1::3"]);

/** IPv4 only. */
export const v4: Demand["families"] = { type: "All", families: ["IPv4"] };
/** IPv6 only. */
export const v6: Demand["families"] = { type: "All", families: ["IPv6"] };
/** Both families. */
export const both: Demand["families"] = { type: "All", families: ["IPv4", "IPv6"] };
/** Both families preferred, IPv4 the primary. */
export const prefer: Demand["families"] = { type: "PreferBoth", primary: "IPv4" };

/** A demand for one IPv4 address of the pool `v4`, unless said otherwise. Where only `pools` is given, those are permitted. */
export function demand(service: string, over: Partial<Demand> = {}): Demand {
  return {
    service,
    families: v4,
    ports: [{ protocol: "TCP", port: 80 }],
    pools: ["v4"],
    permitted: over.pools?.flat() ?? ["v4", "v6", "dual"],
    requested: [],
    recorded: [],
    sharingKey: null,
    backendKey: "",
    ...over,
  };
}

/** An allocator of these pools that has assigned nothing. */
export function allocatorWith(...pools: readonly Pool[]): Allocator {
  const allocator = new Allocator();
  allocator.configure(pools);
  return allocator;
}

/** The addresses that a service is assigned, as texts. */
export function given(allocator: Allocator, wanted: Demand, now: Instant = NOW): readonly string[] {
  return allocator.assign(wanted, now).assignment?.addresses ?? [];
}
