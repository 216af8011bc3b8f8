import { describe, expect, it } from "vitest";
import type { PeerConfig } from "../peer-config.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";

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

it("prefixes of a peer are counted and not used", () => {
  const bench = established({});
  const update = [
    0, 0, 0, 14, 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 192, 0, 2, 1, 24, 198, 51, 100, 32, 203, 0, 113, 9,
  ];
  bench.receive(Uint8Array.from([...Array.from({ length: 16 }, () => 0xff), 0, 19 + update.length, 2, ...update]));
  expect(bench.state.peers.get("router")?.refusedPrefixes).toBe(2);
  expect(bench.model.held.size).toBe(0);
});
