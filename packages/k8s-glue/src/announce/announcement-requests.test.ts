import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { describe, expect, it } from "vitest";
import { node, object, pool, service, slice } from "./announce-objects.test.fixture.ts";
import { announcementRequestsOf, serviceOfRequest } from "./announcement-requests.ts";
import { l2AnnouncementOf } from "./announcements.ts";
import { noAvoidedNodes } from "./avoided-nodes.ts";

function requests(spec: object, ips: string[], nodes = ["a", "b"], of = pool) {
  return requestsOf([spec], ips, nodes, of);
}

function requestsOf(specs: readonly object[], ips: string[], nodes = ["a", "b"], of = pool) {
  const announcement = l2AnnouncementOf({
    service: service({ ips }),
    slices: [slice("a")],
    sharers: [],
    nodes: new Map(nodes.map((name) => [name, node(name)])),
    configuration: readConfiguration([of, ...specs.map((spec, at) => object("L2Advertisement", `ad${at}`, spec))]),
    ignoreExcludeLb: false,
    avoidedNodes: noAvoidedNodes,
    loadBalancerClass: null,
  });
  return announcementRequestsOf(announcement);
}
const both = ["192.0.2.1", "2001:db8::1"];

describe("announcementRequestsOf", () => {
  it("is one request where MetalLB's fields are all there are", () => {
    const candidates = ["a", "b"].map((name) => ({ node: name, score: 0, interfaces: "all" }));
    expect(requests({}, both)).toEqual([
      {
        key: "default/web",
        addresses: both,
        electionAddress: "192.0.2.1",
        candidates,
        sticky: false,
        spread: false,
        cadence: { refreshInterval: null, form: "Both" },
        conflictPolicy: "Announce",
        onConflict: "Defend",
      },
    ]);
    expect(requests({ electionScope: "Service", addressDistribution: "Hash" }, both)).toEqual(requests({}, both));
  });

  it("is one request for each family on request, the first with the Service's own key", () => {
    const parts = requests({ electionScope: "IPFamily" }, both);
    expect(parts).toMatchObject([
      { key: "default/web", addresses: ["192.0.2.1"], electionAddress: "192.0.2.1" },
      { key: "default/web#IPv6", addresses: ["2001:db8::1"], electionAddress: "2001:db8::1" },
    ]);
    expect(parts.map(({ key }) => serviceOfRequest(key))).toEqual(["default/web", "default/web"]);
    expect(requests({ electionScope: "IPFamily" }, ["2001:db8::1"])).toEqual(requests({}, ["2001:db8::1"]));
  });

  it("is none without a candidate or an address", () => {
    expect(requests({}, both, [])).toEqual([]);
    expect(requests({}, [])).toEqual([]);
  });

  it("has the cadence and the conduct in conflicts that the advertisements of the Service ask for", () => {
    const spec = { refreshInterval: "60s", arpAnnouncementForm: "Reply", conflictPolicy: "Probe", onConflict: "Yield" };
    expect(requests({ ...spec, electionScope: "IPFamily" }, both)).toMatchObject(
      both.map(() => ({
        cadence: { refreshInterval: 60_000, form: "Reply" },
        conflictPolicy: "Probe",
        onConflict: "Yield",
      })),
    );
  });

  it("is served by every candidate where an advertisement of the Service says so, unless another probes or yields", () => {
    expect(requests({ loadSharing: "PerClient" }, both)).toMatchObject([{ loadSharing: { rebalance: false } }]);
    expect(requests({ loadSharing: "PerClient", rebalance: true }, both)).toMatchObject([
      { loadSharing: { rebalance: true } },
    ]);
    const withOther = (other: object) => requestsOf([{ loadSharing: "PerClient" }, other], both)[0];
    expect(withOther({})).toHaveProperty("loadSharing");
    expect(withOther({ rebalance: true })).toMatchObject({ loadSharing: { rebalance: false } });
    expect(withOther({ conflictPolicy: "Probe" })).not.toHaveProperty("loadSharing");
    expect(withOther({ onConflict: "Yield" })).not.toHaveProperty("loadSharing");
  });

  it("is spread, and sticky, where an advertisement of the Service is", () => {
    expect(requests({ addressDistribution: "Spread", sticky: true }, both)).toMatchObject([
      { spread: true, sticky: true },
    ]);
    expect(requests({ addressDistribution: "Spread", ipAddressPools: ["p"] }, both)).toMatchObject([{ spread: true }]);
  });

  it("watches rivals where the pool replaces what they have", () => {
    expect(requests({ conflictPolicy: "Probe" }, both)[0]).not.toHaveProperty("watchesRivals");
    const replacing = { ...pool, spec: { addresses: ["192.0.2.0/24", "2001:db8::/64"], onAddressConflict: "Replace" } };
    expect(requests({}, both, ["a"], replacing)).toMatchObject([{ watchesRivals: true }]);
  });

  it("has the interfaces that count for their subnets apart from the others", () => {
    const candidates = (...specs: readonly object[]) =>
      requestsOf(specs, both, ["a"])[0]?.candidates.map(({ interfaces, onSubnet }) => [interfaces, onSubnet]);
    expect(candidates({})).toEqual([["all", undefined]]);
    expect(candidates({ interfaceSelection: "Subnet" })).toEqual([[[], "all"]]);
    expect(candidates({ interfaceSelection: "Subnet", interfaces: ["eth0"] })).toEqual([[[], ["eth0"]]]);
    expect(candidates({ interfaceSelection: "Subnet" }, { interfaces: ["eth1"] })).toEqual([[["eth1"], "all"]]);
  });
});
