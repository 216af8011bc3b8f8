import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

type Timers = readonly [
  hold: string | undefined,
  keepalive: string | undefined,
  seconds: readonly [number, number] | null,
];

function expectTimers(...rows: readonly Timers[]): void {
  for (const [hold, keepalive, seconds] of rows) {
    const written = {
      ...(hold === undefined ? {} : { holdTime: hold }),
      ...(keepalive === undefined ? {} : { keepaliveTime: keepalive }),
    };
    const { bgpPeers, issues } = readConfiguration([peer(written)]);
    const { holdTime = null, keepaliveTime = null } = bgpPeers[0]?.config ?? {};
    const read = holdTime === null ? null : [holdTime, keepaliveTime];
    expect({ read, issues }, `${hold} and ${keepalive}`).toEqual({ read: seconds, issues: [] });
  }
}

const on = (host: string) => ({ nodeSelectors: [{ matchLabels: { host } }] });
const at = (last: number) => ({ peerAddress: `192.0.2.${last}` });
const serving = (...objects: readonly KubernetesObject[]): readonly string[] =>
  readConfiguration(objects).bgpPeers.map(({ name }) => name);

const timers: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "no timer is set",
    verdict: "same",
    why: "",
    check: () => {
      expectTimers([undefined, undefined, null], ["", "", null]);
      expect(readConfiguration([peer({})]).bgpPeers[0]?.config).not.toHaveProperty("holdTime");
    },
  },
  {
    section: "§2.8",
    row: "only the hold time is set",
    verdict: "same",
    why: "",
    check: () => expectTimers(["90s", undefined, [90, 30]], ["1m30s", "", [90, 30]], ["3s", undefined, [3, 1]]),
  },
  {
    section: "§2.8",
    row: "only the keepalive time is set",
    verdict: "same",
    why: "",
    check: () => expectTimers([undefined, "20s", [60, 20]], [undefined, "0s", [0, 0]], [undefined, "1s", [3, 1]]),
  },
  {
    section: "§2.8",
    row: "limits of timers",
    verdict: "same",
    why: "",
    check: () => {
      expectTimers(
        ["3.9s", undefined, [3, 1]],
        ["0s", "0s", [0, 0]],
        ["900ms", undefined, [0, 0]],
        ["9s", "9s", [9, 9]],
      );
      for (const holdTime of ["1s", "2s", "2.9s", "-9s"]) {
        expect(codes(peer({ holdTime })), holdTime).toEqual(["p spec.holdTime BadTimer Rejected"]);
      }
      for (const [holdTime, keepaliveTime] of [
        ["9s", "10s"],
        ["0s", "1s"],
      ]) {
        expect(codes(peer({ holdTime, keepaliveTime }))).toEqual(["p spec.keepaliveTime BadTimer Rejected"]);
      }
    },
  },
];

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

