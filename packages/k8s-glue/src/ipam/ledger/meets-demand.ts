import type { Assignment, Demand } from "@herald-lb/allocator";
import { familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";

/** True if an assignment has everything that a demand requires: its number of addresses of each family, and the requested ones. */
export function meetsDemand({ families, perFamily = 1, requested }: Demand, assignment: Assignment | null): boolean {
  const held = assignment?.addresses ?? [];
  if (!requested.every((address) => held.includes(address))) return false;
  const count = (family: IpFamily): number => held.filter((address) => familyOf(address) === family).length;
  if (families.type === "PreferBoth") return count("IPv4") >= perFamily || count("IPv6") >= perFamily;
  return families.families.every((family) => count(family) >= perFamily);
}

/** The addresses that are of the families of a demand. */
export function ofItsFamilies({ families }: Demand, addresses: readonly IpAddress[]): readonly IpAddress[] {
  if (families.type === "PreferBoth") return addresses;
  return addresses.filter((address) => families.families.includes(familyOf(address)));
}
