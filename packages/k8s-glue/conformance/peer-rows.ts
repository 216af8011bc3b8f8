import type { PeerConfig } from "@herald-lb/bgp-speaker";
import { nodePeers } from "@herald-lb/k8s-glue/announce";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { codes, object, peer } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const rules = "e2e/src/admission/configuration-rules.ts";

/** What the speaker is told of a peer; undefined for one that does not serve. */
function configOf(spec: object, version?: "v1beta1"): PeerConfig | undefined {
  const base = { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1" };
  const made = version === undefined ? peer(spec) : object("BGPPeer", "p", { ...base, ...spec }, version);
  return readConfiguration([made]).bgpPeers[0]?.config;
}

/** §2.3: BGPPeer. */
export const peerRows: readonly ConformanceRow[] = [
  {
    section: "§2.3",
    row: "myASN",
    verdict: "same",
    why: "",
    check: () => {
      expect(codes(peer({ myASN: 0 }))).toEqual(["p spec.myASN BadAsn Rejected"]);
      expect(configOf({ myASN: 4_294_967_295 })?.localAs).toBe(4_294_967_295);
    },
    shownBy: `${rules}: no own number`,
  },
  {
    section: "§2.3",
    row: "peerASN",
    verdict: "same",
    why: "",
    check: () => {
      expect(codes(peer({ peerASN: 0 }))).toEqual(["p spec.peerASN BadAsn Rejected"]);
      expect(codes(peer({ dynamicASN: "internal" }))).toEqual(["p spec.dynamicASN FieldConflict Rejected"]);
    },
    shownBy: `${rules}: two peer's numbers`,
  },
  {
    section: "§2.3",
    row: "dynamicASN",
    verdict: "better",
    why: "the speaker itself takes any number of that side; there FRR is needed",
    check: () => {
      expect(configOf({ peerASN: 0, dynamicASN: "internal" })?.peerAs).toBe("internal");
      expect(configOf({ peerASN: 0, dynamicASN: "external" })?.peerAs).toBe("external");
    },
  },
  {
    section: "§2.3",
    row: "localASN",
    verdict: "better",
    why: "the peer sees this number as ours; there it is silently ignored in the default mode",
    check: () => {
      expect(configOf({ localASN: 64999 })?.localAs).toBe(64999);
      expect(codes(peer({ localASN: 0 }))).toEqual(["p spec.localASN SchemaViolation Rejected"]);
    },
  },
  {
    section: "§2.3",
    row: "peerAddress, interface",
    case: "exactly one",
    verdict: "same",
    why: "",
    check: () => {
      expect(codes(peer({ peerAddress: "" }))).toEqual(["p spec.peerAddress BadAddress Rejected"]);
      expect(codes(peer({ interface: "eth0" }))).toEqual(["p spec.interface FieldConflict Rejected"]);
      expect(codes(peer({ peerAddress: "router" }))).toEqual(["p spec.peerAddress BadAddress Rejected"]);
      expect(configOf({ peerAddress: "2001:DB8::1" })?.address).toBe("2001:db8::1");
    },
    shownBy: `${rules}: two ways to find it`,
  },
  {
    section: "§2.3",
    row: "peerAddress, interface",
    case: "interface",
    verdict: "better",
    why: "the speaker finds the router by its Router Advertisements; there it needs FRR",
    check: () => {
      expect(configOf({ peerAddress: "", interface: "eth0" })?.interface).toBe("eth0");
      expect(configOf({ peerAddress: "", interface: "eth0" })).not.toHaveProperty("address");
      expect(codes(peer({ peerAddress: "", interface: "eth 0" }))).toEqual(["p spec.interface BadInterface Rejected"]);
    },
  },
  {
    section: "§2.3",
    row: "sourceAddress",
    verdict: "same",
    why: "",
    check: () => {
      expect(configOf({ sourceAddress: "192.0.2.9" })?.sourceAddress).toBe("192.0.2.9");
      expect(codes(peer({ sourceAddress: "192.0.2.9/24" }))).toEqual(["p spec.sourceAddress BadAddress Rejected"]);
    },
  },
  {
    section: "§2.3",
    row: "peerPort",
    verdict: "same",
    why: "",
    check: () => {
      expect([configOf({})?.port, configOf({ peerPort: 16_384 })?.port]).toEqual([179, 16_384]);
      expect([configOf({}, "v1beta1")?.port, configOf({ peerPort: 0 }, "v1beta1")?.port]).toEqual([179, 179]);
      for (const peerPort of [0, 16_385]) {
        expect(codes(peer({ peerPort })), String(peerPort)).toEqual(["p spec.peerPort SchemaViolation Rejected"]);
      }
    },
  },
  {
    section: "§2.3",
    row: "holdTime, keepaliveTime",
    verdict: "better",
    why: "the speaker keeps to both; there keepaliveTime needs FRR",
    check: () =>
      expect(configOf({ holdTime: "9s", keepaliveTime: "2s" })).toMatchObject({ holdTime: 9, keepaliveTime: 2 }),
  },
  {
    section: "§2.3",
    row: "connectTime",
    verdict: "better",
    why: "the speaker keeps to it; there it needs FRR",
    check: () => {
      expect([configOf({ connectTime: "1s" })?.connectTime, configOf({ connectTime: "65535s" })?.connectTime]).toEqual([
        1, 65_535,
      ]);
      for (const connectTime of ["0s", "65536s", "1500ms", "soon"]) {
        expect(codes(peer({ connectTime })), connectTime).toEqual(["p spec.connectTime BadTimer Rejected"]);
      }
    },
  },
  {
    section: "§2.3",
    row: "routerID",
    verdict: "better",
    why: "one of IPv6 is refused and the others serve; there it ends the speaker",
    check: () => {
      expect(configOf({ routerID: "192.0.2.9" })?.bgpIdentifier).toBe("192.0.2.9");
      for (const routerID of ["2001:db8::1", "7"]) {
        expect(codes(peer({ routerID })), routerID).toEqual(["p spec.routerID BadAddress Rejected"]);
      }
    },
  },
  {
    section: "§2.3",
    row: "nodeSelectors",
    verdict: "same",
    why: "",
    check: () => {
      const on = (host: string) => ({ nodeSelectors: [{ matchLabels: { host } }] });
      const configuration = readConfiguration([
        peer(on("a"), "a"),
        peer({ peerAddress: "192.0.2.2" }, "all"),
        peer({ peerAddress: "192.0.2.3", nodeSelectors: [...on("a").nodeSelectors, ...on("b").nodeSelectors] }, "two"),
      ]);
      const namesAt = (host: string): readonly string[] =>
        nodePeers(configuration, { metadata: { name: host, labels: { host } } }, new Map()).peers.map(
          ({ name }) => name,
        );
      expect([namesAt("a"), namesAt("b"), namesAt("c")]).toEqual([["a", "all", "two"], ["all", "two"], ["all"]]);
    },
  },
  {
    section: "§2.3",
    row: "password, passwordSecret",
    verdict: "same",
    why: "",
    check: () => {
      const [secret] = readConfiguration([peer({ passwordSecret: { name: "s", namespace: "elsewhere" } })]).bgpPeers;
      expect([secret?.password, secret?.passwordSecret]).toEqual([null, "s"]);
      const both = peer({ password: "x", passwordSecret: { name: "s" } });
      expect(codes(both)).toEqual(["p spec.password FieldConflict Rejected"]);
    },
    shownBy:
      "packages/k8s-glue/src/announce/node-peers.test.ts: are without the one whose Secret $name, and the rest stays",
  },
  {
    section: "§2.3",
    row: "bfdProfile",
    verdict: "better",
    why: "the speaker itself has the BFD session; without the profile the BGP session runs without BFD, and the peer says so",
    check: () => {
      const spec = { bfdProfile: "b" };
      expect(codes(peer(spec), object("BFDProfile", "b", {}))).toEqual([]);
      expect(codes(peer(spec))).toEqual(["p spec.bfdProfile UnknownReference Partial"]);
      expect(configOf(spec)).toBeDefined();
    },
  },
  {
    section: "§2.3",
    row: "enableGracefulRestart",
    verdict: "better",
    why: "routers keep the routes while a speaker is replaced, and drop them when the node leaves service; there it needs FRR",
    check: () => {
      expect(configOf({ enableGracefulRestart: true })?.gracefulRestart).toBeDefined();
      expect(configOf({})).not.toHaveProperty("gracefulRestart");
    },
  },
  {
    section: "§2.3",
    row: "ebgpMultiHop",
    case: "with an internal peer",
    verdict: "same",
    why: "",
    check: () => {
      const internal = { peerASN: 64500, ebgpMultiHop: true };
      expect(codes(peer(internal))).toEqual(["p spec.ebgpMultiHop FieldConflict Rejected"]);
      expect(configOf({ ebgpMultiHop: true })?.ebgpMultiHop).toBe(true);
    },
    shownBy: `${rules}: an internal peer far away`,
  },
  {
    section: "§2.3",
    row: "vrf",
    verdict: "better",
    why: "the speaker binds the session to the VRF's device; there it needs FRR",
    check: () => {
      expect(configOf({ vrf: "red" })?.vrf).toBe("red");
      expect(configOf({ vrf: "" })).not.toHaveProperty("vrf");
      for (const vrf of ["sixteen-letters-", "a b", "a/b"])
        expect(codes(peer({ vrf })), vrf).toEqual(["p spec.vrf BadInterface Rejected"]);
    },
  },
  {
    section: "§2.3",
    row: "disableMP",
    verdict: "better",
    why: "noted, without effect, and everything else of the peer is looked at; there the webhook then looks at nothing",
    check: () => {
      expect(codes(peer({ disableMP: true }))).toEqual(["p spec.disableMP NotActedOn Noted"]);
      expect(codes(peer({ disableMP: true, myASN: 0 })).toSorted()).toEqual([
        "p spec.disableMP NotActedOn Noted",
        "p spec.myASN BadAsn Rejected",
      ]);
    },
    shownBy: "apps/controller/src/webhook/review.test.ts: a bad peer behind disableMP, which MetalLB lets through",
  },
  {
    section: "§2.3",
    row: "dualStackAddressFamily",
    verdict: "better",
    why: "the speaker offers both families; there it needs FRR",
    check: () => {
      expect(configOf({ dualStackAddressFamily: true })?.families).toEqual(["IPv4", "IPv6"]);
      expect(configOf({})).not.toHaveProperty("families");
    },
  },
  {
    section: "§2.3",
    row: "conversion between versions",
    verdict: "better",
    why: "both versions have the same fields, nothing is converted: timers that are not set are the speaker's own, and no field is dropped",
    check: () => {
      const old = configOf({}, "v1beta1");
      expect(old).not.toHaveProperty("holdTime");
      expect(old).toEqual(configOf({}));
    },
  },
];
