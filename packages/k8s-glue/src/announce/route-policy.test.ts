import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { bgp, exclude, node, object, pool, service, slice } from "./announce-objects.test.fixture.ts";
import { formatRoutes } from "./format-routes.ts";
import { routeReport } from "./route-report.ts";
import { routesOf } from "./routes.ts";

const at = (second: number, ad: KubernetesObject): KubernetesObject => ({
  ...ad,
  metadata: { ...ad.metadata, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
});
const routes = (objects: readonly KubernetesObject[], given = service()) =>
  routesOf({
    service: given,
    slices: [slice("a")],
    node: node("a"),
    configuration: readConfiguration([pool, ...objects]),
    ignoreExcludeLb: false,
    loadBalancerClass: null,
  });
const asking = (annotations: Record<string, string>) =>
  service({
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`herald-lb.io/${name}`, value]),
    ),
  });

describe("attributes of routes", () => {
  const dual = service({ ips: ["192.0.2.10", "2001:db8::9"] });

  it("are those of the advertisement, with the next hop of each family", () => {
    const spec = {
      med: 0,
      asPathPrepend: 2,
      nextHop: "192.0.2.1",
      nextHopV6: "2001:db8::1",
      extendedCommunities: ["rt:1:2"],
    };
    const common = { peers: "all", med: 0, prepend: 2, extendedCommunities: [0x0002_0001_0000_0002n] };
    expect(routes([bgp("ad", spec)], dual).routes).toEqual([
      { prefix: "192.0.2.10/32", nextHop: "192.0.2.1", ...common },
      { prefix: "2001:db8::9/128", nextHop: "2001:db8::1", ...common },
    ]);
    expect(routes([bgp("ad", { nextHop: "192.0.2.1" })], dual).routes).toMatchObject([
      { nextHop: "192.0.2.1" },
      { nextHop: "self" },
    ]);
  });

  it.each([
    { field: "med", older: { med: 5 }, younger: { med: 6 } },
    { field: "asPathPrepend", older: {}, younger: { asPathPrepend: 1 } },
    { field: "nextHop", older: {}, younger: { nextHop: "192.0.2.1" } },
  ])("come of the older of two advertisements that disagree on $field", ({ field, older, younger }) => {
    const result = routes([at(2, bgp("young", younger)), at(1, bgp("old", older))]);
    expect(result.conflicts).toEqual([{ kept: "old", dropped: "young", field }]);
    expect(result.routes).toEqual(routes([bgp("old", older)]).routes);
  });

  it("do not disagree on the next hop of a family that the Service has no address of", () => {
    expect(routes([bgp("a"), bgp("b", { nextHopV6: "2001:db8::1" })]).conflicts).toEqual([]);
  });
});

