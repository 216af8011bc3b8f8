import { describe, expect, it } from "vitest";
import { alive, Bench, herald, node, packet, sentTo } from "./watchers.test.fixture.ts";

describe("a confirmation after a pause", () => {
  const own = alive(1);

  it("asks other members, and is there once two have said that this node lives", () => {
    const bench = new Bench(2, 3, 4);
    const effects = bench.step({ type: "ConfirmationRequested" });
    for (const last of [2, 3, 4]) expect(sentTo(effects, last, "user")).toHaveLength(1);
    expect(bench.step(packet(2, own))).toEqual([]);
    expect(bench.step(packet(2, own))).toEqual([]);
    expect(bench.step(packet(3, own))).toEqual([{ type: "MembershipConfirmed" }]);
    expect(bench.step(packet(4, own))).toEqual([]);
  });

  it("refutes a death to every member at once, and is there with that", () => {
    const bench = new Bench(2, 3);
    bench.step({ type: "ConfirmationRequested" });
    const effects = bench.step(packet(2, { type: "dead", incarnation: 1, node: node(1), from: node(2) }));
    for (const last of [2, 3])
      expect(sentTo(effects, last, "alive")).toContainEqual(expect.objectContaining({ node: node(1), incarnation: 2 }));
    expect(effects).toContainEqual({ type: "DeathRefuted" });
    expect(effects).toContainEqual({ type: "MembershipConfirmed" });
  });

  it("is there at once for a node without other members", () => {
    const alone = new Bench();
    expect(alone.step({ type: "ConfirmationRequested" })).toEqual([{ type: "MembershipConfirmed" }]);
  });

  it("is answered with this node's own record of the member, dead or alive", () => {
    const bench = new Bench(2, 3);
    const query = herald(2, { type: "MemberQuery", node: node(2) });
    expect(sentTo(bench.step(query), 2, "alive")).toMatchObject([{ node: node(2), incarnation: 1 }]);
    bench.step(packet(3, { type: "dead", incarnation: 1, node: node(2), from: node(3) }));
    expect(sentTo(bench.step(query), 2, "dead")).toMatchObject([{ node: node(2), from: node(1) }]);
    expect(bench.step(herald(3, { type: "MemberQuery", node: node(2) }))).toMatchObject([
      { reason: "UnexpectedReport" },
    ]);
  });
});
