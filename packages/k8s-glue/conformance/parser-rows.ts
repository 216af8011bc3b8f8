import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { serving } from "./peers.test.fixture.ts";

const expression = (...values: readonly string[]) => ({ key: "a", operator: "In", values });
const repeatedSelectors = [
  { matchExpressions: [expression("x", "y")] },
  { matchExpressions: [expression("y", "x")] },
  { matchLabels: { a: "b", c: "d" } },
  { matchLabels: { c: "d", a: "b" } },
];

const repetitions: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "duplicate label selectors",
    verdict: "better",
    why: "a repetition is noted where it is, and has no effect; there it discards the whole configuration",
    check: () => {
      const fields: readonly (readonly [string, KubernetesObject])[] = [
        ["spec.nodeSelectors", peer({ nodeSelectors: repeatedSelectors })],
        ["spec.nodeSelectors", object("L2Advertisement", "p", { nodeSelectors: repeatedSelectors })],
        ["spec.ipAddressPoolSelectors", advertisement({ ipAddressPoolSelectors: repeatedSelectors }, "p")],
        ["spec.serviceSelectors", advertisement({ serviceSelectors: repeatedSelectors }, "p")],
        [
          "spec.serviceAllocation.namespaceSelectors",
          pool("p", ["192.0.2.0/24"], { serviceAllocation: { namespaceSelectors: repeatedSelectors } }),
        ],
        [
          "spec.serviceAllocation.serviceSelectors",
          pool("p", ["192.0.2.0/24"], { serviceAllocation: { serviceSelectors: repeatedSelectors } }),
        ],
      ];
      for (const [field, each] of fields) {
        expect(codes(each)).toEqual([`p ${field}[1] Duplicate Noted`, `p ${field}[3] Duplicate Noted`]);
      }
      const inside = { matchExpressions: [expression("x", "x"), expression("y", "z"), expression("z", "y")] };
      expect(codes(peer({ nodeSelectors: [inside] }))).toEqual([
        "p spec.nodeSelectors[0].matchExpressions[0].values[1] Duplicate Noted",
        "p spec.nodeSelectors[0].matchExpressions[2] Duplicate Noted",
      ]);
      expect(serving(peer({ nodeSelectors: [inside] }))).toEqual(["p"]);
    },
  },
  {
    section: "§2.8",
    row: "duplicate names in lists",
    verdict: "better",
    why: "the CRD refuses a repetition when it is applied; an object that has one all the same serves, and says so",
    check: () => {
      const twice = { ipAddressPools: ["q", "q"], peers: ["r", "r"], communities: ["1:1", "1:1"] };
      const others = [pool("q", ["192.0.2.0/24"], { serviceAllocation: { namespaces: ["a", "a"] } }), peer({}, "r")];
      expect(codes(advertisement(twice), ...others).toSorted()).toEqual([
        "ad spec.communities[1] Duplicate Noted",
        "ad spec.ipAddressPools[1] Duplicate Noted",
        "ad spec.peers[1] Duplicate Noted",
        "q spec.serviceAllocation.namespaces[1] Duplicate Noted",
      ]);
    },
    shownBy: "e2e/src/admission/configuration-rules.ts: a pool twice",
  },
];

const pools: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "names and blocks of pools",
    case: "between pools",
    verdict: "better",
    why: "the older pool serves whole and the younger without the overlap, both say so; there neither does, nor anything else of the change",
    check: () => {
      const overlapping: readonly (readonly [older: string, younger: string, left: readonly string[]])[] = [
        ["192.0.2.0/24", "192.0.2.0/24", []],
        ["192.0.2.0/24", "192.0.2.64/26", []],
        ["192.0.2.64/26", "192.0.2.0/24", ["192.0.2.0-192.0.2.63", "192.0.2.128-192.0.2.255"]],
        ["192.0.2.0-192.0.2.9", "192.0.2.9-192.0.2.20", ["192.0.2.10-192.0.2.20"]],
        ["2001:db8::/64", "2001:db8::/63", ["2001:db8:0:1::-2001:db8:0:1:ffff:ffff:ffff:ffff"]],
      ];
      for (const [older, younger, left] of overlapping) {
        const objects = [pool("z", [older]), pool("a", [younger])];
        const read = readConfiguration(objects).pools.map(({ pool: { name, ranges } }) => ({
          name,
          ranges: ranges.map(({ first, last }) => `${first}-${last}`),
        }));
        expect(read.find(({ name }) => name === "a")?.ranges ?? []).toEqual(left);
        expect(read.find(({ name }) => name === "z")?.ranges).toHaveLength(1);
        expect(codes(...objects)).toEqual([
          "a spec.addresses[0] Overlap Partial",
          ...(left.length === 0 ? ["a spec.addresses NoAddresses Rejected"] : []),
          "z spec.addresses[0] Overlap Noted",
        ]);
      }
      expect(codes(pool("a", ["192.0.2.0/25"]), pool("b", ["192.0.2.128/25"]))).toEqual([]);
    },
  },
  {
    section: "§2.8",
    row: "names and blocks of pools",
    case: "inside a pool",
    verdict: "better",
    why: "each address counts once and the entry that repeats it is named; there nothing of the change has effect",
    check: () => {
      const repeated = pool("p", ["192.0.2.0/28", "192.0.2.0/28", "192.0.2.8/29", "192.0.2.0/27"]);
      expect(codes(repeated).map((line) => line.replace("p spec.", ""))).toEqual([
        "addresses[1] Overlap Partial",
        "addresses[2] Overlap Partial",
        "addresses[3] Overlap Partial",
      ]);
      const [read] = readConfiguration([repeated]).pools;
      expect(read?.pool.ranges).toEqual([
        { first: "192.0.2.0", last: "192.0.2.15" },
        { first: "192.0.2.16", last: "192.0.2.31" },
      ]);
    },
  },
  {
    section: "§2.8",
    row: "names and blocks of pools",
    case: "names",
    verdict: "not applicable",
    why: "the API server lets no object be without a name, nor two of one kind and namespace have the same",
    check: null,
  },
  {
    section: "§2.8",
    row: "addresses of nodes",
    verdict: "better",
    why: "a pool that contains addresses of Nodes or gateways reports them, or never assigns them, by a flag",
    check: null,
    shownBy: "packages/k8s-glue/src/metallb/config/read-pool-policy.test.ts: addresses of Nodes and gateways in a pool",
  },
];

/** §2.8: the rules of the parser about repetitions and pools. */
export const parserRows: readonly ConformanceRow[] = [...repetitions, ...pools];