describe("annotations of a Service", () => {
  const allowing = (more: object = {}) => ({
    communities: ["1:1"],
    serviceOverrides: { communities: ["1:2", "large:1:2:3", "fast"], localPref: { minimum: 50, maximum: 60 }, ...more },
  });
  const aliases = object("Community", "c", {
    communities: [
      { name: "fast", value: "7:7" },
      { name: "slow", value: "8:8" },
    ],
  });
  const all = { "bgp-communities": "1:2, fast,large:1:2:3", "bgp-local-pref": "55" };

  it("have no effect without an advertisement that allows them, and are told", () => {
    const result = routes([bgp("ad")], asking(all));
    expect(result.routes).toEqual(routes([bgp("ad")]).routes);
    expect(result.refused).toEqual([
      { annotation: "herald-lb.io/bgp-communities", value: "1:2" },
      { annotation: "herald-lb.io/bgp-communities", value: "fast" },
      { annotation: "herald-lb.io/bgp-communities", value: "large:1:2:3" },
      { annotation: "herald-lb.io/bgp-local-pref", value: "55" },
    ]);
  });

  it("add the communities and set the LOCAL_PREF that are allowed", () => {
    const result = routes([bgp("ad", allowing()), aliases], asking(all));
    expect(result.refused).toEqual([]);
    expect(result.routes).toMatchObject([
      { communities: [65_537, 65_538, 7 * 65_537], largeCommunities: [{ localDataPart2: 3 }], localPref: 55 },
    ]);
  });

  it.each([50, 60])("may set either end of the range of LOCAL_PREF: %i", (value) => {
    const result = routes([bgp("ad", allowing()), aliases], asking({ "bgp-local-pref": String(value) }));
    expect(result.refused).toEqual([]);
    expect(result.routes).toMatchObject([{ localPref: value }]);
  });

  it.each([
    { name: "a namespace that is not named", spec: allowing({ namespaces: ["other"] }), refused: 4 },
    { name: "a namespace that is named", spec: allowing({ namespaces: ["other", "default"] }), refused: 0 },
    { name: "no namespace at all", spec: allowing({ namespaces: [] }), refused: 4 },
  ])("of $name", ({ spec, refused }) => {
    expect(routes([bgp("ad", spec), aliases], asking(all)).refused).toHaveLength(refused);
  });

  it.each([
    { name: "a community that is not listed", annotations: { "bgp-communities": "1:2,1:3" }, value: "1:3" },
    { name: "a name that is not listed", annotations: { "bgp-communities": "slow" }, value: "slow" },
    { name: "a name that nobody has", annotations: { "bgp-communities": "none" }, value: "none" },
    { name: "a LOCAL_PREF below", annotations: { "bgp-local-pref": "49" }, value: "49" },
    { name: "a LOCAL_PREF above", annotations: { "bgp-local-pref": "61" }, value: "61" },
  ])("are refused $name", ({ annotations, value }) => {
    const result = routes([bgp("ad", allowing()), aliases], asking(annotations as Record<string, string>));
    expect(result.refused.map((each) => each.value)).toEqual([value]);
    expect(result.routes[0]).not.toHaveProperty("localPref");
  });

  it.each([
    { "bgp-communities": "1:2,,fast" },
    { "bgp-communities": "1:70000" },
    { "bgp-local-pref": "-1" },
    { "bgp-local-pref": "4294967296" },
  ])("that cannot be read ask for nothing: %j", (annotations) => {
    const result = routes([bgp("ad", allowing()), aliases], asking(annotations as Record<string, string>));
    expect(result.refused).toEqual([]);
    expect(result.routes).toEqual(routes([bgp("ad", allowing()), aliases]).routes);
  });

  it("are told as refused only where no advertisement of the Service allows them", () => {
    const result = routes(
      [bgp("a", { peers: ["x"] }), bgp("b", { ...allowing(), peers: ["y"] }), aliases],
      asking(all),
    );
    expect(result.refused).toEqual([]);
    expect(result.routes.map(({ localPref }) => localPref)).toEqual([undefined, 55]);
  });
});

describe("graceful shutdown", () => {
  const ad = bgp("ad", { gracefulShutdownTime: "10s", localPref: 200, communities: ["1:1"] });
  const plain = bgp("ad", { localPref: 200, communities: ["1:1"] });
  const given = (objects: readonly KubernetesObject[], more: Partial<Parameters<typeof routesOf>[0]>) =>
    routesOf({
      service: service(),
      slices: [slice("a")],
      node: node("a"),
      configuration: readConfiguration([pool, ...objects]),
      ignoreExcludeLb: false,
      loadBalancerClass: null,
      ...more,
    });
  const marked = [{ prefix: "192.0.2.10/32", localPref: 0, communities: [65_537, 0xffff_0000] }];
  const usual = [{ prefix: "192.0.2.10/32", localPref: 200, communities: [65_537] }];
  const cordoned = { ...node("a"), spec: { unschedulable: true } };
  const excluded = node("a", { [exclude]: "" });

  it.each([
    { name: "a node in service", more: {}, withTime: usual, without: usual },
    { name: "a cordoned node", more: { node: cordoned }, withTime: marked, without: usual },
    { name: "a speaker that stops", more: { isStopping: true }, withTime: marked, without: usual },
    { name: "a node excluded just now", more: { node: excluded, excludedFor: 0 }, withTime: marked, without: [] },
    { name: "a node in its last moment", more: { node: excluded, excludedFor: 9_999 }, withTime: marked, without: [] },
    { name: "a node excluded for so long", more: { node: excluded, excludedFor: 10_000 }, withTime: [], without: [] },
    { name: "a node excluded before the start", more: { node: excluded }, withTime: [], without: [] },
    {
      name: "a node without a network",
      more: { node: node("a", {}, true), excludedFor: 0 },
      withTime: [],
      without: [],
    },
  ])("of $name", ({ more, withTime, without }) => {
    expect(given([ad], more).routes).toMatchObject(withTime);
    expect(given([ad], more).routes).toHaveLength(withTime.length);
    expect(given([plain], more).routes).toMatchObject(without);
    expect(given([plain], more).routes).toHaveLength(without.length);
  });

  it("concerns the advertisements that ask for it alone", () => {
    const both = [bgp("a", { gracefulShutdownTime: "10s", peers: ["x"] }), bgp("b", { peers: ["y"] })];
    expect(given(both, { node: excluded, excludedFor: 1 }).routes).toMatchObject([{ peers: ["x"], localPref: 0 }]);
    expect(given(both, { node: cordoned }).routes.map(({ localPref }) => localPref)).toEqual([0, undefined]);
  });
});

