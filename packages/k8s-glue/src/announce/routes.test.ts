import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { bgp, exclude, node, on, pool, service, slice } from "./announce-objects.test.fixture.ts";
import { routesOf } from "./routes.ts";

describe("routes of a Service on a node", () => {
  const routes = (objects: readonly KubernetesObject[], more: Partial<Parameters<typeof routesOf>[0]> = {}) =>
    routesOf({
      service: service(),
      slices: [slice("a")],
      node: node("a"),
      configuration: readConfiguration(objects),
      ignoreExcludeLb: false,
      loadBalancerClass: null,
      ...more,
    });

  it("are one for each address and advertisement", () => {
    const dual = service({ ips: ["192.0.2.10", "2001:db8::9"] });
    const wide = bgp("wide", { aggregationLength: 24, aggregationLengthV6: 64, localPref: 200, peers: ["r1"] });
    const tagged = bgp("tagged", { communities: ["64500:2", "64500:1", "large:1:2:3"] });
    expect(routes([pool, wide, tagged], { service: dual }).routes).toEqual([
      { prefix: "192.0.2.10/32", nextHop: "self", peers: "all", ...tags },
      { prefix: "192.0.2.0/24", nextHop: "self", peers: ["r1"], localPref: 200 },
      { prefix: "2001:db8::9/128", nextHop: "self", peers: "all", ...tags },
      { prefix: "2001:db8::/64", nextHop: "self", peers: ["r1"], localPref: 200 },
    ]);
  });
  const tags = {
    communities: [64500 * 65536 + 1, 64500 * 65536 + 2],
    largeCommunities: [{ globalAdministrator: 1, localDataPart1: 2, localDataPart2: 3 }],
  };

  it.each([
    {
      name: "no advertisement for the node",
      spec: { nodeSelectors: on("b") },
      more: {},
      reason: "noMatchingAdvertisement",
    },
    {
      name: "no advertisement for the pool",
      spec: { ipAddressPoolSelectors: [{ matchLabels: { tier: "tin" } }] },
      more: {},
      reason: "noMatchingAdvertisement",
    },
    { name: "no network", spec: {}, more: { node: node("a", {}, true) }, reason: "nodeNetworkUnavailable" },
    {
      name: "the exclude label",
      spec: {},
      more: { node: node("a", { [exclude]: "x" }) },
      reason: "nodeLabeledExcludeBalancers",
    },
    { name: "no endpoint", spec: {}, more: { slices: [] }, reason: "noEndpoints" },
    {
      name: "no local endpoint under policy Local",
      spec: {},
      more: { slices: [slice("b")], service: service({ spec: { externalTrafficPolicy: "Local" } }) },
      reason: "noLocalEndpoints",
    },
  ])("are none with $name", ({ spec, more, reason }) => {
    expect(routes([pool, bgp("ad", spec)], more)).toMatchObject({ routes: [], reason });
  });

  it("come of the older of two advertisements that disagree on localPref", () => {
    const older = {
      ...bgp("z", { localPref: 100 }),
      metadata: { name: "z", creationTimestamp: "2026-01-01T00:00:00Z" },
    };
    const younger = {
      ...bgp("a", { localPref: 200 }),
      metadata: { name: "a", creationTimestamp: "2026-01-02T00:00:00Z" },
    };
    const result = routes([pool, younger, older]);
    expect(result.routes).toMatchObject([{ localPref: 100 }]);
    expect(result.conflicts).toEqual([{ kept: "z", dropped: "a", field: "localPref" }]);
    const apart = [bgp("x", { localPref: 100, peers: ["r1"] }), bgp("y", { localPref: 200, peers: ["r2"] })];
    expect(routes([pool, ...apart]).conflicts).toEqual([]);
    const lengths = [bgp("x", { localPref: 100 }), bgp("y", { localPref: 200, aggregationLength: 24 })];
    expect(routes([pool, ...lengths]).conflicts).toEqual([]);
  });
});
