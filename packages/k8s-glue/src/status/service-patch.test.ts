import type { Assignment } from "@herald-lb/allocator";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { Service } from "../objects.ts";
import { allocatedFromPool } from "../service/annotations.ts";
import { servicePatch } from "./service-patch.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

function service(ips: readonly string[], pool: string | null): Service {
  return {
    metadata: {
      name: "web",
      namespace: "default",
      resourceVersion: "7",
      annotations: { other: "stays", ...(pool === null ? {} : { [allocatedFromPool]: pool }) },
    },
    status: { loadBalancer: { ingress: ips.map((address) => ({ ip: address })) } },
  };
}

const given: Assignment = { pool: "gold", addresses: [ip("192.0.2.1"), ip("2001:db8::1")] };
const both = ["192.0.2.1", "2001:db8::1"];
const ingress = (ips: readonly string[] | null): object => ({
  status: { loadBalancer: { ingress: ips?.map((address) => ({ ip: address })) ?? null } },
});

describe("servicePatch", () => {
  it.each([
    { name: "all is said already", live: service(both, "gold"), assignment: given, patch: null },
    { name: "nothing held, nothing said", live: service([], null), assignment: null, patch: null },
    {
      name: "given anew: addresses and pool",
      live: service([], null),
      assignment: given,
      patch: { ...ingress(both), metadata: { resourceVersion: "7", annotations: { [allocatedFromPool]: "gold" } } },
    },
    {
      name: "the pool was renamed: the annotation alone",
      live: service(both, "silver"),
      assignment: given,
      patch: { metadata: { resourceVersion: "7", annotations: { [allocatedFromPool]: "gold" } } },
    },
    {
      name: "one address less: the status alone",
      live: service([...both, "192.0.2.9"], "gold"),
      assignment: given,
      patch: { ...ingress(both), metadata: { resourceVersion: "7" } },
    },
    {
      name: "another order is another status",
      live: service(both.toReversed(), "gold"),
      assignment: given,
      patch: { ...ingress(both), metadata: { resourceVersion: "7" } },
    },
    {
      name: "released: both go",
      live: service(both, "gold"),
      assignment: null,
      patch: { ...ingress(null), metadata: { resourceVersion: "7", annotations: { [allocatedFromPool]: null } } },
    },
  ])("$name", ({ live, assignment, patch }) => {
    expect(servicePatch(live, assignment)).toEqual(patch);
  });
});
