import type { Assignment, Demand, Outcome, Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { Discrepancy, Settlement } from "../ledger/settlement.ts";
import { servicePatch } from "./service-patch.ts";
import { settlementEvents } from "./settlement-events.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

/** A Service whose status names these addresses. */
function naming(...ips: readonly string[]): Service {
  return {
    metadata: { name: "web", namespace: "default", resourceVersion: "1" },
    status: { loadBalancer: { ingress: ips.map((each) => ({ ip: each })) } },
  };
}

const demand: Demand = {
  service: "default/web",
  families: { type: "All", families: ["IPv4"] },
  ports: [],
  pools: ["gold"],
  permitted: ["gold"],
  requested: [],
  recorded: [],
  sharingKey: null,
  backendKey: "",
};
const prefersBoth: Partial<Demand> = { families: { type: "PreferBoth", primary: "IPv4" } };
const asks: Partial<Demand> = { requested: [ip("198.51.100.1")] };
const one: Assignment = { pool: "gold", addresses: [ip("192.0.2.1")] };
const two: Assignment = { pool: "gold", addresses: [ip("192.0.2.1"), ip("2001:db8::1")] };
const exhausted: Refusal = { code: "PoolsExhausted", tried: [{ pool: "gold", family: "IPv6", code: "FamilyAbsent" }] };
const outside: Refusal = { code: "AddressOutsidePools", address: ip("198.51.100.1") };
const settled = (
  outcome: Partial<Outcome>,
  wish: Partial<Demand> = {},
  discrepancy: Discrepancy | null = null,
): Settlement => ({
  type: "Settled",
  demand: { ...demand, ...wish },
  outcome: { assignment: one, change: "Kept", refusal: null, removalReason: null, ...outcome },
  closed: [],
  discrepancy,
});

describe("settlementEvents", () => {
  it.each<{ name: string; settlement: Settlement; service?: Service; reasons: readonly string[] }>([
    { name: "another's service", settlement: { type: "NotOurs" }, reasons: [] },
    { name: "released", settlement: { type: "Released" }, service: naming("192.0.2.1"), reasons: [] },
    { name: "kept", settlement: settled({}), service: naming("192.0.2.1"), reasons: [] },
    { name: "assigned", settlement: settled({}), reasons: ["Normal IPAllocated"] },
    {
      name: "one family more",
      settlement: settled({ assignment: two }),
      service: naming("192.0.2.1"),
      reasons: ["Normal IPAllocated"],
    },
    {
      name: "given up and assigned anew",
      settlement: settled({}, {}, { type: "GivenUp", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Normal ClearAssignment", "Normal IPAllocated"],
    },
    {
      name: "given up, and nothing else to be had",
      settlement: settled({ assignment: null, refusal: exhausted }, {}, { type: "GivenUp", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Normal ClearAssignment", "Warning AllocationFailed"],
    },
    {
      name: "edited by somebody else",
      settlement: settled({}, {}, { type: "Edited", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Warning StatusRestored"],
    },
    {
      name: "nothing to be had",
      settlement: settled({ assignment: null, refusal: exhausted }),
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "the second family is not to be had, and only preferred",
      settlement: settled({ refusal: exhausted }, prefersBoth),
      service: naming("192.0.2.1"),
      reasons: ["Normal AdditionalAssignFailed"],
    },
    {
      name: "the second family is not to be had, and required",
      settlement: settled({ refusal: exhausted }),
      service: naming("192.0.2.1"),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "a wish that cannot be met beside what is held",
      settlement: settled({ refusal: outside }, asks),
      service: naming("192.0.2.1"),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "a wish that cannot be read, nothing held",
      settlement: { type: "Refused", refusal: { code: "UnknownPool", pool: "none" }, kept: null, discrepancy: null },
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "a wish that cannot be read, something held",
      settlement: {
        type: "Refused",
        refusal: { code: "UnknownPool", pool: "none" },
        kept: { assignment: one, change: "Kept", refusal: null, removalReason: null },
        discrepancy: null,
      },
      service: naming("192.0.2.1"),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "not enough cluster IPs",
      settlement: {
        type: "Refused",
        refusal: { code: "NotEnoughClusterIPs", clusterIPs: ["10.96.0.1"] },
        kept: null,
        discrepancy: null,
      },
      reasons: ["Warning not enough clusterips"],
    },
    {
      name: "cluster IPs that are none",
      settlement: {
        type: "Refused",
        refusal: { code: "BadClusterIPs", clusterIPs: ["None"] },
        kept: null,
        discrepancy: null,
      },
      reasons: ["Warning noclusterIPsIPFamily"],
    },
  ])("$name", ({ settlement, service = naming(), reasons }) => {
    const events = settlementEvents("default/web", service, settlement);
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(reasons);
    // Once the status says it, nothing is left to be said or written.
    const patch = servicePatch(service, settlement, "2026-01-01T00:00:00Z");
    if (reasons.length > 0) expect(patch).not.toBeNull();
    if (patch === null) return;
    const ingress = patch.status?.loadBalancer;
    const written: Service = {
      metadata: { ...service.metadata, annotations: settlementPool(patch.metadata.annotations) },
      status: {
        loadBalancer: {
          ingress: ingress === undefined ? (service.status?.loadBalancer?.ingress ?? []) : (ingress.ingress ?? []),
        },
        conditions: patch.status?.conditions ?? [],
      },
    };
    expect(servicePatch(written, settlement, "2026-01-01T00:00:01Z")).toBeNull();
    expect(settlementEvents("default/web", written, settlement)).toEqual([]);
  });

  it("words them as MetalLB does", () => {
    const said = (service: Service, settlement: Settlement): readonly string[] =>
      settlementEvents("default/web", service, settlement).map(({ message }) => message);
    expect(said(naming(), settled({ assignment: two }))).toEqual(['Assigned IP ["192.0.2.1" "2001:db8::1"]']);
    expect(said(naming("192.0.2.1"), settled({ assignment: two }))).toEqual(['Assigned additional IP "2001:db8::1"']);
    expect(said(naming(), settled({ assignment: null, refusal: exhausted }))).toEqual([
      'Failed to allocate IP for "default/web": no available IPs: pool "gold": no IPv6 addresses',
    ]);
    expect(said(naming("192.0.2.1"), settled({ refusal: exhausted }, prefersBoth))).toEqual([
      'cannot assign additional IP in PreferDualStack: no available IPs: pool "gold": no IPv6 addresses',
    ]);
    expect(said(naming("192.0.2.1"), settled({ refusal: outside }, asks))).toEqual([
      'invalid requested loadbalancer IPs: address 198.51.100.1 lies in no pool; the service keeps 192.0.2.1 of pool "gold"',
    ]);
  });

  it("names the old addresses and the new ones", () => {
    const [cleared] = settlementEvents(
      "default/web",
      naming("198.51.100.1"),
      settled({}, {}, { type: "GivenUp", because: outside }),
    );
    expect(cleared?.message).toBe(
      'current IP for "default/web" not allowed by config, will attempt for new IP assignment: address 198.51.100.1 lies in no pool; had ["198.51.100.1"], has ["192.0.2.1"] now',
    );
  });
});

function settlementPool(annotations: Readonly<Record<string, string | null>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
