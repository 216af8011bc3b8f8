import { describe, expect, it } from "vitest";
import type { PeerConfig } from "../peer-config.ts";
import { frame } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { peersOf } from "./peers-of.ts";

/** EXTENDED_COMMUNITIES, RFC 4360 §2. */
const EXTENDED = 16;
const held = (bench: Bench): string | undefined => bench.model.held.get("4 cb007107/32")?.attributes[EXTENDED];
const established = (peer: Partial<PeerConfig>, as = 65_001): Bench => {
  const bench = createBench(peer);
  bench.establish({ as });
  return bench;
};
const wanted = (bandwidth: number | undefined, more: object = {}) =>
  route("203.0.113.7/32", { ...(bandwidth === undefined ? {} : { linkBandwidth: bandwidth }), ...more });

describe("the Link Bandwidth of a route, draft-ietf-idr-link-bandwidth", () => {
  it.each([
    { name: "transitive to an external peer", peer: {}, as: 65_001, octets: "0004fc0049742400" },
    { name: "non-transitive to an internal peer", peer: { peerAs: 64_512 }, as: 64_512, octets: "4004fc0049742400" },
    {
      name: "of AS_TRANS for an AS of four octets",
      peer: { localAs: 4_200_000_000 },
      as: 65_001,
      octets: "00045ba049742400",
    },
  ])("is $name", ({ peer, as, octets }) => {
    const bench = established(peer, as);
    bench.dispatch(desired(["web", [wanted(1_000_000)]]));
    expect(held(bench)).toBe(octets);
  });

  it("comes behind other extended communities, and is none where nothing is wanted", () => {
    const bench = established({});
    bench.dispatch(desired(["web", [wanted(1_000_000, { extendedCommunities: [0x0002_0001_0000_0002n] })]]));
    expect(held(bench)).toBe("00020001000000020004fc0049742400");
    bench.dispatch(desired(["web", [wanted(undefined)]]));
    expect(bench.model.held.has("4 cb007107/32")).toBe(true);
    expect(held(bench)).toBeUndefined();
  });

  it("is told again when it changes, and the highest of several counts", () => {
    const bench = established({});
    bench.dispatch(desired(["a", [wanted(1_000_000)]]));
    bench.dispatch(desired(["b", [wanted(2_000_000)]]));
    expect(held(bench)).toBe("0004fc0049f42400");
    bench.dispatch(desired(["b", [wanted(undefined)]]));
    expect(held(bench)).toBe("0004fc0049742400");
  });
});

describe("prefixes of a peer", () => {
  // ORIGIN IGP, an empty AS_PATH.
  const common = [0x40, 1, 1, 0, 0x40, 2, 0];
  const ipv4 = [...common, 0x40, 3, 4, 192, 0, 2, 1];
  const nextHop = [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 12 }, () => 0)];
  const reach = [0, 2, 1, 16, ...nextHop, 0, 32, 0x20, 1, 0xd, 0xb8, 16, 0x20, 1, 8, 0x20];
  const ipv6 = [...common, 0x80, 14, reach.length, ...reach];

  it.each([
    { name: "of IPv4", update: [0, 0, 0, ipv4.length, ...ipv4, 24, 198, 51, 100, 32, 203, 0, 113, 9], count: 2 },
    { name: "of IPv6", update: [0, 0, 0, ipv6.length, ...ipv6], count: 3 },
    { name: "in an End-of-RIB", update: [0, 0, 0, 0], count: 0 },
  ])("$name are counted and not used", ({ update, count }) => {
    const bench = established({});
    const refused = (): number | undefined => peersOf(bench.state)[0]?.refusedPrefixes;
    bench.receive(frame(2, ...update));
    expect(refused()).toBe(count);
    bench.receive(frame(2, ...update));
    expect(refused()).toBe(2 * count);
    expect(bench.model.held.size).toBe(0);
  });
});
