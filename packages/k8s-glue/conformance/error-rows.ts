import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { at, on, serving } from "./peers.test.fixture.ts";

/** §2.8: what an error leaves of the configuration. */
export const errorRows: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "transient errors",
    case: "BFD profile",
    verdict: "better",
    why: "the peer says so, and serves without BFD in the meantime",
    check: () => {
      expect(codes(peer({ bfdProfile: "b" }))).toEqual(["p spec.bfdProfile UnknownReference Partial"]);
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
      "packages/k8s-glue/src/announce/node-peers.test.ts: are without the one whose Secret $name, and the rest stays",
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
