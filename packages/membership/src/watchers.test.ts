import { instant } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bfdMeta } from "./bfd-meta.ts";
import type { MembershipEffect } from "./effect.ts";
import type { MembershipEvent } from "./event.ts";
import { initialMembership } from "./machine.ts";
import type { NodeName } from "./node-name.ts";
import type { WatcherView } from "./watcher-view.ts";
import {
  addressOf,
  alive,
  Bench,
  config,
  herald,
  machine,
  node,
  packet,
  report,
  sentTo,
} from "./watchers.test.fixture.ts";
import { encodeHeraldMessage } from "./wire/herald-message.ts";

const declared = (effects: readonly MembershipEffect[]): readonly MembershipEffect[] =>
  effects.filter(({ type }) => type === "DeathDeclared");
const sessions = ({ effects }: Bench): readonly NodeName[] => {
  const last = effects.findLast((effect) => effect.type === "SessionsDesired");
  return last?.type === "SessionsDesired" ? last.sessions.map((each) => each.node) : [];
};

describe("the sessions of watchers", () => {
  it("are wanted with the members that have BFD, at the port of their meta", () => {
    const bench = new Bench(2);
    bench.step(packet(3, alive(3, bfdMeta(9))));
    bench.step(packet(4, alive(4, new Uint8Array())));
    expect(bench.effects.findLast(({ type }) => type === "SessionsDesired")).toEqual({
      type: "SessionsDesired",
      sessions: [
        { node: node(2), address: addressOf(2), port: 7947 },
        { node: node(3), address: addressOf(3), port: 9 },
      ],
    });
  });

  it("are six in a large cluster: three with watched nodes, three with watchers", () => {
    expect(sessions(new Bench(...Array.from({ length: 60 }, (_, at) => at + 2)))).toHaveLength(6);
  });

  it("end with the node that leaves, and all of them when this node leaves", () => {
    const bench = new Bench(2, 3);
    bench.step(packet(3, { type: "dead", incarnation: 1, node: node(3), from: node(3) }));
    expect(sessions(bench)).toEqual([node(2)]);
    bench.step({ type: "LeaveRequested" });
    expect(sessions(bench)).toEqual([]);
  });
});

describe("a watcher that lost a node", () => {
  it("asks the node itself first, and takes its ack for life", () => {
    const bench = new Bench(2, 3);
    bench.view(2, "Up");
    const [ping] = sentTo(bench.view(2, "Lost"), 2, "ping");
    expect(ping).toMatchObject({ node: node(2) });
    bench.step(packet(2, { type: "ackResp", seqNo: ping?.type === "ping" ? ping.seqNo : 0, payload: null }));
    expect(sentTo(bench.wait(100), 3, "user")).toEqual([]);
    expect(declared(bench.step(report(3, "Lost")))).toEqual([]);
  });

  it("declares it dead to every member, the node itself too, once another watcher has lost it", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    expect(declared(bench.lose(2))).toEqual([]);
    const effects = bench.step(report(3, "Lost"));
    expect(declared(effects)).toEqual([
      { type: "DeathDeclared", node: node(2), by: expect.arrayContaining([node(1), node(3)]) },
    ]);
    const dead = { type: "dead", incarnation: 1, node: node(2), from: node(1) };
    for (const last of [2, 3, 4]) expect(sentTo(effects, last, "dead")).toEqual([dead]);
    expect(bench.memberState(2)).toBe("dead");
  });

  it("tells the death once more a moment later, unless it was refuted: datagrams are lost", () => {
    for (const isRefuted of [false, true]) {
      const bench = new Bench(2, 3, 4);
      bench.view(2, "Up");
      bench.lose(2);
      bench.step(report(3, "Lost"));
      if (isRefuted) bench.step(packet(2, alive(2, undefined, 2)));
      bench.wait(29);
      const repeated = bench.wait(1);
      for (const last of [2, 3, 4]) expect(sentTo(repeated, last, "dead")).toHaveLength(isRefuted ? 0 : 1);
      expect(bench.state.watcher.declarations.size).toBe(0);
    }
  });

  it("declares it dead too where the other watcher's loss came first", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    bench.step(report(3, "Lost"));
    expect(declared(bench.lose(2))).toHaveLength(1);
  });

  it("leaves the decision to gossip while the others hear the node or do not answer", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    const effects = bench.lose(2);
    expect(sentTo(effects, 3, "user")).toHaveLength(1);
    expect(sentTo(effects, 4, "user")).toHaveLength(1);
    expect(declared([...bench.step(report(3, "Up")), ...bench.wait(300)])).toEqual([]);
    expect(bench.memberState(2)).toBe("alive");
  });

  it("decides alone where it is the only watcher, or the only one with a session", () => {
    const pair = new Bench(2);
    pair.view(2, "Up");
    expect(declared(pair.lose(2))).toHaveLength(1);
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    bench.lose(2);
    expect(declared(bench.step(report(3, "Down")))).toEqual([]);
    expect(declared(bench.step(report(4, "Down")))).toHaveLength(1);
  });

  it("counts no loss that is older than a second, its own or another's", () => {
    const late = new Bench(2, 3, 4);
    late.view(2, "Up");
    late.lose(2);
    late.wait(1_100);
    expect(declared(late.step(report(3, "Lost")))).toEqual([]);
    const early = new Bench(2, 3, 4);
    early.view(2, "Up");
    early.step(report(3, "Lost"));
    early.wait(1_100);
    expect(declared(early.lose(2))).toEqual([]);
  });

  it("counts no older answer of another watcher", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    for (const last of [3, 4]) bench.step(report(last, "Down"));
    expect(declared(bench.lose(2))).toEqual([]);
  });

  it("cannot lose a session that was never up", () => {
    const bench = new Bench(2);
    bench.view(2, "Lost");
    expect(bench.state.watcher.checks.size).toBe(0);
    expect(declared(bench.wait(30))).toEqual([]);
  });

  it("waits for acks that may lie unread when its own thread was late", () => {
    const bench = new Bench(2);
    bench.view(2, "Up");
    bench.view(2, "Lost");
    bench.now += 200;
    const late = machine.advance(bench.state, instant(bench.now));
    bench.state = late.state;
    expect(declared(late.effects)).toEqual([]);
    expect(declared(bench.wait(30))).toHaveLength(1);
  });
});

