import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { at, on, serving } from "./peers.test.fixture.ts";

/** §2.8: peers that are the same, or that one node cannot have both. */
export const peerConflictRows: readonly ConformanceRow[] = [
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
    why: "keepaliveTime, connectTime, vrf, interface, enableGracefulRestart, dualStackAddressFamily, dynamicASN, localASN, large communities and IPv6 pools have their effect",
    check: () => {
      const everything = {
        peerASN: 0,
        dynamicASN: "external",
        localASN: 64999,
        holdTime: "9s",
        keepaliveTime: "2s",
        connectTime: "5s",
        vrf: "red",
        enableGracefulRestart: true,
        dualStackAddressFamily: true,
      };
      expect(serving(peer({ peerAddress: "", interface: "eth1" }, "i"), peer(at(3), "good"))).toEqual(["good", "i"]);
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
        vrf: "red",
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
    why: "what a session can do without is noted and the peer serves",
    check: () => {
      expect(codes(peer({ disableMP: true }))).toEqual(["p spec.disableMP NotActedOn Noted"]);
      const bfd = [peer({ bfdProfile: "b" }), object("BFDProfile", "b", {})];
      expect(codes(...bfd)).toEqual([]);
      expect(serving(...bfd)).toEqual(["p"]);
    },
  },
];
