import { instant, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { type Broadcast, queueBroadcast, selectBroadcasts } from "./broadcast-queue.ts";
import type { MembershipConfig } from "./config.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { nodeName } from "./node-name.ts";
import { fast } from "./profile.ts";
import { incompatibleNode, type NodeVersions } from "./verify-protocol.ts";
import { setupOf, wireConfigOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import { alive } from "./machine.test.fixture.ts";
import { defaultVersions, serfVersions, type Versions } from "./versions.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { encodePacket } from "./wire/packet.ts";
import { encodeStream, type PushNodeState } from "./wire/stream.ts";

const address = parseIpAddress("192.0.2.1");
if (!address.ok) throw new Error("bad address");
const advertise = { address: address.value, port: 7946 };
const config: MembershipConfig = {
  name: nodeName("us"),
  advertise,
  profile: fast,
  keyring: [],
  seed: new Uint8Array(32).fill(5),
};
const machine = createMembership(config);
const wire = wireConfigOf(setupOf(config), []);

function receive(state: MembershipState, now: number, ...messages: readonly Message[]): MembershipState {
  let next = state;
  for (const message of messages) {
    const octets = encodePacket(wire, encodeMessage(message), false, new Uint8Array(12));
    next = machine.step(next, { type: "PacketReceived", from: advertise, octets }, instant(now)).state;
  }
  return next;
}

const suspect = (node: string, incarnation: number, from: string): Message => ({
  type: "suspect",
  incarnation,
  node: nodeName(node),
  from: nodeName(from),
});
const started = machine.step(initialMembership(config), { type: "Started" }, instant(0)).state;
const cluster = receive(started, 0, alive(2), alive(3), alive(4));

describe("the queue of broadcasts", () => {
  const item = (node: string, length: number, transmits: number, order: number): Broadcast => ({
    node: nodeName(node),
    octets: new Uint8Array(length).fill(order),
    transmits,
    order,
  });

  it("sends the least sent first, then the longest, then the newest, as far as there is room", () => {
    const queue = [item("a", 10, 1, 1), item("b", 10, 0, 2), item("c", 20, 0, 3), item("d", 10, 0, 4)];
    const chosen = selectBroadcasts(queue, 36, 2, 9).messages.map((octets) => octets[0]);
    expect(chosen).toEqual([3, 4]);
    expect(selectBroadcasts(queue, 5, 2, 9)).toEqual({ messages: [], queue });
  });

  it("drops what was sent often enough, and what is overtaken", () => {
    const sent = selectBroadcasts([item("a", 5, 2, 1), item("b", 5, 0, 2)], 100, 2, 3);
    expect(sent.queue.map(({ node, transmits }) => [node, transmits])).toEqual([["b", 1]]);
    const replaced = queueBroadcast([item("a", 5, 0, 1), item("b", 5, 0, 2)], item("a", 6, 0, 3));
    expect(replaced.map(({ node, order }) => [node, order])).toEqual([
      ["b", 2],
      ["a", 3],
    ]);
  });
});

describe("the agreement on versions", () => {
  const node = (name: string, versions: Versions, isAlive = true): NodeVersions => ({ name, alive: isAlive, versions });
  it.each([
    { name: "plain nodes agree", nodes: [node("a", defaultVersions), node("b", defaultVersions)], odd: null },
    { name: "serf and plain do not", nodes: [node("a", serfVersions), node("b", defaultVersions)], odd: "a" },
    {
      name: "a delegate that is too old",
      nodes: [node("a", [1, 5, 2, 0, 5, 1]), node("b", [1, 5, 2, 2, 5, 4])],
      odd: "a",
    },
    {
      name: "a protocol that is too new",
      nodes: [node("a", [1, 3, 3, 0, 0, 0]), node("b", [1, 5, 5, 0, 0, 0])],
      odd: "b",
    },
    {
      name: "the dead narrow nothing",
      nodes: [node("a", defaultVersions), node("b", [2, 2, 2, 0, 0, 0], false)],
      odd: null,
    },
  ])("$name", ({ nodes, odd }) => {
    expect(incompatibleNode(nodes)).toBe(odd);
  });
});

describe("what is believed", () => {
  it("refutes above the suspected incarnation", () => {
    const refuted = receive(cluster, 10, suspect("us", 41, "node-2"));
    expect(refuted.members.get(nodeName("us"))?.incarnation).toBe(42);
    expect(receive(refuted, 11, suspect("us", 0xffff_ffff, "node-2")).members.get(nodeName("us"))?.incarnation).toBe(
      0xffff_ffff,
    );
  });

  it("shortens a suspicion with every new node that confirms it, once for each", () => {
    const deadline = (state: MembershipState): number =>
      state.members.get(nodeName("node-3"))?.suspicion?.deadline ?? Number.NaN;
    const first = receive(cluster, 100, suspect("node-3", 1, "node-2"));
    expect(deadline(first)).toBe(100 + 4800);
    expect(deadline(receive(first, 200, suspect("node-3", 1, "node-2")))).toBe(100 + 4800);
    const second = receive(first, 200, suspect("node-3", 1, "node-4"));
    expect(deadline(second)).toBe(100 + Math.floor(4800 - (Math.log(2) / Math.log(3)) * 4000));
    expect(deadline(receive(second, 300, suspect("node-3", 1, "us")))).toBe(100 + 800);
  });

  it("suspects a node that another calls dead, since that node may know better", () => {
    const node: PushNodeState = {
      name: nodeName("node-3"),
      addr: Uint8Array.of(192, 0, 2, 3),
      port: 7946,
      meta: null,
      incarnation: 1,
      state: 2,
      vsn: Uint8Array.from(defaultVersions),
    };
    const view = (state: number): MembershipState => {
      const octets = encodeStream(
        wire,
        { type: "pushPull", join: false, nodes: [{ ...node, state }], userState: new Uint8Array() },
        true,
        new Uint8Array(12),
      );
      const open = machine.step(cluster, { type: "StreamAccepted", stream: "a", from: advertise }, instant(5)).state;
      return machine.step(open, { type: "StreamReceived", stream: "a", octets }, instant(5)).state;
    };
    const states = [0, 1, 2, 3, 4].map((state) => view(state).members.get(nodeName("node-3"))?.state);
    expect(states).toEqual(["alive", "suspect", "suspect", "left", "alive"]);
  });

  it("gives a suspect its time back after the host stood still", () => {
    const suspecting = receive(cluster, 0, suspect("node-3", 1, "node-2"));
    const later = machine.advance(suspecting, instant(60_000)).state;
    expect(later.members.get(nodeName("node-3"))?.state).toBe("suspect");
    expect(later.awareness).toBeGreaterThan(0);
    const due = suspecting.members.get(nodeName("node-3"))?.suspicion?.deadline ?? Number.NaN;
    let state = suspecting;
    for (let now = 0; now <= due; now += 10) state = machine.advance(state, instant(now)).state;
    expect(state.members.get(nodeName("node-3"))?.state).toBe("dead");
  });

  it("tells the lately dead of their death, and nobody who left", () => {
    const told = (from: string): string[] => {
      const alone = receive(started, 0, alive(3));
      const dead = receive(alone, 10, { ...suspect("node-3", 1, from), type: "dead" } as Message);
      const step = machine.advance(dead, machine.nextDeadline(dead) ?? instant(0));
      return step.effects.flatMap((effect) => (effect.type === "SendPacket" ? [effect.to.address] : []));
    };
    expect(told("us")).toContain("192.0.2.3");
    expect(told("node-3")).toEqual([]);
  });
});
