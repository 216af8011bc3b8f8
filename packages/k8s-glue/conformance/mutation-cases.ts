import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import type { Shown, TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

/** Something done to one Service or to the pools, and what that leaves the Service with, whatever was done before. */
export interface MutationCase {
  readonly name: string;
  readonly key: string;
  readonly run: (cluster: TestCluster) => void;
  readonly shown: Shown;
  /** The same where requests that cannot be met release what is held; absent where that makes no difference. */
  readonly shownReleased?: Shown;
  /** Whether the outcome is the same over whatever the Service held before, so that it need not be new. */
  readonly inPlace: boolean;
  /** Whether it leaves other pools or labels of namespaces than it found. */
  readonly reconfigures: boolean;
}

const team = (value: string): object => ({ namespaceSelectors: [{ matchLabels: { team: value } }] });
const app = (value: string): object => ({ serviceSelectors: [{ matchLabels: { app: value } }] });
const manual = { autoAssign: false };

/** The pools that every case begins with. */
export const fixedPools: ReadonlyMap<string, ReturnType<typeof pool>> = new Map(
  [
    pool("a", ["192.0.2.0/31"]),
    pool("b", ["198.51.100.0/30"], manual),
    pool("c", ["2001:db8:c::/126"]),
    pool("d", ["203.0.113.0/30", "2001:db8:d::/126"]),
    pool("e", ["203.0.113.252/30"], { ...manual, avoidBuggyIPs: true }),
    pool("f", ["192.0.2.8/30"], { serviceAllocation: { namespaces: ["team-a"], priority: 20 } }),
    pool("g", ["192.0.2.16/30"], { serviceAllocation: { namespaces: ["team-a"], priority: 10 } }),
    pool("h", ["192.0.2.24/30"], { serviceAllocation: app("web") }),
    pool("i", ["192.0.2.32/30"], { serviceAllocation: { ...team("b"), priority: 5 } }),
    pool("j", ["192.0.2.40/30"], { serviceAllocation: team("none") }),
    pool("k", ["192.0.2.48/30"], { serviceAllocation: { namespaces: ["team-a"], ...app("db"), priority: 1 } }),
    pool("z", ["198.51.100.200/32"], manual),
  ].map((each) => [each.metadata?.name ?? "", each]),
);

/** The pools, some of them otherwise than `fixedPools` has them; null: not at all. */
export function poolsWith(
  changes: Readonly<Record<string, ReturnType<typeof pool> | null>>,
): readonly ReturnType<typeof pool>[] {
  return [...fixedPools].flatMap(([name, each]) => (changes[name] === null ? [] : [changes[name] ?? each]));
}

/** Labels of the namespaces that every case begins with. */
export const fixedNamespaces: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["default", {}],
  ["team-a", { team: "a" }],
  ["team-b", { team: "b" }],
]);

/** Services that are there all the time and never move. */
export const bystanders: readonly (readonly [key: string, fields: ServiceFields, ips: readonly string[]])[] = [
  ["default/first", { labels: { app: "x" }, annotations: annotated("loadBalancerIPs", "192.0.2.0") }, ["192.0.2.0"]],
  [
    "default/sharer",
    { annotations: { ...annotated("loadBalancerIPs", "198.51.100.200"), ...annotated("allow-shared-ip", "k") } },
    ["198.51.100.200"],
  ],
];

const nothing: readonly [] = [];
const asks = (ips: string): ServiceFields => ({ annotations: annotated("loadBalancerIPs", ips) });
const names = (name: string): ServiceFields => ({ annotations: annotated("address-pool", name) });
const both = (one: ServiceFields, other: ServiceFields): ServiceFields => ({
  ...one,
  ...other,
  annotations: { ...one.annotations, ...other.annotations },
});
const holds = (...ips: readonly string[]): ServiceFields => ({ ingress: ips.map((ip) => ({ ip })) });
const shares = (key: string, more: ServiceFields = {}): ServiceFields =>
  both(both(asks("198.51.100.200"), { annotations: annotated("allow-shared-ip", key) }), more);

