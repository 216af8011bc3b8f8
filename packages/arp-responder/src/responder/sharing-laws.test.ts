import { instant, type MacAddress } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEthernet } from "../ethernet.ts";
import { createClientShares } from "../sharing/client-shares.ts";
import { answerPlainRequest } from "./arp-fast-path.ts";
import { answerPlainSolicitation } from "./ndp-fast-path.ts";
import { receiveArp } from "./receive-arp.ts";
import { receiveNdp } from "./receive-ndp.ts";
import { responder } from "./responder.ts";
import type { ResponderEvent } from "./responder-event.ts";
import type { ResponderState } from "./responder-state.ts";
import { clientOf, macOfNode, NODES, requestOf, SharedSegment, VIP, VIP6 } from "./sharing.test.fixture.ts";

const stateOf = (segment: SharedSegment): ResponderState => {
  const state = segment.nodes.get("node-a")?.state;
  if (state === undefined) throw new Error("node-a is not there");
  return state;
};
/** node-a with 40 clients, after a while. */
const serving = (rebalance = false): SharedSegment => {
  const segment = new SharedSegment(rebalance).serve(NODES).wait(5_000);
  for (let number = 0; number < 40; number++) segment.ask(clientOf(number), number % 2 === 0 ? VIP : VIP6);
  return segment;
};
const numbers = fc.nat(60);
const targets = fc.constantFrom(VIP, VIP6);
const frames = fc
  .record({
    number: numbers,
    target: targets,
    to: fc.constantFrom(undefined, macOfNode("node-a"), macOfNode("node-b")),
    source: fc.constantFrom("own", "node-b", "stranger"),
    from: fc.constantFrom("own", "none"),
  })
  .map(({ number, target, to, source, from }) => {
    const none = target === VIP ? "0.0.0.0" : "::";
    const octets = requestOf(clientOf(number), target, to, from === "none" ? none : undefined);
    const sender: MacAddress | null =
      source === "own" ? null : source === "node-b" ? macOfNode("node-b") : ("02:00:5e:00:53:77" as MacAddress);
    if (sender !== null)
      octets.set(
        sender.split(":").map((octet) => Number.parseInt(octet, 16)),
        6,
      );
    return octets;
  });
const events: fc.Arbitrary<ResponderEvent> = fc.oneof(
  { weight: 4, arbitrary: frames.map((octets) => ({ type: "FrameReceived" as const, on: 1, octets })) },
  fc
    .tuple(fc.subarray([...NODES], { minLength: 1 }), fc.boolean(), fc.nat(2), fc.boolean())
    .map(([nodes, rebalance, joins, isShared]) => ({
      type: "AnnouncementDesired" as const,
      key: "web",
      addresses: [VIP, VIP6],
      interfaces: "all" as const,
      ...(isShared && {
        sharing: {
          node: "node-a",
          shares: createClientShares(NODES, ["node-a", ...nodes]),
          rebalance,
          joins: new Map(["node-a", ...nodes].map((node) => [node, joins] as const)),
        },
      }),
    })),
  fc.constantFrom("AnnouncementGone" as const, "AnnouncementYielded" as const).map((type) => ({ type, key: "web" })),
  fc.constant({ type: "HandoverStarted" as const }),
  fc.constant({ type: "InterfacesChanged" as const, interfaces: [] }),
  fc.subarray(NODES.slice(1)).map((nodes) => ({
    type: "SpeakersChanged" as const,
    speakers: new Map(nodes.map((node) => [node, [macOfNode(node)]])),
  })),
);

describe("a responder that shares clients", () => {
  it("obeys the laws of machines from every state of that", () => {
    const starts = {
      serving: () => stateOf(serving()),
      telling: () => stateOf(serving().serve(["node-a", "node-b"])),
      waitingToTell: () => {
        const segment = serving();
        for (let number = 100; number < 2_000; number++) segment.ask(clientOf(number));
        return stateOf(segment.serve(["node-a"]));
      },
      relaying: () => {
        const segment = serving();
        for (let number = 0; number < 40; number++) segment.confirm(clientOf(number));
        return stateOf(segment);
      },
      rebalancing: () => stateOf(serving(true).serve(["node-a", "node-b"]).serve(NODES)),
    };
    assertMachineLaws(responder, { starts, events, now: 20_000, inPlace: true, runs: 30 });
  });

  it("gives for any request the same by the fast path as by way of the codec, and remembers the same", () => {
    fc.assert(
      fc.property(frames, (octets) => {
        const [fast, slow] = [stateOf(serving()), stateOf(serving())];
        const [one, other] = [fast.interfaces.get(1), slow.interfaces.get(1)];
        const frame = decodeEthernet(octets);
        if (one === undefined || other === undefined || !frame.ok) throw new Error("no frame");
        const now = instant(20_000);
        const answer = answerPlainRequest(fast, one, octets, now) ?? answerPlainSolicitation(fast, one, octets, now);
        if (answer === null) return;
        const isArp = frame.value.etherType === 0x0806;
        expect(answer).toEqual((isArp ? receiveArp : receiveNdp)(slow, other, frame.value, now));
        expect(fast.clients).toEqual(slow.clients);
      }),
    );
  });
});
