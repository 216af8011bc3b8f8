import type { Assignment, Demand, Outcome, Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { AllocationResult, Discrepancy } from "../ledger/allocation-result.ts";
import { allocationEvents } from "./allocation-events.ts";
import { servicePatch } from "./service-patch.ts";

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
const reconciled = (
  outcome: Partial<Outcome>,
  fields: Partial<Demand> = {},
  discrepancy: Discrepancy | null = null,
): AllocationResult => ({
  type: "Decided",
  demand: { ...demand, ...fields },
  outcome: { assignment: one, change: "Kept", refusal: null, removalReason: null, ...outcome },
  ineligible: [],
  discrepancy,
});

describe("allocationEvents", () => {
  it.each<{ name: string; result: AllocationResult; service?: Service; reasons: readonly string[] }>([
    { name: "another's service", result: { type: "NotOurs" }, reasons: [] },
    { name: "released", result: { type: "Released" }, service: naming("192.0.2.1"), reasons: [] },
    { name: "kept", result: reconciled({}), service: naming("192.0.2.1"), reasons: [] },
    { name: "assigned", result: reconciled({}), reasons: ["Normal IPAllocated"] },
    {
      name: "one family more",
      result: reconciled({ assignment: two }),
      service: naming("192.0.2.1"),
      reasons: ["Normal IPAllocated"],
    },
    {
      name: "given up and assigned anew",
      result: reconciled({}, {}, { type: "Removed", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Normal ClearAssignment", "Normal IPAllocated"],
    },
    {
      name: "given up, and nothing else to be had",
      result: reconciled({ assignment: null, refusal: exhausted }, {}, { type: "Removed", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Normal ClearAssignment", "Warning AllocationFailed"],
    },
    {
      name: "edited by somebody else",
      result: reconciled({}, {}, { type: "Edited", because: outside }),
      service: naming("198.51.100.1"),
      reasons: ["Warning StatusRestored"],
    },
    {
      name: "nothing to be had",
      result: reconciled({ assignment: null, refusal: exhausted }),
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "the second family is not to be had, and only preferred",
      result: reconciled({ refusal: exhausted }, prefersBoth),
      service: naming("192.0.2.1"),
      reasons: ["Normal AdditionalAssignFailed"],
    },
    {
      name: "the second family is not to be had, and required",
      result: reconciled({ refusal: exhausted }),
      service: naming("192.0.2.1"),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "a fields that cannot be met beside what is held",
      result: reconciled({ refusal: outside }, asks),
      service: naming("192.0.2.1"),
      reasons: ["Warning LoadBalancerFailed"],
    },
    {
      name: "a fields that cannot be read, nothing held",
      result: { type: "Refused", refusal: { code: "UnknownPool", pool: "none" }, kept: null, discrepancy: null },
      reasons: ["Warning AllocationFailed"],
    },
    {
      name: "a fields that cannot be read, something held",
      result: {
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
      result: {
        type: "Refused",
        refusal: { code: "NotEnoughClusterIPs", clusterIPs: ["10.96.0.1"] },
        kept: null,
        discrepancy: null,
      },
      reasons: ["Warning not enough clusterips"],
    },
    {
      name: "cluster IPs that are none",
      result: {
        type: "Refused",
        refusal: { code: "BadClusterIPs", clusterIPs: ["None"] },
        kept: null,
        discrepancy: null,
      },
      reasons: ["Warning noclusterIPsIPFamily"],
    },
  ])("$name", ({ result, service = naming(), reasons }) => {
    const events = allocationEvents("default/web", service, result);
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(reasons);
    // Once the status says it, nothing is left to be said or written.
    const patch = servicePatch(service, result, "2026-01-01T00:00:00Z");
    if (reasons.length > 0) expect(patch).not.toBeNull();
    if (patch === null) return;
    const ingress = patch.status?.loadBalancer;
    const written: Service = {
      metadata: { ...service.metadata, annotations: resultPool(patch.metadata.annotations) },
      status: {
        loadBalancer: {
          ingress: ingress === undefined ? (service.status?.loadBalancer?.ingress ?? []) : (ingress.ingress ?? []),
        },
        conditions: patch.status?.conditions ?? [],
      },
    };
    expect(servicePatch(written, result, "2026-01-01T00:00:01Z")).toBeNull();
    expect(allocationEvents("default/web", written, result)).toEqual([]);
  });

  it("words them as MetalLB does", () => {
    const said = (service: Service, result: AllocationResult): readonly string[] =>
      allocationEvents("default/web", service, result).map(({ message }) => message);
    expect(said(naming(), reconciled({ assignment: two }))).toEqual(['Assigned IP ["192.0.2.1" "2001:db8::1"]']);
    expect(said(naming("192.0.2.1"), reconciled({ assignment: two }))).toEqual([
      'Assigned additional IP "2001:db8::1"',
    ]);
    expect(said(naming(), reconciled({ assignment: null, refusal: exhausted }))).toEqual([
      'Failed to allocate IP for "default/web": no available IPs: pool "gold": no IPv6 addresses',
    ]);
    expect(said(naming("192.0.2.1"), reconciled({ refusal: exhausted }, prefersBoth))).toEqual([
      'cannot assign additional IP in PreferDualStack: no available IPs: pool "gold": no IPv6 addresses',
    ]);
    expect(said(naming("192.0.2.1"), reconciled({ refusal: outside }, asks))).toEqual([
      'invalid requested loadbalancer IPs: address 198.51.100.1 is in no pool; the service keeps 192.0.2.1 of pool "gold"',
    ]);
  });

  it("names the old addresses and the new ones", () => {
    const [cleared] = allocationEvents(
      "default/web",
      naming("198.51.100.1"),
      reconciled({}, {}, { type: "Removed", because: outside }),
    );
    expect(cleared?.message).toBe(
      'current IP for "default/web" not allowed by config, will attempt for new IP assignment: address 198.51.100.1 is in no pool; had ["198.51.100.1"], has ["192.0.2.1"] now',
    );
  });
});

function resultPool(annotations: Readonly<Record<string, string | null>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
