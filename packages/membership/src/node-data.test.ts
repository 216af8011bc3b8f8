import { describe, expect, it } from "vitest";
import type { MembershipEffect } from "./effect.ts";
import { MAX_NODE_DATA } from "./node-data.ts";
import { decodeHeraldMessage, type HeraldMessage, type NodeData } from "./wire/herald-message.ts";
import { alive, Bench, herald, node, packet, sentTo } from "./watchers.test.fixture.ts";

const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** The messages of node data that went to a node. */
function dataTo(effects: readonly MembershipEffect[], last: number): readonly HeraldMessage[] {
  return sentTo(effects, last, "user").flatMap((message) => {
    const decoded = message.type === "user" ? decodeHeraldMessage(message.payload) : null;
    const value = decoded?.ok === true ? decoded.value : null;
    return value?.type === "NodeData" || value?.type === "NodeDataAck" ? [value] : [];
  });
}

const greeting = (to: number): HeraldMessage => ({ type: "NodeDataAck", node: node(to), version: 0 });
const partOf = (from: number, changes: Partial<NodeData>): ReturnType<typeof herald> =>
  herald(from, { type: "NodeData", node: node(from), version: 7, part: 0, parts: 1, octets: octets(1, 2), ...changes });
const ackOf = (from: number, version: number): ReturnType<typeof herald> =>
  herald(from, { type: "NodeDataAck", node: node(from), version });

/** Lets time pass while members 2 and 3 show that they live. */
function wait(bench: Bench, milliseconds: number): readonly MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  for (let passed = 0; passed < milliseconds; passed += 100) {
    for (const last of [2, 3]) effects.push(...bench.step(packet(last, alive(last, undefined, bench.now))));
    effects.push(...bench.wait(100));
  }
  return effects;
}

/** Node 1 with data, beside members 2 and 3; member 2 has said that it has none of it. */
function replicating(): { readonly bench: Bench; readonly version: number } {
  const bench = new Bench(2, 3);
  bench.step({ type: "NodeDataDesired", octets: octets(9) });
  const sent = dataTo(bench.step(ackOf(2, 0)), 2);
  const version = sent[1]?.type === "NodeData" ? sent[1].version : 0;
  expect(sent).toEqual([
    greeting(1),
    { type: "NodeData", node: node(1), version, part: 0, parts: 1, octets: octets(9) },
  ]);
  return { bench, version };
}

