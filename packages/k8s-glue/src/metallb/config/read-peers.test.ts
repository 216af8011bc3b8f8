import type { PeerConfig } from "@herald-lb/bgp-speaker";
import { describe, expect, it } from "vitest";
import { codes, peer } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

function configOf(spec: object): PeerConfig | undefined {
  return readConfiguration([peer(spec)]).bgpPeers[0]?.config;
}
const prefix = { peerAddress: "", peerPrefix: "192.0.2.77/24" };

describe("the side that opens the connection", () => {
  it("is the node where nothing is said, as with MetalLB", () => {
    for (const spec of [{}, { connectionMode: "Active" }, { delayOpenTime: "" }, { delayOpenTime: "0s" }]) {
      const config = configOf(spec);
      for (const field of ["connectionMode", "listenPort", "delayOpenTime", "prefix", "maxSessions"])
        expect(config).not.toHaveProperty(field);
    }
  });

  it("is the router, or either", () => {
    expect(configOf({ connectionMode: "Passive" })?.connectionMode).toBe("passive");
    expect(configOf({ connectionMode: "Both", listenPort: 1179, delayOpenTime: "2m" })).toMatchObject({
      connectionMode: "both",
      listenPort: 1179,
      delayOpenTime: 120,
    });
  });
});

describe("a peer by prefix", () => {
  it("has no address, and its sessions at most", () => {
    expect(configOf({ ...prefix, maxSessions: 3 })).toMatchObject({ prefix: "192.0.2.0/24", maxSessions: 3 });
    expect(configOf(prefix)).not.toHaveProperty("address");
    expect(codes(peer({ ...prefix, connectionMode: "Passive", listenPort: 1179 }))).toEqual([]);
  });

  it("is another one at another prefix, and the same at the same", () => {
    const other = { ...prefix, peerPrefix: "198.51.100.0/24" };
    expect(codes(peer(prefix, "a"), peer(other, "b"))).toEqual([]);
    expect(codes(peer(prefix, "a"), peer(prefix, "b"))).toHaveLength(1);
  });
});

it.each([
  { spec: { connectionMode: "Sometimes" }, expected: "p spec.connectionMode SchemaViolation Rejected" },
  { spec: { listenPort: 1179 }, expected: "p spec.listenPort FieldConflict Noted" },
  { spec: { connectionMode: "Both", delayOpenTime: "241s" }, expected: "p spec.delayOpenTime BadTimer Rejected" },
  { spec: { connectionMode: "Both", delayOpenTime: "1500ms" }, expected: "p spec.delayOpenTime BadTimer Rejected" },
  { spec: { connectionMode: "Both", delayOpenTime: "soon" }, expected: "p spec.delayOpenTime BadTimer Rejected" },
  { spec: { peerPrefix: "192.0.2.0/24" }, expected: "p spec.peerPrefix FieldConflict Rejected" },
  {
    spec: { peerAddress: "", interface: "eth0", peerPrefix: "192.0.2.0/24" },
    expected: "p spec.peerPrefix FieldConflict Rejected",
  },
  { spec: { ...prefix, peerPrefix: "192.0.2.0" }, expected: "p spec.peerPrefix BadAddress Rejected" },
  { spec: { ...prefix, connectionMode: "Both" }, expected: "p spec.connectionMode FieldConflict Rejected" },
  { spec: { ...prefix, maxSessions: 0 }, expected: "p spec.maxSessions SchemaViolation Rejected" },
])("$spec is told of", ({ spec, expected }) => expect(codes(peer(spec))).toEqual([expected]));
