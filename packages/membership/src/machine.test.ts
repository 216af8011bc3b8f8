import { type Instant, instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEvent } from "./event.ts";
import {
  alive,
  config,
  endpoint,
  joined,
  machine,
  type MembershipStep,
  nonce,
  packet,
  peers,
  report,
  run,
  sentTo,
  started,
  step,
  wire,
} from "./machine.test.fixture.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { nodeName } from "./node-name.ts";
import { setupOf, wireConfigOf } from "./setup.ts";
import { membersOf } from "./state.ts";
import { serfVersions } from "./versions.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { encodePacket } from "./wire/packet.ts";
import { decodeStream, encodeStream } from "./wire/stream.ts";

describe("the membership machine", () => {
  it("answers a ping that is for it, where the ping says", () => {
    const ping = { type: "ping", seqNo: 9, node: nodeName("us"), sourceNode: nodeName("node-2") } as const;
    const there = { ...ping, sourceAddr: Uint8Array.of(192, 0, 2, 7), sourcePort: 7946 };
    const running = run([started]);
    expect(sentTo(step(running, packet(2, there)), 7)).toContainEqual({ type: "ackResp", seqNo: 9, payload: null });
    const other = { ...there, node: nodeName("another") };
    expect(step(running, packet(2, other)).effects).toContainEqual(
      expect.objectContaining({ type: "Ignored", reason: "ForAnotherNode" }),
    );
  });

  it("pings for another and passes the answer on, or says that there was none", () => {
    const running = run(joined);
    const request: Message = {
      type: "indirectPing",
      seqNo: 77,
      target: Uint8Array.of(192, 0, 2, 3),
      port: 7946,
      node: nodeName("node-3"),
      nack: true,
      sourceAddr: null,
      sourcePort: 0,
      sourceNode: nodeName(""),
    };
    const relayed = step(running, packet(2, request), 5);
    const ping = sentTo(relayed, 3).find((sent) => sent.type === "ping");
    if (ping?.type !== "ping") throw new Error("no ping");
    const answered = step(relayed.state, packet(3, { type: "ackResp", seqNo: ping.seqNo, payload: null }), 6);
    expect(sentTo(answered, 2)).toContainEqual({ type: "ackResp", seqNo: 77, payload: null });
    const silent = machine.advance(relayed.state, instant(5 + 80));
    expect(sentTo(silent, 2)).toContainEqual({ type: "nackResp", seqNo: 77 });
  });

  it("refutes what is said against itself, also what is out of date", () => {
    const running = run(joined);
    const refuted = step(running, packet(2, report("suspect", "us", 1, "node-2")));
    expect(refuted.state.members.get(nodeName("us"))?.incarnation).toBe(2);
    expect(sentTo(refuted, 2)).toContainEqual(expect.objectContaining({ type: "alive", node: "us", incarnation: 2 }));
    const again = step(refuted.state, packet(3, report("dead", "us", 1, "node-3")));
    expect(again.state.members.get(nodeName("us"))?.incarnation).toBe(2);
    expect(sentTo(again, 3)).toContainEqual(expect.objectContaining({ type: "alive", node: "us", incarnation: 2 }));
  });

  it("believes the higher incarnation, and death over life only at the same one", () => {
    const cases = [
      { name: "dead at the same", after: report("dead", "node-3", 1, "node-2"), state: "dead" },
      { name: "left by its own word", after: report("dead", "node-3", 1, "node-3"), state: "left" },
      { name: "dead at an older", after: report("dead", "node-3", 0, "node-2"), state: "alive" },
      { name: "suspect at the same", after: report("suspect", "node-3", 1, "node-2"), state: "suspect" },
    ];
    for (const { name, after, state } of cases) {
      const next = step(run(joined), packet(2, after)).state;
      expect(next.members.get(nodeName("node-3"))?.state, name).toBe(state);
      const revived = step(next, packet(2, alive(3, 2)), 1001).state;
      expect(revived.members.get(nodeName("node-3"))?.state, name).toBe("alive");
      if (state === "alive") continue;
      const stale = step(next, packet(2, alive(3, 1)), 1001).state;
      expect(stale.members.get(nodeName("node-3"))?.state, name).toBe(state);
    }
  });

  it("lets a name move only once its node has left", () => {
    const moved: Message = { ...(alive(9, 5) as Extract<Message, { type: "alive" }>), node: nodeName("node-3") };
    const running = run(joined);
    expect(step(running, packet(2, moved)).effects).toContainEqual(
      expect.objectContaining({ type: "Ignored", reason: "NameConflict" }),
    );
    const left = step(running, packet(2, report("dead", "node-3", 1, "node-3"))).state;
    const back = step(left, packet(2, moved));
    expect(membersOf(back.state).find((member) => member.name === nodeName("node-3"))?.address).toBe("192.0.2.9");
  });

  it("refuses a cluster that supports other versions", () => {
    const serf = createMembership({ ...config, versions: serfVersions });
    const start = serf.step(initialMembership({ ...config, versions: serfVersions }), started, instant(0)).state;
    const view = encodeStream(
      wire,
      {
        type: "pushPull",
        join: true,
        userState: new Uint8Array(),
        nodes: [
          {
            name: nodeName("node-2"),
            addr: Uint8Array.of(192, 0, 2, 2),
            port: 7946,
            meta: null,
            incarnation: 1,
            state: 0,
            vsn: Uint8Array.of(1, 5, 2, 0, 0, 0),
          },
        ],
      },
      true,
      nonce,
    );
    const open = serf.step(start, { type: "StreamAccepted", stream: "a", from: endpoint(2) }, instant(1)).state;
    const merged = serf.step(open, { type: "StreamReceived", stream: "a", octets: view }, instant(1));
    expect(merged.effects).toContainEqual(expect.objectContaining({ type: "Ignored", reason: "ProtocolMismatch" }));
    expect(membersOf(merged.state)).toHaveLength(1);
  });

  it("answers a peer that does not encrypt with the error that memberlist gives", () => {
    const key = new Uint8Array(32).fill(8);
    const secretive = createMembership({ ...config, keyring: [key] });
    let { state } = secretive.step(initialMembership({ ...config, keyring: [key] }), started, instant(0));
    ({ state } = secretive.step(state, { type: "StreamAccepted", stream: "a", from: endpoint(2) }, instant(0)));
    const ping = encodeMessage({ ...report("suspect", "us", 1, "x") });
    const answer = secretive.step(state, { type: "StreamReceived", stream: "a", octets: ping }, instant(0));
    const reply = answer.effects.find((effect) => effect.type === "ReplyStream");
    if (reply?.type !== "ReplyStream") throw new Error("no reply");
    const decoded = decodeStream(wireConfigOf(setupOf(config), [key]), reply.octets, false);
    if (!decoded.ok || decoded.value.type !== "err") throw new Error("no error");
    expect(new TextDecoder().decode(decoded.value.error ?? new Uint8Array())).toMatch(/^encryption is configured but/);
  });

  it("hears MetalLB's plain node over TCP, and gives back its own view", () => {
    const running = run([started]);
    const open = step(running, { type: "StreamAccepted", stream: "a", from: endpoint(2) }).state;
    const ping: MembershipEvent = {
      type: "StreamReceived",
      stream: "a",
      octets: encodeMessage({
        type: "ping",
        seqNo: 4,
        node: nodeName("us"),
        sourceAddr: null,
        sourcePort: 0,
        sourceNode: nodeName(""),
      }),
    };
    const reply = step(open, ping).effects.find((effect) => effect.type === "ReplyStream");
    if (reply?.type !== "ReplyStream") throw new Error("no reply");
    expect(decodeStream(wire, reply.octets, false)).toEqual({
      ok: true,
      value: { type: "ackResp", seqNo: 4, payload: null },
    });
  });

  it("never uses a nonce twice", () => {
    const keyed: MembershipConfig = { ...config, keyring: [new Uint8Array(32).fill(8)] };
    const encrypted = createMembership(keyed);
    let state = initialMembership(keyed);
    const nonces: string[] = [];
    const note = (next: MembershipStep): void => {
      ({ state } = next);
      for (const effect of next.effects) {
        if (effect.type === "SendPacket") nonces.push(Buffer.from(effect.octets.subarray(1, 13)).toString("hex"));
        if (effect.type === "OpenStream") nonces.push(Buffer.from(effect.octets.subarray(6, 18)).toString("hex"));
      }
    };
    note(encrypted.step(state, started, instant(0)));
    note(encrypted.step(state, peers, instant(0)));
    const view = encodePacket(wireConfigOf(setupOf(keyed), keyed.keyring), encodeMessage(alive(2)), false, nonce);
    note(encrypted.step(state, { type: "PacketReceived", from: endpoint(2), octets: view }, instant(0)));
    for (let now: Instant | null = instant(0); now !== null && now < 20_000; now = encrypted.nextDeadline(state)) {
      note(encrypted.advance(state, now));
    }
    expect(nonces.length).toBeGreaterThan(20);
    expect(new Set(nonces).size).toBe(nonces.length);
  });
});
