import { assertMachineLaws, octets } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { MembershipEvent } from "./event.ts";
import {
  alive,
  config,
  endpoint,
  joined,
  machine,
  nonce,
  packet,
  peers,
  report,
  run,
  started,
  wire,
} from "./machine.test.fixture.ts";
import { initialMembership } from "./machine.ts";
import { nodeName } from "./node-name.ts";
import type { Message } from "./wire/message.ts";
import { encodeStream } from "./wire/stream.ts";

const nameArbitrary = fc.constantFrom("us", "node-2", "node-3", "node-4", "node-9");
const incarnation = fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(0xffff_ffff, 0xffff_fffe));
const message: fc.Arbitrary<Message> = fc.oneof(
  fc
    .tuple(fc.constantFrom("suspect" as const, "dead" as const), nameArbitrary, incarnation, nameArbitrary)
    .map(([type, node, incarnation, from]) => report(type, node, incarnation, from)),
  fc.tuple(nameArbitrary, incarnation, fc.nat({ max: 9 })).map(([node, number, last]): Message => {
    return { ...(alive(last, number) as Extract<Message, { type: "alive" }>), node: nodeName(node) };
  }),
  fc.nat({ max: 20 }).map((seqNo): Message => ({ type: "ackResp", seqNo, payload: null })),
  fc.nat({ max: 20 }).map((seqNo): Message => ({ type: "nackResp", seqNo })),
  fc.tuple(fc.nat({ max: 9 }), fc.boolean()).map(
    ([seqNo, nack]): Message => ({
      type: "indirectPing",
      seqNo,
      target: Uint8Array.of(192, 0, 2, 4),
      port: 7946,
      node: nodeName("node-4"),
      nack,
      sourceAddr: null,
      sourcePort: 0,
      sourceNode: nodeName(""),
    }),
  ),
  nameArbitrary.map(
    (node): Message => ({
      type: "ping",
      seqNo: 1,
      node: nodeName(node),
      sourceAddr: null,
      sourcePort: 0,
      sourceNode: nodeName(""),
    }),
  ),
);
const stream = fc.constantFrom("dial-1", "dial-2", "dial-3", "accept-1", "accept-2");
const streamOctets = fc.oneof(
  octets(),
  fc.array(fc.tuple(nameArbitrary, incarnation, fc.nat({ max: 4 })), { maxLength: 4 }).map((nodes) =>
    encodeStream(
      wire,
      {
        type: "pushPull",
        join: true,
        userState: new Uint8Array(),
        nodes: nodes.map(([name, number, state]) => ({
          name: nodeName(name),
          addr: Uint8Array.of(192, 0, 2, 9),
          port: 7946,
          meta: null,
          incarnation: number,
          state,
          vsn: Uint8Array.of(1, 5, 2, 0, 0, 0),
        })),
      },
      true,
      nonce,
    ),
  ),
);
const events: fc.Arbitrary<MembershipEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.array(message, { minLength: 1, maxLength: 4 }).map((all) => packet(2, ...all)) },
  {
    weight: 1,
    arbitrary: octets().map(
      (octetsOfPacket): MembershipEvent => ({ type: "PacketReceived", from: endpoint(5), octets: octetsOfPacket }),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(started, peers, { type: "PeersDesired", peers: [] } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "LeaveRequested" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "KeyringDesired", keyring: [new Uint8Array(16)] } as const) },
  {
    weight: 2,
    arbitrary: stream.map((id): MembershipEvent => ({ type: "StreamAccepted", stream: id, from: endpoint(2) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(stream, streamOctets)
      .map(([id, some]): MembershipEvent => ({ type: "StreamReceived", stream: id, octets: some })),
  },
  { weight: 1, arbitrary: stream.map((id): MembershipEvent => ({ type: "StreamClosed", stream: id })) },
);

describe("the membership machine", () => {
  it("obeys the laws from every named state", () => {
    assertMachineLaws(machine, {
      now: 5000,
      runs: 60,
      events,
      starts: {
        Stopped: () => initialMembership(config),
        Running: () => run([started, 5000]),
        "Running, joining": () => run([5000, started, peers]),
        "Running, probing": () => run([4900, ...joined, 100]),
        "Running, suspecting": () => run([4900, ...joined, packet(2, report("suspect", "node-3", 1, "node-2")), 100]),
        "Running, with dead": () => run([4900, ...joined, packet(2, report("dead", "node-3", 1, "node-2")), 100]),
        Leaving: () => run([5000, ...joined, { type: "LeaveRequested" }]),
        Left: () => run([...joined, { type: "LeaveRequested" }, 5000]),
      },
    });
  });
});