const peers: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "equal peers",
    verdict: "better",
    why: "the younger is refused and names the older, which serves",
    check: () => {
      const same = [peer({ password: "x" }, "z"), peer({ password: "x" }, "a")];
      expect(codes(...same)).toEqual(["a spec Duplicate Rejected"]);
      expect(serving(...same)).toEqual(["z"]);
    },
  },
  {
    section: "§2.8",
    row: "peers of one node in the FRR modes",
    case: "identity",
    verdict: "better",
    why: "the younger is refused where it is the same session; at another port, from another address, or with other numbers it is another, which FRR cannot tell apart",
    check: () => {
      expect(serving(peer({}, "z"), peer({ holdTime: "9s" }, "a"))).toEqual(["z"]);
      expect(serving(peer(on("a"), "z"), peer({ ...on("b"), holdTime: "9s" }, "a"))).toEqual(["a", "z"]);
      expect(serving(peer(on("a"), "z"), peer({ holdTime: "9s" }, "a"))).toEqual(["z"]);
      expect(serving(peer({}, "z"), peer({ peerPort: 1179 }, "a"))).toEqual(["a", "z"]);
      expect(codes(peer({}, "z"), peer({ myASN: 64502 }, "a"))).toEqual(["a spec.peerAddress SameRouter Noted"]);
    },
  },
  {
    section: "§2.8",
    row: "peers of one node in the FRR modes",
    case: "routerID and myASN",
    verdict: "better",
    why: "each session has its own BGP Identifier and number of the own system, so that peers of one node may differ in them; FRR has one of each",
    check: () => {
      const different = [peer({ routerID: "192.0.2.8" }), peer({ ...at(2), routerID: "192.0.2.9", myASN: 64999 }, "q")];
      expect(codes(...different)).toEqual([]);
      expect(readConfiguration(different).bgpPeers.map(({ config }) => [config.localAs, config.bgpIdentifier])).toEqual(
        [
          [64500, "192.0.2.8"],
          [64999, "192.0.2.9"],
        ],
      );
    },
  },
  {
    section: "§2.8",
    row: "refusals of the native mode",
    case: "what Herald acts on",
    verdict: "better",
    why: "keepaliveTime, connectTime, enableGracefulRestart, dualStackAddressFamily, dynamicASN, localASN, large communities and IPv6 pools have their effect",
    check: () => {
      const everything = {
        peerASN: 0,
        dynamicASN: "external",
        localASN: 64999,
        holdTime: "9s",
        keepaliveTime: "2s",
        connectTime: "5s",
        enableGracefulRestart: true,
        dualStackAddressFamily: true,
      };
      const { bgpPeers, bgpAdvertisements, issues } = readConfiguration([
        peer(everything),
        pool("v6", ["2001:db8::/64"]),
        advertisement({ communities: ["large:1:2:3"] }),
      ]);
      expect(issues).toEqual([]);
      expect(bgpPeers[0]?.config).toMatchObject({
        peerAs: "external",
        localAs: 64999,
        holdTime: 9,
        keepaliveTime: 2,
        connectTime: 5,
        families: ["IPv4", "IPv6"],
        gracefulRestart: {},
      });
      expect(bgpAdvertisements).toHaveLength(1);
    },
  },
  {
    section: "§2.8",
    row: "refusals of the native mode",
    case: "what Herald does not act on yet",
    verdict: "better",
    why: "what a session can do without is noted and the peer serves; where it would be another session, the peer alone is refused: interface, vrf",
    check: () => {
      expect(codes(peer({ disableMP: true }))).toEqual(["p spec.disableMP NotActedOn Noted"]);
      const bfd = [peer({ bfdProfile: "b" }), object("BFDProfile", "b", {})];
      expect(codes(...bfd)).toEqual(["p spec.bfdProfile NotActedOn Noted", "b spec NotActedOn Noted"]);
      expect(serving(...bfd)).toEqual(["p"]);
      const apart = [peer({ vrf: "red" }, "r"), peer({ peerAddress: "", interface: "eth1" }, "i"), peer(at(3), "good")];
      expect(serving(...apart)).toEqual(["good"]);
    },
  },
];

