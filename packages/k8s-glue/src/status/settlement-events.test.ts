import type { Assignment, Outcome, Refusal } from "@herald-lb/allocator";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { Service } from "../objects.ts";
import type { Settlement } from "./settlement.ts";
import { settlementEvents } from "./settlement-events.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

const plain: Service = { metadata: { name: "web", namespace: "default" } };
const old: Service = { metadata: { name: "web", annotations: { "metallb.universe.tf/address-pool": "gold" } } };
const one: Assignment = { pool: "gold", addresses: [ip("192.0.2.1")] };
const two: Assignment = { pool: "gold", addresses: [ip("192.0.2.1"), ip("2001:db8::1")] };
const exhausted: Refusal = { code: "PoolsExhausted", tried: [{ pool: "gold", family: "IPv6", code: "FamilyAbsent" }] };
const outside: Refusal = { code: "AddressOutsidePools", address: ip("198.51.100.1") };
const settled = (outcome: Partial<Outcome>): Settlement => ({
  type: "Settled",
  outcome: { assignment: one, change: "Kept", refusal: null, givenUp: null, ...outcome },
});

describe("settlementEvents", () => {
  it.each<{ name: string; settlement: Settlement; service?: Service; reasons: readonly string[] }>([
    { name: "another's service", settlement: { type: "NotOurs" }, service: old, reasons: [] },
    { name: "released", settlement: { type: "Released" }, service: old, reasons: [] },
    { name: "kept", settlement: settled({}), service: old, reasons: [] },
    { name: "assigned", settlement: settled({ change: "Assigned" }), reasons: ["Normal IPAllocated"] },
    {
      name: "assigned by an old annotation",
      settlement: settled({ change: "Assigned" }),
      service: old,
      reasons: ["Normal IPAllocated", "Warning deprecatedAnnotation"],
    },
    {
      name: "one family more",
      settlement: settled({ change: "Extended", assignment: two }),
      reasons: ["Normal IPAllocated"],
    },
    {
      name: "given up and assigned anew",
      settlement: settled({ change: "Assigned", givenUp: outside }),
      reasons: ["Normal ClearAssignment", "Normal IPAllocated"],
    },
    {
      name: "nothing to be had",
      settlement: settled({ change: "Pending", assignment: null, refusal: exhausted }),
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "the second family is not to be had",
      settlement: settled({ refusal: exhausted }),
      reasons: ["Normal AdditionalAssignFailed"],
    },
    {
      name: "a wish that cannot be met beside what is held",
      settlement: settled({ refusal: outside }),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "a wish that cannot be read, nothing held",
      settlement: { type: "Refused", refusal: { code: "UnknownPool", pool: "none" }, kept: null },
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "a wish that cannot be read, something held",
      settlement: {
        type: "Refused",
        refusal: { code: "UnknownPool", pool: "none" },
        kept: { assignment: one, change: "Kept", refusal: null, givenUp: null },
      },
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "not enough cluster IPs",
      settlement: { type: "Refused", refusal: { code: "NotEnoughClusterIPs", clusterIPs: ["10.96.0.1"] }, kept: null },
      reasons: ["Warning not enough clusterips"],
    },
  ])("$name", ({ settlement, service = plain, reasons }) => {
    const events = settlementEvents("default/web", service, settlement);
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(reasons);
  });

  it("names the address, the service, and every pool that was tried", () => {
    const [assigned] = settlementEvents("default/web", plain, settled({ change: "Assigned" }));
    expect(assigned?.message).toBe('Assigned IP ["192.0.2.1"]');
    const [failed] = settlementEvents(
      "default/web",
      plain,
      settled({ change: "Pending", assignment: null, refusal: exhausted }),
    );
    expect(failed?.message).toBe('Failed to allocate IP for "default/web": no available IPs: pool "gold" has no IPv6');
  });
});