describe("the report on routes", () => {
  it("is empty for routes without attributes, to whichever peers", () => {
    expect(routeReport(routes([bgp("ad", { peers: ["x"] })]))).toEqual({});
  });

  it("has every attribute as users write it", () => {
    const spec = {
      peers: ["x"],
      localPref: 5,
      med: 0,
      asPathPrepend: 1,
      nextHop: "192.0.2.1",
      communities: ["65000:1", "large:1:2:3"],
      extendedCommunities: ["ro:192.0.2.9:4"],
    };
    expect(routeReport(routes([bgp("ad", spec)]))).toEqual({
      routes: [
        {
          prefix: "192.0.2.10/32",
          peers: ["x"],
          nextHop: "192.0.2.1",
          localPref: 5,
          med: 0,
          asPathPrepend: 1,
          communities: ["65000:1", "large:1:2:3", "ro:192.0.2.9:4"],
        },
      ],
    });
  });

  it("is text for people as well", () => {
    const spec = { peers: ["x", "y"], med: 5, communities: ["65000:1"], extendedCommunities: ["rt:1:2"] };
    const younger = at(2, bgp("young", { med: 6, peers: ["y"] }));
    expect(formatRoutes(routes([at(1, bgp("old", spec)), younger], asking({ "bgp-local-pref": "5" })))).toBe(
      `default/web
  192.0.2.10/32 to x, y, med 5, communities 65000:1 rt:1:2
  advertisement young is not used: old, which is older, has another med
  annotation herald-lb.io/bgp-local-pref: 5 has no effect, since no advertisement allows it in serviceOverrides`,
    );
    expect(formatRoutes(routes([bgp("ad")]))).toBe("default/web\n  192.0.2.10/32 to all peers");
    expect(formatRoutes(routes([]))).toBe("default/web\n  no routes from this node: noMatchingAdvertisement");
  });

  it("names what is not used", () => {
    const older = at(1, bgp("old", { med: 1 }));
    const result = routes([older, at(2, bgp("young", { med: 2 }))], asking({ "bgp-local-pref": "5" }));
    expect(routeReport(result)).toMatchObject({
      conflictingAdvertisements: [{ advertisement: "young", usedInstead: "old", field: "med" }],
      refused: [{ annotation: "herald-lb.io/bgp-local-pref", value: "5" }],
    });
  });
});

describe("the bandwidth of routes", () => {
  const ad = bgp("ad", { linkBandwidthPerEndpoint: 8 });
  const given = (policy: "Local" | "Cluster", ...nodes: string[]) =>
    routesOf({
      service: service({ spec: { externalTrafficPolicy: policy } }),
      slices: [slice(...nodes)],
      node: node("a"),
      configuration: readConfiguration([pool, ad]),
      ignoreExcludeLb: false,
      loadBalancerClass: null,
    });

  it("is that of the endpoints on the node", () => {
    expect(given("Local", "a", "b", "a", "a").routes).toMatchObject([{ linkBandwidth: 3_000_000 }]);
    expect(routeReport(given("Local", "a", "a"))).toMatchObject({ routes: [{ linkBandwidth: 16 }] });
  });

  it("is none where every node sends traffic to every endpoint", () => {
    expect(given("Cluster", "a", "b", "a").routes[0]).not.toHaveProperty("linkBandwidth");
  });
});