interface More {
  readonly key?: string;
  readonly inPlace?: boolean;
}

/** A Service that is made or, in place, written over. */
function made(
  name: string,
  fields: ServiceFields,
  ips: readonly string[],
  from: string | null,
  more: More = {},
): MutationCase {
  const { key = "default/s", inPlace = false } = more;
  const run = (cluster: TestCluster): void => void cluster.apply(loadBalancerService(key, fields)).reconcile();
  return { name, key, run, shown: { ips, pool: from }, inPlace, reconfigures: false };
}

/** Several things that are done one after another, each brought to rest. */
function story(
  name: string,
  steps: readonly ((cluster: TestCluster) => unknown)[],
  ips: readonly string[],
  from: string | null,
  key = "default/s",
): MutationCase {
  const run = (cluster: TestCluster): void => {
    for (const step of steps) {
      step(cluster);
      cluster.reconcile();
    }
  };
  return { name, key, run, shown: { ips, pool: from }, inPlace: false, reconfigures: true };
}

const s =
  (fields: ServiceFields = {}, key = "default/s") =>
  (cluster: TestCluster): TestCluster =>
    cluster.apply(loadBalancerService(key, fields));
const pools =
  (changes: Parameters<typeof poolsWith>[0]) =>
  (cluster: TestCluster): TestCluster =>
    cluster.configure(...poolsWith(changes));
const restart = (cluster: TestCluster): TestCluster => cluster.elect();
const old = (name: string, value: string): ServiceFields => ({
  annotations: { [`metallb.universe.tf/${name}`]: value },
});
const dual = ["203.0.113.0", "2001:db8:d::"];
const there = { inPlace: true };

