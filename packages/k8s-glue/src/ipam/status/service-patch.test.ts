import type { Assignment, Demand } from "@herald-lb/allocator";
import { allocatedFromPool } from "@herald-lb/k8s-glue/metallb";
import type { Condition, Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { addressAssigned } from "../demand/ownership.ts";
import type { AllocationResult } from "../ledger/allocation-result.ts";
import { servicePatch } from "./service-patch.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

const NOW = "2026-02-02T00:00:00Z";
const BEFORE = "2026-01-01T00:00:00Z";

const demand: Demand = {
  service: "default/web",
  families: { type: "PreferBoth", primary: "IPv4" },
  ports: [],
  pools: ["gold"],
  permitted: ["gold"],
  requested: [],
  recorded: [],
  sharingKey: null,
  backendKey: "",
};
const given: Assignment = { pool: "gold", addresses: [ip("192.0.2.1"), ip("2001:db8::1")] };
const both = ["192.0.2.1", "2001:db8::1"];

function holding(assignment: Assignment): AllocationResult {
  return {
    type: "Decided",
    demand,
    outcome: { assignment, change: "Kept", refusal: null, removalReason: null },
    ineligible: [],
    discrepancy: null,
  };
}
const waiting: AllocationResult = {
  type: "Refused",
  refusal: { code: "UnknownPool", pool: "none" },
  kept: null,
  discrepancy: null,
};

const assigned: Condition = {
  type: addressAssigned,
  status: "True",
  reason: "AddressAssigned",
  message: 'assigned 192.0.2.1, 2001:db8::1 of pool "gold"',
  lastTransitionTime: BEFORE,
};
const refused: Condition = {
  type: addressAssigned,
  status: "False",
  reason: "UnknownPool",
  message: 'unknown pool "none"',
  lastTransitionTime: BEFORE,
};
const other: Condition = {
  type: "example.com/Other",
  status: "True",
  reason: "R",
  message: "",
  lastTransitionTime: BEFORE,
};

interface Live {
  readonly ips?: readonly string[];
  readonly annotatedMode?: string;
  readonly pool?: string;
  readonly ipMode?: string;
  readonly conditions?: readonly Condition[];
}

function service({ ips = [], ipMode, pool, annotatedMode, conditions = [] }: Live): Service {
  return {
    metadata: {
      name: "web",
      namespace: "default",
      resourceVersion: "7",
      annotations: {
        other: "stays",
        ...(pool === undefined ? {} : { [allocatedFromPool]: pool }),
        ...(annotatedMode === undefined ? {} : { "herald-lb.io/ip-mode": annotatedMode }),
      },
    },
    status: {
      loadBalancer: { ingress: ips.map((each) => ({ ip: each, ...(ipMode === undefined ? {} : { ipMode }) })) },
      conditions,
    },
  };
}

const version = { resourceVersion: "7" };
const ingress = (ips: readonly string[], ipMode = "VIP"): object => ({
  loadBalancer: { ingress: ips.map((each) => ({ ip: each, ipMode })) },
});

describe("servicePatch", () => {
  it.each<{ name: string; live: Live; result: AllocationResult; patch: object | null }>([
    {
      name: "all is said already, by a server that drops the mode",
      live: { ips: both, pool: "gold", conditions: [assigned] },
      result: holding(given),
      patch: null,
    },
    {
      name: "all is said already, by a server that fills the mode in",
      live: { ips: both, ipMode: "VIP", pool: "gold", conditions: [other, assigned] },
      result: holding(given),
      patch: null,
    },
    { name: "never a load balancer", live: {}, result: { type: "Released" }, patch: null },
    {
      name: "never a load balancer, with conditions of others",
      live: { conditions: [other] },
      result: { type: "Released" },
      patch: null,
    },
    {
      name: "another's, whatever it says",
      live: { ips: both, conditions: [assigned] },
      result: { type: "NotOurs" },
      patch: null,
    },
    {
      name: "given anew: all in one",
      live: {},
      result: holding(given),
      patch: {
        metadata: { ...version, annotations: { [allocatedFromPool]: "gold" } },
        status: { ...ingress(both), conditions: [{ ...assigned, lastTransitionTime: NOW }] },
      },
    },
    {
      name: "the pool was renamed: the annotation and the condition, in which it is named",
      live: { ips: both, pool: "silver", conditions: [{ ...assigned, message: "of silver" }] },
      result: holding(given),
      patch: {
        metadata: { ...version, annotations: { [allocatedFromPool]: "gold" } },
        status: { conditions: [assigned] },
      },
    },
    {
      name: "one address less",
      live: { ips: [...both, "192.0.2.9"], pool: "gold", conditions: [assigned] },
      result: holding(given),
      patch: { metadata: version, status: ingress(both) },
    },
    {
      name: "another order",
      live: { ips: both.toReversed(), pool: "gold", conditions: [assigned] },
      result: holding(given),
      patch: { metadata: version, status: ingress(both) },
    },
    {
      name: "a mode is asked for",
      live: { ips: both, pool: "gold", annotatedMode: "Proxy", conditions: [assigned] },
      result: holding(given),
      patch: { metadata: version, status: ingress(both, "Proxy") },
    },
    {
      name: "a mode is no longer asked for",
      live: { ips: both, ipMode: "Proxy", pool: "gold", conditions: [assigned] },
      result: holding(given),
      patch: { metadata: version, status: ingress(both) },
    },
    {
      name: "a mode that is none",
      live: { ips: both, pool: "gold", annotatedMode: "proxy", conditions: [assigned] },
      result: holding(given),
      patch: null,
    },
    {
      name: "nothing to be had: the condition alone, beside those of others",
      live: { conditions: [other] },
      result: waiting,
      patch: { metadata: version, status: { conditions: [other, { ...refused, lastTransitionTime: NOW }] } },
    },
    {
      name: "nothing to be had, for another reason than before: since when stays",
      live: { conditions: [{ ...refused, message: "before" }, other] },
      result: waiting,
      patch: { metadata: version, status: { conditions: [other, refused] } },
    },
    { name: "nothing to be had, as before", live: { conditions: [refused] }, result: waiting, patch: null },
    {
      name: "a load balancer no more: all goes but what is others'",
      live: { ips: both, pool: "gold", conditions: [assigned, other] },
      result: { type: "Released" },
      patch: {
        metadata: { ...version, annotations: { [allocatedFromPool]: null } },
        status: { loadBalancer: { ingress: null }, conditions: [other] },
      },
    },
    {
      name: "a load balancer no more that waited",
      live: { conditions: [refused] },
      result: { type: "Released" },
      patch: { metadata: version, status: { conditions: null } },
    },
  ])("$name", ({ live, result, patch }) => {
    expect(servicePatch(service(live), result, NOW)).toEqual(patch);
  });
});