describe("node data", () => {
  it("is offered to each member by a greeting, and sent to those that ask", () => {
    const bench = new Bench(2, 3);
    const effects = bench.step({ type: "NodeDataDesired", octets: octets(9) });
    for (const last of [2, 3]) expect(dataTo(effects, last)).toEqual([greeting(1)]);
    expect(dataTo(bench.step(packet(4, alive(4))), 4)).toEqual([greeting(1)]);
  });

  it("is sent again after 200 ms, 400 and so on until the member acknowledges the version", () => {
    const { bench, version } = replicating();
    expect(dataTo(bench.wait(199), 2)).toEqual([]);
    expect(dataTo(bench.wait(1), 2)).toHaveLength(1);
    bench.step(ackOf(2, version - 1));
    expect(dataTo(wait(bench, 1_200), 2)).toHaveLength(2);
    bench.step(ackOf(2, version));
    expect(dataTo(wait(bench, 2_000), 2)).toEqual([]);
  });

  it("goes to the member that asks, and not again to others that have not acknowledged it yet", () => {
    const { bench } = replicating();
    const effects = bench.step(ackOf(3, 0));
    expect(dataTo(effects, 3).map(({ type }) => type)).toEqual(["NodeDataAck", "NodeData"]);
    expect(dataTo(effects, 2)).toEqual([]);
    expect(dataTo(bench.step(partOf(3, {})), 2)).toEqual([]);
  });

  it("is sent at once when it changes, as a higher version", () => {
    const { bench, version } = replicating();
    bench.step(ackOf(2, version));
    const sent = dataTo(bench.step({ type: "NodeDataDesired", octets: octets(8) }), 2);
    expect(sent).toMatchObject([{ version: version + 1, octets: octets(8) }]);
  });

  it("greets a member that says nothing five times, and then leaves it alone", () => {
    const { bench } = replicating();
    expect(dataTo(wait(bench, 20_000), 3)).toHaveLength(4);
    // It is a speaker of Herald after all.
    expect(dataTo(bench.step(partOf(3, {})), 3)).toMatchObject([
      { type: "NodeDataAck", version: 7 },
      { type: "NodeData" },
    ]);
  });

  it("of a member is reported when all parts are there, in any order, and acknowledged", () => {
    const { bench } = replicating();
    expect(bench.step(partOf(2, { part: 1, parts: 2, octets: octets(3) }))).toEqual([]);
    const effects = bench.step(partOf(2, { part: 0, parts: 2 }));
    expect(effects).toContainEqual({ type: "NodeDataChanged", node: node(2), octets: octets(1, 2, 3) });
    expect(dataTo(effects, 2)).toEqual([{ type: "NodeDataAck", node: node(1), version: 7 }]);
    const again = bench.step(partOf(2, { part: 0, parts: 2 }));
    expect(again.filter(({ type }) => type === "NodeDataChanged")).toEqual([]);
    expect(dataTo(again, 2)).toHaveLength(1);
  });

  it("of two versions is never mixed", () => {
    const { bench } = replicating();
    bench.step(partOf(2, { part: 1, parts: 2 }));
    expect(bench.step(partOf(2, { part: 0, parts: 2, version: 8 }))).toEqual([]);
    expect(bench.step(partOf(2, { part: 1, parts: 2, version: 8, octets: octets(5) }))).toContainEqual({
      type: "NodeDataChanged",
      node: node(2),
      octets: octets(1, 2, 5),
    });
  });

  it("of a member that went is forgotten, so that it is asked for when the member is back", () => {
    const { bench, version } = replicating();
    bench.step(ackOf(2, version));
    bench.step(partOf(2, {}));
    bench.step(packet(3, { type: "dead", incarnation: 1, node: node(2), from: node(3) }));
    const back = bench.step(packet(2, alive(2, undefined, 2)));
    expect(dataTo(back, 2)).toEqual([greeting(1)]);
    expect(bench.step(partOf(2, {}))).toContainEqual({ type: "NodeDataChanged", node: node(2), octets: octets(1, 2) });
  });

  it("is exchanged anew with every member by a node that others took for dead: they have forgotten it", () => {
    const { bench, version } = replicating();
    bench.step(ackOf(2, version));
    bench.step(partOf(2, {}));
    const refuted = bench.step(packet(3, { type: "dead", incarnation: 1, node: node(1), from: node(3) }));
    for (const last of [2, 3]) expect(dataTo(refuted, last)).toEqual([greeting(1)]);
    expect(dataTo(bench.step(ackOf(2, 0)), 2)).toMatchObject([greeting(1), { type: "NodeData", version }]);
    expect(bench.step(partOf(2, {}))).toContainEqual({ type: "NodeDataChanged", node: node(2), octets: octets(1, 2) });
  });

  it("that another node sent in a member's name, or that cannot be, is refused", () => {
    const { bench } = replicating();
    const refused = [{ reason: "UnexpectedNodeData" }];
    for (const changes of [{ node: node(3) }, { node: node(1) }, { part: 1 }, { parts: 65 }, { version: 0 }])
      expect(bench.step(partOf(2, changes))).toMatchObject(refused);
    expect(bench.step(partOf(9, {}))).toMatchObject(refused);
    expect(bench.step(herald(2, { type: "NodeDataAck", node: node(3), version: 1 }))).toMatchObject(refused);
  });

  it("of all members together is bounded", () => {
    const others = Array.from({ length: 140 }, (_, at) => at + 2);
    const bench = new Bench(...others);
    bench.step({ type: "NodeDataDesired", octets: octets() });
    const whole = new Uint8Array(1_000);
    const taken = others.filter((last) => {
      const effects = Array.from({ length: 64 }, (_, part) =>
        bench.step(partOf(last, { part, parts: 64, octets: whole })),
      ).flat();
      return effects.some(({ type }) => type === "NodeDataChanged");
    });
    expect(taken).toHaveLength(Math.floor((8 * 1024 * 1024) / MAX_NODE_DATA));
  });

  it("that never becomes whole is bounded together with the rest", () => {
    const others = Array.from({ length: 150 }, (_, at) => at + 2);
    const bench = new Bench(...others);
    let kept = 0;
    for (const last of others)
      for (let part = 0; part < 63; part++) {
        const effects = bench.step(partOf(last, { part, parts: 64, octets: new Uint8Array(1_000) }));
        if (!effects.some(({ type }) => type === "Ignored")) kept++;
      }
    expect(kept).toBe(Math.floor((8 * 1024 * 1024) / 1_000));
  });

  it("of others is taken by a node that has none, which sends nothing by itself", () => {
    const bench = new Bench(2, 3);
    expect(dataTo(bench.step(packet(4, alive(4))), 4)).toEqual([]);
    expect(dataTo(bench.step(ackOf(2, 0)), 2)).toEqual([greeting(1)]);
    expect(dataTo(bench.step(ackOf(2, 0)), 2)).toEqual([]);
    const effects = bench.step(partOf(2, {}));
    expect(effects).toContainEqual({ type: "NodeDataChanged", node: node(2), octets: octets(1, 2) });
    expect(dataTo(effects, 2)).toEqual([{ type: "NodeDataAck", node: node(1), version: 7 }]);
    expect(dataTo(wait(bench, 5_000), 2)).toEqual([]);
  });

  it("is bounded", () => {
    const bench = new Bench(2);
    expect(bench.step({ type: "NodeDataDesired", octets: new Uint8Array(MAX_NODE_DATA) })).not.toEqual([]);
    expect(() => bench.step({ type: "NodeDataDesired", octets: new Uint8Array(MAX_NODE_DATA + 1) })).toThrow();
  });
});
