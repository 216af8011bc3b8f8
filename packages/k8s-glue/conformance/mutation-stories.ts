import { pool } from "../src/ipam/service-objects.test.fixture.ts";
import type { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import { asks, dual, type MutationCase, names, nothing, s, story } from "./mutation-case.ts";
import { app, manual, poolsWith } from "./mutation-cluster.ts";

const pools =
  (changes: Parameters<typeof poolsWith>[0]) =>
  (cluster: TestCluster): TestCluster =>
    cluster.configure(...poolsWith(changes));
const restart = (cluster: TestCluster): TestCluster => cluster.elect();

/** Stories of several steps, each brought to rest. */
export const mutationStories: readonly MutationCase[] = [
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
