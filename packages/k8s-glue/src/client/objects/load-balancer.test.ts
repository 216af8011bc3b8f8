import { describe, expect, it } from "vitest";
import { isOurClass, recordedAddresses } from "./load-balancer.ts";
import type { LoadBalancerIngress } from "./objects.ts";

describe("recordedAddresses", () => {
  it.each<{ name: string; ingress: readonly LoadBalancerIngress[]; expected: readonly string[] }>([
    { name: "nothing", ingress: [], expected: [] },
    {
      name: "both families in the order of the status",
      ingress: [{ ip: "2001:db8::1" }, { ip: "192.0.2.1" }],
      expected: ["2001:db8::1", "192.0.2.1"],
    },
    { name: "an address twice", ingress: [{ ip: "192.0.2.1" }, { ip: "192.0.2.1" }], expected: ["192.0.2.1"] },
    {
      name: "one address in two spellings",
      ingress: [{ ip: "2001:db8::1" }, { ip: "2001:DB8:0::1" }],
      expected: ["2001:db8::1"],
    },
    {
      name: "a hostname and text that is no address",
      ingress: [{ hostname: "lb.example.org" }, { ip: "192.0.2.300" }, { ip: "" }],
      expected: [],
    },
  ])("reads $name", ({ ingress, expected }) => {
    expect(recordedAddresses({ status: { loadBalancer: { ingress } } })).toEqual(expected);
  });

  it("reads a Service without a status", () => {
    expect(recordedAddresses({})).toEqual([]);
  });
});

describe("isOurClass", () => {
  it.each([
    { of: undefined, ours: null, expected: true },
    { of: undefined, ours: "x", expected: false },
    { of: "x", ours: null, expected: false },
    { of: "x", ours: "x", expected: true },
    { of: "x", ours: "y", expected: false },
  ])("is $expected for a Service of class $of and an instance of class $ours", ({ of, ours, expected }) => {
    expect(isOurClass({ spec: of === undefined ? {} : { loadBalancerClass: of } }, ours)).toBe(expected);
  });
});
