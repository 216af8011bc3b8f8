import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const review = (words: string): string => `apps/controller/src/webhook/review.test.ts: ${words}`;

/** §2.9: what each webhook sees, and what it lets through. */
export const webhookRows: readonly ConformanceRow[] = [
  {
    section: "§2.9",
    row: "IPAddressPool",
    case: "together with other pools",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("a pool that overlaps one that is there"),
  },
  {
    section: "§2.9",
    row: "IPAddressPool",
    case: "what is not checked there",
    verdict: "better",
    why: "advertisements are checked too, and one that gets through stops no other: the advertisement itself reports that it exceeds the pool",
    check: () => {
      const objects = [
        advertisement({ aggregationLength: 24 }),
        pool("p", ["192.0.2.0/28"]),
        advertisement({}, "other"),
      ];
      expect(codes(...objects)).toEqual(["ad spec.aggregationLength BadAggregationLength Rejected"]);
      expect(readConfiguration(objects).bgpAdvertisements.map((each) => each.object.name)).toEqual(["other"]);
    },
    shownBy: review("a pool too small for how an advertisement aggregates it"),
  },
  {
    section: "§2.9",
    row: "L2Advertisement",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("a pool twice in an L2Advertisement"),
  },
  {
    section: "§2.9",
    row: "BGPAdvertisement",
    case: "together with others and pools",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("another local preference than that of an advertisement of the same pool"),
  },
  {
    section: "§2.9",
    row: "BGPAdvertisement",
    case: "names that are not there",
    verdict: "better",
    why: "accepted with a warning and noted on the object; MetalLB reports nothing",
    check: () => {
      expect(codes(advertisement({ peers: ["none"], ipAddressPools: ["none"] }))).toEqual([
        "ad spec.ipAddressPools UnknownReference Noted",
        "ad spec.peers UnknownReference Noted",
      ]);
    },
    shownBy: "apps/controller/src/webhook/allowed-changes.test.ts: a community's name that may come later",
  },
  {
    section: "§2.9",
    row: "BGPPeer",
    case: "together with other peers",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("a peer that is the same session as another"),
  },
  {
    section: "§2.9",
    row: "BGPPeer",
    case: "password and passwordSecret",
    verdict: "better",
    why: "refused by the CRD and the webhook; a peer that has both all the same stops itself alone",
    check: () => {
      const both = peer({ password: "x", passwordSecret: { name: "s" } }, "both");
      const objects = [both, peer({ peerAddress: "192.0.2.2" }, "good")];
      expect(codes(...objects)).toEqual(["both spec.password FieldConflict Rejected"]);
      expect(readConfiguration(objects).bgpPeers.map(({ name }) => name)).toEqual(["good"]);
    },
    shownBy: review("a password twice"),
  },
  {
    section: "§2.9",
    row: "BFDProfile",
    case: "deletion",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("deletion of a BFDProfile that peers name"),
  },
  {
    section: "§2.9",
    row: "BFDProfile",
    case: "creation",
    verdict: "better",
    why: "a profile stops nothing, and its condition says whether a peer uses it",
    check: () => {
      const objects = [object("BFDProfile", "b", {}), peer({}), pool("p", ["192.0.2.0/24"])];
      expect(codes(...objects)).toEqual([]);
      expect(readConfiguration(objects).bgpPeers).toHaveLength(1);
    },
  },
  {
    section: "§2.9",
    row: "Community",
    case: "together with others",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("a name of a community that another object gives"),
  },
  {
    section: "§2.9",
    row: "Community",
    case: "removal of a name in use",
    verdict: "better",
    why: "the advertisements that use it wait for it and say so; there the speakers keep to an old configuration",
    check: () =>
      expect(codes(advertisement({ communities: ["gone"] }), advertisement({}, "other"))).toEqual([
        "ad spec.communities[0] UnknownCommunity Rejected",
      ]),
  },
  {
    section: "§2.9",
    row: "namespace",
    verdict: "same",
    why: "",
    check: null,
    shownBy: review("creation in another namespace, before anything is looked at"),
  },
];
