import { type BgpAdvertisementConfiguration, readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { advertisement, codes, object, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const rules = "e2e/src/admission/configuration-rules.ts";

const advertise = (spec: object, ...others: readonly KubernetesObject[]): readonly string[] =>
  codes(pool("p", ["192.0.2.0/25", "198.51.100.10-198.51.100.20", "2001:db8::/64"]), advertisement(spec), ...others);
const read = (spec: object): BgpAdvertisementConfiguration | undefined =>
  readConfiguration([advertisement(spec)]).bgpAdvertisements[0];

/** §2.4: BGPAdvertisement. */
export const advertisementRows: readonly ConformanceRow[] = [
  {
    section: "§2.4",
    row: "aggregationLength",
    case: "range",
    verdict: "same",
    why: "",
    check: () => {
      expect(read({})?.aggregationLength).toBe(32);
      for (const aggregationLength of [0, 33]) {
        expect(advertise({ aggregationLength })).toEqual(["ad spec.aggregationLength SchemaViolation Rejected"]);
      }
    },
  },
  {
    section: "§2.4",
    row: "aggregationLength",
    case: "against the blocks of a pool",
    verdict: "same",
    why: "",
    check: () => {
      // 198.51.100.10-20 is .10/31, .12/30, .16/30, .20/32.
      expect(advertise({ aggregationLength: 30 })).toEqual([]);
      expect(advertise({ aggregationLength: 29 })).toEqual(["ad spec.aggregationLength BadAggregationLength Rejected"]);
      expect(advertise({ aggregationLength: 1, ipAddressPools: ["q"] }, pool("q", ["203.0.113.0/24"]))).toEqual([
        "ad spec.aggregationLength BadAggregationLength Rejected",
      ]);
      expect(advertise({ aggregationLength: 24, ipAddressPools: ["q"] }, pool("q", ["203.0.113.0/24"]))).toEqual([]);
    },
  },
  {
    section: "§2.4",
    row: "aggregationLengthV6",
    verdict: "same",
    why: "",
    check: () => {
      expect(read({})?.aggregationLengthV6).toBe(128);
      expect(advertise({ aggregationLengthV6: 129 })).toEqual(["ad spec.aggregationLengthV6 SchemaViolation Rejected"]);
      expect(advertise({ aggregationLengthV6: 64 })).toEqual([]);
      expect(advertise({ aggregationLengthV6: 63 })).toEqual([
        "ad spec.aggregationLengthV6 BadAggregationLength Rejected",
      ]);
    },
  },
  {
    section: "§2.4",
    row: "localPref",
    verdict: "same",
    why: "",
    check: () => {
      expect([
        read({ localPref: 0 })?.localPref,
        read({})?.localPref,
        read({ localPref: 4_294_967_295 })?.localPref,
      ]).toEqual([null, null, 4_294_967_295]);
    },
  },
  {
    section: "§2.4",
    row: "communities",
    verdict: "same",
    why: "",
    check: () => {
      const named = object("Community", "c", { communities: [{ name: "no-export", value: "65535:65281" }] });
      expect(advertise({ communities: ["65535:1", "large:4294967295:0:1", "no-export"] }, named)).toEqual([]);
      for (const [community, code] of [
        ["1:2:3", "BadCommunity"],
        ["65536:1", "BadCommunity"],
        ["large:1:2", "BadCommunity"],
        ["no-export", "UnknownCommunity"],
      ]) {
        expect(advertise({ communities: [community] })).toEqual([`ad spec.communities[0] ${code} Rejected`]);
      }
    },
    shownBy: `${rules}: a community twice`,
  },
  {
    section: "§2.4",
    row: "ipAddressPools, ipAddressPoolSelectors",
    verdict: "same",
    why: "",
    check: () => {
      expect(read({})?.pools).toBeNull();
      const chosen = { ipAddressPools: ["a"], ipAddressPoolSelectors: [{ matchLabels: { a: "b" } }] };
      expect(read(chosen)?.pools).toEqual({ names: ["a"], selectors: [{ matchLabels: { a: "b" } }] });
    },
  },
  {
    section: "§2.4",
    row: "nodeSelectors",
    verdict: "same",
    why: "",
    check: () => expect([read({})?.nodeSelectors, read({ nodeSelectors: [{}] })?.nodeSelectors]).toEqual([null, [{}]]),
    shownBy: "packages/k8s-glue/src/announce/routes.test.ts: no advertisement for the node",
  },
  {
    section: "§2.4",
    row: "peers",
    verdict: "better",
    why: "an unknown name has no effect there either; it is noted, for it may be a slip",
    check: () => {
      expect([read({})?.peers, read({ peers: ["a"] })?.peers]).toEqual([null, ["a"]]);
      expect(advertise({ peers: ["a"] })).toEqual(["ad spec.peers UnknownReference Noted"]);
    },
  },
  {
    section: "§2.4",
    row: "serviceSelectors",
    verdict: "same",
    why: "",
    check: () => {
      expect(advertise({ serviceSelectors: [{}], aggregationLength: 32, aggregationLengthV6: 128 })).toEqual([]);
      for (const other of [{ aggregationLength: 30 }, { aggregationLengthV6: 64 }]) {
        expect(advertise({ serviceSelectors: [{}], ...other })).toEqual([
          "ad spec.serviceSelectors FieldConflict Rejected",
        ]);
      }
    },
    shownBy: `${rules}: Services selected and aggregated`,
  },
  {
    section: "§2.4",
    row: "conflict of localPref",
    verdict: "better",
    why: "by the same rule, but the younger gives way, and says so, instead of being refused with everything else",
    check: null,
    shownBy:
      "packages/k8s-glue/src/metallb/config/advertisement-notes.test.ts: two BGPAdvertisements of one pool with other values of localPref",
  },
  {
    section: "§2.4",
    row: "conflict at the time of announcing",
    verdict: "better",
    why: "the route of the older advertisement stays",
    check: null,
    shownBy:
      "packages/k8s-glue/src/announce/routes.test.ts: come of the older of two advertisements that disagree on localPref",
  },
  {
    section: "§2.4",
    row: "two equal advertisements",
    verdict: "not applicable",
    why: "no two objects have one name; an advertisement that says under another name what an older one says is noted",
    check: null,
    shownBy:
      "packages/k8s-glue/src/metallb/config/advertisement-notes.test.ts: an advertisement that says what an older one says",
  },
];

const announcements = (words: string): string => `packages/k8s-glue/src/announce/announcements.test.ts: ${words}`;
const layer2 = (spec: object): readonly string[] =>
  codes(pool("p", ["192.0.2.0/24"]), object("L2Advertisement", "ad", spec));

/** §2.2: L2Advertisement. */
export const l2AdvertisementRows: readonly ConformanceRow[] = [
  {
    section: "§2.2",
    row: "ipAddressPools",
    verdict: "better",
    why: "a name that does not exist has no effect there either; it is noted, for it may be a slip, and where no name does, Programmed is False",
    check: () => {
      expect(layer2({ ipAddressPools: ["p"] })).toEqual([]);
      expect(layer2({ ipAddressPools: ["p", "q"] })).toEqual(["ad spec.ipAddressPools UnknownReference Noted"]);
    },
  },
  {
    section: "§2.2",
    row: "ipAddressPoolSelectors",
    verdict: "same",
    why: "",
    check: () => {
      const scopeOf = (spec: object) =>
        readConfiguration([object("L2Advertisement", "ad", spec)]).l2Advertisements[0]?.pools;
      expect(scopeOf({})).toBeNull();
      expect(scopeOf({ ipAddressPools: [], ipAddressPoolSelectors: [] })).toBeNull();
      expect(scopeOf({ ipAddressPools: ["p"], ipAddressPoolSelectors: [{}] })).toEqual({
        names: ["p"],
        selectors: [{}],
      });
    },
  },
  {
    section: "§2.2",
    row: "nodeSelectors",
    verdict: "same",
    why: "",
    check: null,
    shownBy: announcements("nodes that the advertisement selects"),
  },
  {
    section: "§2.2",
    row: "interfaces",
    verdict: "same",
    why: "",
    check: () => {
      const made = object("L2Advertisement", "ad", { interfaces: ["eth0", "eth0", "eth*"] });
      expect(readConfiguration([made]).l2Advertisements[0]?.interfaces).toEqual(["eth0", "eth*"]);
    },
    shownBy: announcements("answers on the union of interfaces, and on all where one advertisement names none"),
  },
  {
    section: "§2.2",
    row: "serviceSelectors",
    verdict: "same",
    why: "",
    check: null,
    shownBy: announcements("that is shared, with an advertisement that selects Services"),
  },
  {
    section: "§2.2",
    row: "preferredNodeSelectors",
    verdict: "same",
    why: "",
    check: () => {
      for (const weight of [0, 101]) {
        expect(layer2({ preferredNodeSelectors: [{ weight, preference: {} }] })).toEqual([
          "ad spec.preferredNodeSelectors[0].weight SchemaViolation Rejected",
        ]);
      }
      expect(layer2({ preferredNodeSelectors: [{ weight: 1 }] })).toEqual([
        "ad spec.preferredNodeSelectors[0].preference SchemaViolation Rejected",
      ]);
    },
    shownBy: announcements("adds up preferences, over advertisements, where the node is eligible in them"),
  },
  {
    section: "§2.2",
    row: "equal advertisements",
    verdict: "better",
    why: "one that says what an older one says changes nothing, and says so",
    check: null,
    shownBy:
      "packages/k8s-glue/src/metallb/config/advertisement-notes.test.ts: an advertisement that says what an older one says",
  },
  {
    section: "§2.2",
    row: "several advertisements of one pool",
    verdict: "same",
    why: "",
    check: null,
    shownBy: announcements("answers on the union of interfaces, and on all where one advertisement names none"),
  },
];
