import { describe, expect, it } from "vitest";
import { codes, peer } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const on = (host: string) => ({ nodeSelectors: [{ matchLabels: { host } }] });

describe("of two peers", () => {
  it.each([
    { name: "that say the same, the younger gives way", older: {}, younger: {}, expected: "spec Duplicate Rejected" },
    {
      name: "with the same router on nodes that both select, the younger gives way",
      older: {},
      younger: { ...on("a"), holdTime: "9s" },
      expected: "spec Duplicate Rejected",
    },
    { name: "with the same router from nodes that cannot be the same, both serve", older: on("a"), younger: on("b") },
    { name: "at other addresses, both serve", older: {}, younger: { peerAddress: "192.0.2.2" } },
    { name: "at other ports, both serve", older: {}, younger: { peerPort: 1179 } },
    { name: "from other addresses, both serve", older: {}, younger: { sourceAddress: "192.0.2.9" } },
    {
      name: "with other numbers, both serve, and it is noted",
      older: {},
      younger: { myASN: 64502 },
      expected: "spec.peerAddress SameRouter Noted",
    },
    {
      name: "of which the older is rejected, the younger serves",
      older: { holdTime: "1s" },
      younger: {},
      first: "spec.holdTime BadTimer Rejected",
    },
    {
      name: "with other router ids at one node, both serve",
      older: { routerID: "192.0.2.7" },
      younger: { peerAddress: "192.0.2.2", routerID: "192.0.2.8" },
    },
    {
      name: "with other own numbers at one node, both serve",
      older: {},
      younger: { peerAddress: "192.0.2.2", myASN: 64999 },
    },
  ])("$name", ({ older, younger, expected, first }) => {
    // Names are in the other order than ages.
    const objects = [peer(older, "z"), peer(younger, "a")];
    const lines = [
      ...(expected === undefined ? [] : [`a ${expected}`]),
      ...(first === undefined ? [] : [`z ${first}`]),
    ];
    expect(codes(...objects)).toEqual(lines);
    expect(codes(...objects.toReversed())).toEqual(lines);
    const rejected = lines.filter((line) => line.endsWith("Rejected")).map((line) => line[0]);
    const names = readConfiguration(objects).bgpPeers.map(({ name }) => name);
    expect(names).toEqual(["a", "z"].filter((name) => !rejected.includes(name)));
  });

  it("the older is named", () => {
    expect(readConfiguration([peer({}, "z"), peer({}, "a")]).issues[0]).toMatchObject({
      message: 'peer "z", which is older, is the same session on nodes that both select; that one is used',
      facts: { peer: "z" },
    });
  });

  it("and a third that only the one that gave way would stop, the third serves", () => {
    const peers = [peer(on("a"), "x"), peer({}, "y"), peer(on("b"), "z")];
    expect(readConfiguration(peers).bgpPeers.map(({ name }) => name)).toEqual(["x", "z"]);
  });
});