describe("a death that another member declares", () => {
  const death = packet(3, { type: "dead", incarnation: 1, node: node(2), from: node(3) });

  it("is not believed while this node's own session with the node is up", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    bench.step(death);
    bench.wait(300);
    expect(bench.memberState(2)).toBe("alive");
  });

  it("is believed as soon as the session is lost, and a moment before or after makes no difference", () => {
    for (const isBefore of [true, false]) {
      const bench = new Bench(2, 3, 4);
      bench.view(2, "Up");
      if (isBefore) bench.step(death);
      bench.lose(2);
      if (!isBefore) bench.step(death);
      expect(bench.memberState(2)).toBe("dead");
    }
  });

  it("is forgotten after a second: a later loss of this node alone decides nothing", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    bench.step(death);
    bench.wait(1_100);
    bench.lose(2);
    expect(bench.memberState(2)).not.toBe("dead");
  });

  it("is believed at once without a session, and from a node that leaves", () => {
    const bench = new Bench(2, 3, 4);
    bench.step(death);
    expect(bench.memberState(2)).toBe("dead");
    const other = new Bench(2, 3, 4);
    other.view(2, "Up");
    other.step(packet(2, { type: "dead", incarnation: 1, node: node(2), from: node(2) }));
    expect(other.memberState(2)).toBe("left");
  });
});

describe("a report", () => {
  it("is answered with this node's view where it asks", () => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    const [answer] = sentTo(bench.step(report(3, "Lost", 2, true)), 3, "user");
    const payload = encodeHeraldMessage({
      type: "WatcherReport",
      watcher: node(1),
      node: node(2),
      incarnation: 1,
      view: "Up",
      asks: false,
    });
    expect(answer).toEqual({ type: "user", payload });
  });

  it.each([
    { name: "that is no watcher", event: report(9, "Lost") },
    {
      name: "in another's name",
      event: herald(4, {
        type: "WatcherReport",
        watcher: node(3),
        node: node(2),
        incarnation: 1,
        view: "Lost",
        asks: true,
      }),
    },
    { name: "about an earlier incarnation", event: report(3, "Lost", 2, true, 0) },
    { name: "about a node that nobody knows", event: report(3, "Lost", 9, true) },
  ])("of a node $name is ignored", ({ event }) => {
    const bench = new Bench(2, 3, 4);
    bench.view(2, "Up");
    bench.lose(2);
    expect(bench.step(event)).toMatchObject([{ type: "Ignored", reason: "UnexpectedReport" }]);
    expect(bench.memberState(2)).toBe("alive");
  });
});

describe("the machine with watchers", () => {
  const last = fc.integer({ min: 1, max: 5 });
  const view = fc.constantFrom<WatcherView>("Up", "Lost", "Down");
  const events: fc.Arbitrary<MembershipEvent> = fc.oneof(
    fc.tuple(last, view).map(([n, v]): MembershipEvent => ({ type: "BfdSessionChanged", node: node(n), view: v })),
    fc
      .tuple(last, view, last, fc.boolean(), fc.nat(2))
      .map(([n, v, about, asks, inc]) => report(n, v, about, asks, inc)),
    fc.tuple(last, last).map(([from, about]) => herald(from, { type: "MemberQuery", node: node(about) })),
    fc.tuple(last, fc.nat(3)).map(([n, incarnation]) => packet(n, alive(n, bfdMeta(7947), incarnation))),
    fc
      .tuple(last, fc.nat(3))
      .map(([n, incarnation]) => packet(n, { type: "dead", incarnation, node: node(n), from: node(2) })),
    fc.tuple(last, fc.nat(9)).map(([n, seqNo]) => packet(n, { type: "ackResp", seqNo, payload: null })),
    fc.constantFrom<MembershipEvent>(
      { type: "ConfirmationRequested" },
      { type: "RejoinRequested" },
      { type: "LeaveRequested" },
    ),
  );

  it("obeys the laws of machines, with sessions up, lost and in question, and while it asks for confirmation", () => {
    const starts = {
      Stopped: () => initialMembership(config),
      Running: () => new Bench(2, 3, 4).state,
      Checking: () => {
        const bench = new Bench(2, 3, 4);
        bench.view(2, "Up");
        bench.view(2, "Lost");
        return bench.state;
      },
      Lost: () => {
        const bench = new Bench(2, 3, 4);
        bench.view(2, "Up");
        bench.lose(2);
        return bench.state;
      },
      Confirming: () => {
        const bench = new Bench(2, 3, 4);
        bench.step({ type: "ConfirmationRequested" });
        return bench.state;
      },
    };
    assertMachineLaws(machine, { starts, events, now: 2_000 });
  });
});
