import { annotated, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { asks, both, dual, made, type MutationCase, names, nothing } from "./mutation-case.ts";
import { mutationStories } from "./mutation-stories.ts";

const holds = (...ips: readonly string[]): ServiceFields => ({ ingress: ips.map((ip) => ({ ip })) });
const shares = (key: string, more: ServiceFields = {}): ServiceFields =>
  both(both(asks("198.51.100.200"), { annotations: annotated("allow-shared-ip", key) }), more);
const old = (name: string, value: string): ServiceFields => ({
  annotations: { [`metallb.universe.tf/${name}`]: value },
});
const there = { inPlace: true };

/** Services that are made, or written over what they were. */
const services: readonly MutationCase[] = [
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
];

/** After the manner of MetalLB's TestControllerMutation, 46 cases of which are here in other words. */
export const mutationCases: readonly MutationCase[] = [...services, ...mutationStories];