/** After the manner of MetalLB's TestControllerMutation, 46 cases of which are here in other words. */
export const mutationCases: readonly MutationCase[] = [
  made("IPv4", {}, ["192.0.2.1"], "a"),
  made("IPv6", { stack: "v6" }, ["2001:db8:c::"], "c"),
  made("both preferred", { stack: "dual" }, dual, "d"),
  made("both preferred, IPv6 first", { stack: "dual-v6-first" }, dual, "d"),
  made("both required", { stack: "dual", policy: "RequireDualStack" }, dual, "d"),
  made("both required of one cluster IP", { policy: "RequireDualStack" }, nothing, null, there),
  made("both preferred of one IPv4 cluster IP", { policy: "PreferDualStack" }, ["192.0.2.1"], "a"),
  made("both preferred of one IPv6 cluster IP", { stack: "v6", policy: "PreferDualStack" }, ["2001:db8:c::"], "c"),
  made("one wanted of two cluster IPs", { stack: "dual", policy: "SingleStack" }, nothing, null, there),
  made("no cluster IP", { stack: "none" }, nothing, null, there),
  made("headless", { spec: { clusterIP: "None", clusterIPs: ["None"] } }, nothing, null, there),
  made("cluster IPs that are no addresses", { spec: { clusterIPs: ["10.96.0.300"] } }, nothing, null, there),
  made("two cluster IPs of one family", { spec: { clusterIPs: ["10.96.0.1", "10.96.0.2"] } }, nothing, null, there),
  made("of another type", { spec: { type: "ClusterIP" } }, nothing, null, there),
  made(
    "of another type, with a request",
    both(asks("198.51.100.2"), { spec: { type: "NodePort" } }),
    nothing,
    null,
    there,
  ),
  made("of another class", { spec: { loadBalancerClass: "other" } }, nothing, null),
  made(
    "of another class, with an address",
    { spec: { loadBalancerClass: "other" }, ...holds("203.0.113.77") },
    ["203.0.113.77"],
    null,
  ),

  made("an address by the field", { spec: { loadBalancerIP: "198.51.100.2" } }, ["198.51.100.2"], "b", there),
  made("an address by annotation", asks("198.51.100.3"), ["198.51.100.3"], "b", there),
  made("an address by the old annotation", old("loadBalancerIPs", "198.51.100.1"), ["198.51.100.1"], "b", there),
  made(
    "the new annotation before the old",
    both(old("loadBalancerIPs", "198.51.100.1"), asks("198.51.100.3")),
    ["198.51.100.3"],
    "b",
    there,
  ),
  made("an address by both", both(asks("198.51.100.2"), { spec: { loadBalancerIP: "198.51.100.2" } }), nothing, null),
  made("text that is no address", asks("198.51.100"), nothing, null),
  made("a field that is no address", { spec: { loadBalancerIP: "please" } }, nothing, null),
  made("an address of no pool", asks("192.0.2.99"), nothing, null),
  made("an address of the other family", asks("2001:db8:c::1"), nothing, null),
  made("an address that another holds", asks("192.0.2.0"), nothing, null),
  made(
    "two addresses for two families",
    both({ stack: "dual" }, asks("2001:db8:d::2,203.0.113.3")),
    ["203.0.113.3", "2001:db8:d::2"],
    "d",
    there,
  ),
  made("two addresses of two pools", both({ stack: "dual" }, asks("192.0.2.1,2001:db8:c::1")), nothing, null),
  made("two addresses for one family", asks("203.0.113.3,2001:db8:d::2"), nothing, null),
  made("two addresses of one family", both({ stack: "dual" }, asks("203.0.113.2,203.0.113.3")), nothing, null),
  made("three addresses", both({ stack: "dual" }, asks("203.0.113.2,203.0.113.3,2001:db8:d::")), nothing, null),
  made(
    "one address where two are required",
    both({ stack: "dual", policy: "RequireDualStack" }, asks("203.0.113.3")),
    nothing,
    null,
  ),
  made(
    "one address where two are preferred",
    both({ stack: "dual" }, asks("203.0.113.3")),
    ["203.0.113.3"],
    "d",
    there,
  ),
  made("an address of a pool for others", asks("192.0.2.9"), nothing, null),
  made("an address of a pool for this namespace", asks("192.0.2.9"), ["192.0.2.9"], "f", { key: "team-a/s", ...there }),
  made("an address of a pool for no namespace yet", asks("192.0.2.41"), nothing, null),
  made("an address that ends in 255", asks("203.0.113.255"), nothing, null),
  made("an address beside one that ends in 255", asks("203.0.113.254"), ["203.0.113.254"], "e", there),

  made("a pool", names("b"), ["198.51.100.0"], "b"),
  made("a pool by the old annotation", old("address-pool", "b"), ["198.51.100.0"], "b"),
  made("a pool that avoids an end", names("e"), ["203.0.113.252"], "e"),
  made("a pool without a name", names(""), ["192.0.2.1"], "a"),
  made("a pool that is not there", names("nowhere"), nothing, null),
  made("a pool for others", names("f"), nothing, null),
  made("a pool for this namespace, though not its best", names("f"), ["192.0.2.8"], "f", { key: "team-a/s" }),
  made("a pool of the other family", names("c"), nothing, null),
  made("a pool of both families", both({ stack: "v6" }, names("d")), ["2001:db8:d::"], "d"),
  made("a pool of one family for both preferred", both({ stack: "dual" }, names("a")), ["192.0.2.1"], "a"),
  made(
    "a pool of one family for both required",
    both({ stack: "dual", policy: "RequireDualStack" }, names("a")),
    nothing,
    null,
  ),
  made("a pool and an address of it", both(names("b"), asks("198.51.100.2")), ["198.51.100.2"], "b", there),
  made("a pool and an address of another", both(names("b"), asks("192.0.2.1")), nothing, null),

  made("found with an address", holds("198.51.100.3"), ["198.51.100.3"], "b"),
  made("found with an address of no pool", holds("192.0.2.99"), ["192.0.2.1"], "a"),
  made("found with what another holds", holds("192.0.2.0"), ["192.0.2.1"], "a"),
  made("found with a name", { ingress: [{ hostname: "lb.example" }] }, ["192.0.2.1"], "a"),
  made(
    "found with a name and an address",
    { ingress: [{ hostname: "lb.example" }, { ip: "198.51.100.2" }] },
    ["198.51.100.2"],
    "b",
  ),
  made("found with what is no address", holds("192.0.2.1.1"), ["192.0.2.1"], "a"),
  made("found with two of its family", holds("198.51.100.2", "198.51.100.3"), ["198.51.100.2"], "b"),
  made("found with two families and one wanted", holds("203.0.113.3", "2001:db8:d::3"), ["203.0.113.3"], "d"),
  made(
    "found with one family and two preferred",
    { stack: "dual", ...holds("203.0.113.3") },
    ["203.0.113.3", "2001:db8:d::"],
    "d",
  ),
  made("found with one family in a pool of one", { stack: "dual", ...holds("192.0.2.1") }, ["192.0.2.1"], "a"),
  made("found with an address that its pool avoids", holds("203.0.113.255"), ["192.0.2.1"], "a"),
  made("found with an address of a pool for others", holds("192.0.2.9"), ["192.0.2.1"], "a"),
  made("found with another than it asks for", both(asks("198.51.100.2"), holds("198.51.100.3")), ["198.51.100.2"], "b"),
  made("found with another pool than it asks for", both(names("b"), holds("192.0.2.1")), ["198.51.100.0"], "b"),
  made(
    "found with an address and of another type",
    both(holds("198.51.100.3"), { spec: { type: "ClusterIP" } }),
    nothing,
    null,
  ),

  made("in a namespace with pools of its own", {}, ["192.0.2.16"], "g", { key: "team-a/s" }),
  made("with the label of a pool of its namespace", { labels: { app: "db" } }, ["192.0.2.48"], "k", {
    key: "team-a/s",
  }),
  made("with the label of a pool", { labels: { app: "web" } }, ["192.0.2.24"], "h"),
  made("with the label of another namespace's pool", { labels: { app: "db" } }, ["192.0.2.1"], "a"),
  made("in a namespace that a selector finds", {}, ["192.0.2.32"], "i", { key: "team-b/s" }),
  made("IPv6 where its own pools have none", { stack: "v6" }, ["2001:db8:c::"], "c", { key: "team-a/s" }),

  made("shares an address", shares("k", { ports: [81] }), ["198.51.100.200"], "z", there),
  made(
    "shares by the pool alone",
    both(both(names("z"), { annotations: annotated("allow-shared-ip", "k") }), { ports: [82] }),
    ["198.51.100.200"],
    "z",
    there,
  ),
  made("shares a port of another protocol", shares("k", { ports: ["80/UDP"] }), ["198.51.100.200"], "z", there),
  made("shares by another key", shares("other", { ports: [81] }), nothing, null),
  made("shares without a key", both(asks("198.51.100.200"), { ports: [81] }), nothing, null),
  made("shares a port that is taken", shares("k", { ports: [81, 80] }), nothing, null),
  made(
    "shares with a policy of its own",
    shares("k", { ports: [81], spec: { externalTrafficPolicy: "Local", selector: { x: "y" } } }),
    nothing,
    null,
  ),
  made("shares from another namespace", shares("k", { ports: [83] }), ["198.51.100.200"], "z", {
    key: "team-b/s",
    ...there,
  }),

  story("asks no more for its pool", [s(names("b")), s()], ["198.51.100.0"], "b"),
  story("asks no more for its address", [s(asks("198.51.100.2")), s()], ["198.51.100.2"], "b"),
  story("asks for another address", [s(asks("198.51.100.2")), s(asks("198.51.100.3"))], ["198.51.100.3"], "b"),
  {
    ...story(
      "asks for another address that is taken",
      [s(asks("198.51.100.2")), s(asks("192.0.2.0"))],
      ["198.51.100.2"],
      "b",
    ),
    shownReleased: { ips: nothing, pool: null },
  },
  {
    ...story("asks for another address that is of no pool", [s(), s(asks("192.0.2.99"))], ["192.0.2.1"], "a"),
    shownReleased: { ips: nothing, pool: null },
  },
  story("asks for another address by text that is none", [s(), s(asks("192.0.2"))], ["192.0.2.1"], "a"),
  {
    ...story("asks for another pool that is not there", [s(), s(names("nowhere"))], ["192.0.2.1"], "a"),
    shownReleased: { ips: nothing, pool: null },
  },
  story("asks for another pool", [s(), s(names("b"))], ["198.51.100.0"], "b"),
  story("loses its label", [s({ labels: { app: "web" } }), s()], ["192.0.2.1"], "a"),
  story(
    "is of another type for a while",
    [s(asks("198.51.100.3")), s({ spec: { type: "ClusterIP" } }), s()],
    ["192.0.2.1"],
    "a",
  ),
  story("changes its family", [s(), s({ stack: "v6" })], ["2001:db8:c::"], "c"),
  story(
    "becomes of both families where they are",
    [s({ ...names("d"), stack: "v4" }), s({ ...names("d"), stack: "dual" })],
    dual,
    "d",
  ),
  story("becomes of one family again", [s({ stack: "dual" }), s({ stack: "v6" })], ["2001:db8:d::"], "d"),
  story("its pool loses the address", [s(), pools({ a: pool("a", ["192.0.2.0/32"]) })], ["203.0.113.0"], "d"),
  story("its pool goes", [s(names("b")), s(), pools({ b: null })], ["192.0.2.1"], "a"),
  story("its pool goes and comes back", [s(names("b")), pools({ b: null }), pools({})], ["198.51.100.0"], "b"),
  story(
    "its pool is named otherwise",
    [s(names("b")), s(), pools({ b: pool("bb", ["198.51.100.0/30"], manual) })],
    ["198.51.100.0"],
    "bb",
  ),
  story(
    "its pool is split",
    [s(), pools({ a: pool("a", ["192.0.2.0/32"]), b: pool("b", ["192.0.2.1/32"], manual) })],
    ["192.0.2.1"],
    "b",
  ),
  story("its pool grows", [s(), pools({ a: pool("a", ["192.0.2.0/29"]) })], ["192.0.2.1"], "a"),
  story(
    "its pool assigns no more by itself",
    [s(), pools({ a: pool("a", ["192.0.2.0/31"], manual) })],
    ["192.0.2.1"],
    "a",
  ),
  story(
    "its pool avoids its address",
    [s(asks("198.51.100.0")), s(), pools({ b: pool("b", ["198.51.100.0/30"], { ...manual, avoidBuggyIPs: true }) })],
    ["192.0.2.1"],
    "a",
  ),
  story(
    "its pool is for others now",
    [s(), pools({ a: pool("a", ["192.0.2.0/31"], { serviceAllocation: { namespaces: ["default"], ...app("x") } }) })],
    ["203.0.113.0"],
    "d",
  ),
  story(
    "a pool of both families comes",
    [s({ stack: "dual", ...names("a") }), s({ stack: "dual" })],
    ["192.0.2.1"],
    "a",
  ),
  story(
    "its namespace is for other pools now",
    [s({}, "team-b/s"), (cluster) => cluster.namespace("team-b", { team: "c" })],
    ["192.0.2.1"],
    "a",
    "team-b/s",
  ),
  story(
    "a namespace is for its pool now",
    [(cluster) => cluster.namespace("default", { team: "none" }), s(asks("192.0.2.41"))],
    ["192.0.2.41"],
    "j",
  ),
  story("a restart", [s(asks("198.51.100.3")), s(), restart], ["198.51.100.3"], "b"),
  story(
    "a restart while its pool is not there",
    [s(names("b")), pools({ b: null }), restart, pools({})],
    ["198.51.100.0"],
    "b",
  ),
  story(
    "its pool is not readable for a while",
    [s(names("b")), s(), pools({ b: pool("b", ["198.51.100.300/30"]) }), pools({})],
    ["192.0.2.1"],
    "a",
  ),
];
