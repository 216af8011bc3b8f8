import { describe, expect, it } from "vitest";
import { isServing, servingEndpointCount } from "./serving.ts";

describe("whether an endpoint serves", () => {
  it.each([
    [{}, true],
    [{ ready: true }, true],
    [{ ready: null }, true],
    [{ ready: false }, false],
    [{ ready: false, serving: true, terminating: true }, true],
    [{ ready: false, terminating: true }, true],
    [{ ready: false, serving: true }, false],
    [{ ready: false, serving: true, terminating: false }, false],
    [{ ready: false, serving: false, terminating: true }, false],
    [{ ready: false, serving: null }, false],
  ])("%j: %j", (conditions, serves) => {
    expect(isServing({ addresses: ["10.0.0.1"], conditions })).toBe(serves);
  });
});

describe("the number of endpoints on a node that kube-proxy sends traffic to", () => {
  const on = (nodeName: string, conditions: object = {}) => ({ addresses: ["10.0.0.1"], nodeName, conditions });
  const ending = { ready: false, serving: true, terminating: true };

  it.each([
    { name: "none", endpoints: [], count: 0 },
    { name: "those on the node", endpoints: [on("a"), on("b"), on("a")], count: 2 },
    { name: "the ready ones", endpoints: [on("a"), on("a", { ready: false }), on("a", ending)], count: 1 },
    {
      name: "the terminating ones where none is ready",
      endpoints: [on("a", ending), on("a", ending), on("b")],
      count: 2,
    },
    { name: "one without an address", endpoints: [{ ...on("a"), addresses: [] }], count: 0 },
  ])("$name: $count", ({ endpoints, count }) => {
    expect(servingEndpointCount([{ endpoints }], "a", "IPv4")).toBe(count);
  });

  it("is that of the family", () => {
    const slices = [
      { addressType: "IPv4", endpoints: [on("a"), on("a")] },
      { addressType: "IPv6", endpoints: [on("a")] },
      { endpoints: [on("a")] },
    ];
    expect(servingEndpointCount(slices, "a", "IPv4")).toBe(3);
    expect(servingEndpointCount(slices, "a", "IPv6")).toBe(2);
  });
});
