import type { Assignment, Demand } from "@herald-lb/allocator";
import { familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";

/** Whether an assignment is all that a demand insists on: its number of each family, and the addresses it names. */
export function holdsAll({ families, perFamily = 1, requested }: Demand, assignment: Assignment | null): boolean {
  const held = assignment?.addresses ?? [];
  if (!requested.every((address) => held.includes(address))) return false;
  const count = (family: IpFamily): number => held.filter((address) => familyOf(address) === family).length;
  if (families.type === "PreferBoth") return count("IPv4") >= perFamily || count("IPv6") >= perFamily;
  return families.families.every((family) => count(family) >= perFamily);
}

/** Of some addresses those of the families that a demand is about. */
export function ofItsFamilies({ families }: Demand, addresses: readonly IpAddress[]): readonly IpAddress[] {
  if (families.type === "PreferBoth") return addresses;
  return addresses.filter((address) => families.families.includes(familyOf(address)));
}