const errors: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "transient errors",
    case: "BFD profile",
    verdict: "better",
    why: "noted on the peer, which serves without BFD in the meantime",
    check: () => {
      expect(codes(peer({ bfdProfile: "b" }))).toContain("p spec.bfdProfile UnknownReference Noted");
      expect(serving(peer({ bfdProfile: "b" }))).toEqual(["p"]);
    },
  },
  {
    section: "§2.8",
    row: "transient errors",
    case: "secret",
    verdict: "better",
    why: "the one peer waits for its Secret, the others serve",
    check: null,
    shownBy:
      "packages/k8s-glue/src/announce/announcements.test.ts: are without the one whose Secret $name, and the rest stays",
  },
  {
    section: "§2.8",
    row: "transient errors",
    case: "community",
    verdict: "better",
    why: "the one advertisement waits for the name, for without no-export it would leak; the others serve",
    check: () => {
      const waiting = advertisement({ communities: ["later"] });
      const { bgpAdvertisements } = readConfiguration([waiting, advertisement({}, "other")]);
      expect(bgpAdvertisements.map((each) => each.object.name)).toEqual(["other"]);
      expect(codes(waiting)).toEqual(["ad spec.communities[0] UnknownCommunity Rejected"]);
      const named = object("Community", "c", { communities: [{ name: "later", value: "1:1" }] });
      expect(codes(waiting, named)).toEqual([]);
    },
  },
  {
    section: "§2.8",
    row: "all or nothing",
    verdict: "better",
    why: "each object is judged by itself, and says so itself: what is sound serves, whatever is wrong with others",
    check: () => {
      const bad = [
        pool("bad", ["x"]),
        object("IPAddressPool", "worse", { addresses: 7 }),
        object("L2Advertisement", "bad", { nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "In" }] }] }),
        advertisement({ communities: ["1:2:3"] }, "bad"),
        peer({ myASN: 0 }, "bad"),
        object("Community", "bad", { communities: [{ name: "x", value: "y" }] }),
        object("BFDProfile", "bad", { receiveInterval: 1 }),
      ];
      const good = [
        pool("good", ["192.0.2.0/24"]),
        object("L2Advertisement", "good", {}),
        advertisement({}, "good"),
        peer({}, "good"),
        object("Community", "good", { communities: [{ name: "a", value: "1:1" }] }),
      ];
      const read = readConfiguration([...bad, ...good]);
      const { pools: readPools, l2Advertisements, bgpAdvertisements, bgpPeers } = read;
      for (const list of [readPools, l2Advertisements, bgpAdvertisements, bgpPeers]) {
        expect(list.map((each) => each.object.name)).toEqual(["good"]);
      }
      expect([...read.communities.keys()]).toEqual(["a"]);
      expect(read.bfdProfiles).toEqual([]);
      const faulty = read.issues.filter(({ effect }) => effect !== "Noted").map((issue) => issue.object);
      expect(new Set(faulty.map(({ kind, name }) => `${kind}/${name}`)).size).toBe(bad.length);
      const alone = readConfiguration(good);
      expect({ ...read, issues: [], objects: [] }).toEqual({ ...alone, issues: [], objects: [] });
    },
  },
  {
    section: "§2.8",
    row: "objects for other nodes",
    verdict: "better",
    why: "a bad object stops itself alone, on every node",
    check: () => expect(serving(peer({ ...on("a"), myASN: 0 }, "bad"), peer(at(2), "good"))).toEqual(["good"]),
  },
];

/** §2.8: the rules of the parser. */
export const parserRows: readonly ConformanceRow[] = [...timers, ...repetitions, ...pools, ...peers, ...errors];

/** §2.6: Community. */
export const communityRows: readonly ConformanceRow[] = [
  {
    section: "§2.6",
    row: "spec.communities",
    case: "values",
    verdict: "same",
    why: "",
    check: () => {
      const named = (value: string) => object("Community", "c", { communities: [{ name: "a", value }] });
      for (const value of ["0:0", "65535:65535", "large:0:0:0", "large:4294967295:4294967295:4294967295"]) {
        expect(codes(named(value)), value).toEqual([]);
      }
      for (const value of ["", "no-export", "65536:0", "1:2:3", "large:1:2", "large:4294967296:0:0", "-1:1", "1:1 "]) {
        expect(codes(named(value)), value).toEqual(["c spec.communities[0].value BadCommunity Partial"]);
      }
    },
  },
  {
    section: "§2.6",
    row: "spec.communities",
    case: "names of names",
    verdict: "same",
    why: "",
    check: () => {
      const chain = object("Community", "c", {
        communities: [
          { name: "a", value: "1:1" },
          { name: "b", value: "a" },
        ],
      });
      expect(codes(chain)).toEqual(["c spec.communities[1].value BadCommunity Partial"]);
      expect([...readConfiguration([chain]).communities.keys()]).toEqual(["a"]);
    },
  },
  {
    section: "§2.6",
    row: "spec.communities",
    case: "a name twice",
    verdict: "better",
    why: "the older object keeps the name, the younger says whose it is, and its other names serve",
    check: () => {
      const older = object("Community", "z", { communities: [{ name: "a", value: "1:1" }] });
      const younger = object("Community", "c", {
        communities: [
          { name: "a", value: "2:2" },
          { name: "b", value: "3:3" },
          { name: "b", value: "4:4" },
        ],
      });
      expect(codes(younger, older)).toEqual([
        "c spec.communities[0].name Duplicate Partial",
        "c spec.communities[2].name Duplicate Partial",
      ]);
      expect([...readConfiguration([younger, older]).communities.values()]).toEqual([
        { type: "Standard", value: 0x10001 },
        { type: "Standard", value: 0x30003 },
      ]);
    },
  },
];
