import { type Instant, instant, type IpPrefix, type Ipv4Address, prefixOf } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DesiredRoute } from "../rib/route.ts";
import { createModelPeer, KEEPALIVE, type ModelPeer, peerOpen } from "../testing/model-peer.ts";
import { announcedTo } from "./peers-of.ts";
import type { SpeakerEvent } from "./event.ts";
import { createSpeaker, createSpeakerState } from "./speaker.ts";

/** The bound on what waits for the kernel of one peer, and the longest run of messages that may pass it, in octets. */
const MOST_UNSENT = 262_144;

/** Two routers with equal sessions, and one whose hold time makes no difference: what they are told divides them, if anything. */
const PEERS = ["r1", "r2", "r3"] as const;
type Peer = (typeof PEERS)[number];

interface Line {
  connection: number;
  isOpen: boolean;
  unsent: number;
  mostUnsent: number;
  model: ModelPeer;
}

/** A speaker with three peers whose kernels take octets when the test says so. */
class Network {
  readonly #machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  state = createSpeakerState(1);
  now: Instant = instant(0);
  readonly lines = new Map<string, Line>();

  constructor() {
    const peers = PEERS.map((name, at) => ({
      name,
      address: `192.0.2.${at + 1}` as Ipv4Address,
      peerAs: 65001,
      families: ["IPv4"] as const,
    }));
    this.dispatch({ type: "PeersConfigured", peers });
  }

  dispatch(event: SpeakerEvent): void {
    this.#take(this.#machine.step(this.state, event, this.now));
  }

  wait(milliseconds: number): void {
    const end = instant(this.now + milliseconds);
    for (let due = this.#due(end); due !== null; due = this.#due(end)) {
      this.now = instant(Math.max(this.now, due));
      this.#take(this.#machine.advance(this.state, this.now));
    }
    this.now = end;
  }

  connect(peer: Peer): void {
    const line = this.lines.get(peer);
    if (line === undefined || line.isOpen) return;
    line.isOpen = true;
    const { connection } = line;
    this.dispatch({ type: "TcpConnected", peer, connection, local: "192.0.2.10" as Ipv4Address });
    for (const octets of [peerOpen(), KEEPALIVE]) this.dispatch({ type: "OctetsReceived", peer, connection, octets });
  }

  close(peer: Peer): void {
    const line = this.lines.get(peer);
    if (line?.isOpen !== true) return;
    line.isOpen = false;
    this.dispatch({ type: "TcpClosed", peer, connection: line.connection, reason: "reset" });
  }

  /** The kernel takes all, or a part, of what waits for it. */
  write(peer: Peer, share: number): void {
    const line = this.lines.get(peer);
    if (line === undefined || line.unsent === 0) return;
    const count = Math.ceil(line.unsent * share);
    line.unsent -= count;
    this.dispatch({ type: "OctetsWritten", peer, connection: line.connection, count });
  }

  #due(end: Instant): Instant | null {
    const due = this.#machine.nextDeadline(this.state);
    return due !== null && due <= end ? due : null;
  }

  #take({ state, effects }: ReturnType<ReturnType<typeof createSpeaker>["step"]>): void {
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "ConnectTcp") {
        const { peer, connection } = effect;
        this.lines.set(peer, { connection, isOpen: false, unsent: 0, mostUnsent: 0, model: createModelPeer() });
      } else if (effect.type === "SendOctets") {
        const line = this.lines.get(effect.peer);
        if (line?.connection !== effect.connection) continue;
        line.model.receive(effect.octets);
        line.unsent += effect.octets.length;
        line.mostUnsent = Math.max(line.mostUnsent, line.unsent);
      }
    }
  }
}

const prefixNumber = fc.nat(5);
const peersOfRoute = fc.constantFrom<DesiredRoute["peers"]>("all", "all", ["r1"], ["r1", "r2"], ["r3"]);
/** A few routes that overlap with others, or thousands: more than one slice takes, and with attributes of their own more than the kernel of a router that reads nothing does. */
const routes = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.tuple(prefixNumber, fc.nat(2), peersOfRoute), { maxLength: 4 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(2_100, 5_500), fc.boolean(), fc.nat(2), peersOfRoute)
      .map(([count, isOwn, med, peers]) =>
        Array.from({ length: count }, (_, n) => [n, isOwn ? med + n : med, peers] as const),
      ),
  },
);
const move = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom("a", "b"), routes).map((change) => ({ change })) },
  { weight: 3, arbitrary: fc.constantFrom(...PEERS).map((connect) => ({ connect })) },
  { weight: 1, arbitrary: fc.constantFrom(...PEERS).map((close) => ({ close })) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...PEERS), fc.constantFrom(0.3, 1)).map((write) => ({ write })) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 150, 2_000).map((wait) => ({ wait })) },
);

const addressOf = (n: number): IpPrefix => prefixOf(`203.0.${n >> 8}.${n & 255}` as never, 32);

describe("several sessions", () => {
  it("hold, after any history of routes, sessions and slow kernels, exactly what is wanted of each", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const network = new Network();
        const wanted = new Map<string, readonly (readonly [number, number, DesiredRoute["peers"]])[]>();
        for (const each of moves) {
          if ("connect" in each) network.connect(each.connect);
          else if ("close" in each) network.close(each.close);
          else if ("write" in each) network.write(...each.write);
          else if ("wait" in each) network.wait(each.wait);
          else {
            const [key, list] = each.change;
            wanted.set(key, list);
            const made = list.map(([n, med, peers]) => ({
              prefix: addressOf(n),
              nextHop: "self" as const,
              med,
              peers,
            }));
            network.dispatch({ type: "RoutesDesired", changes: new Map([[key, made]]) });
          }
        }
        for (let round = 0; round < 40; round++) {
          network.wait(150);
          for (const peer of PEERS) network.write(peer, 1);
        }
        for (const peer of PEERS) {
          const line = network.lines.get(peer);
          if (line?.isOpen !== true) continue;
          const expected = new Map<string, number>();
          for (const [n, med, peers] of [...wanted.values()].flat())
            if (peers === "all" || peers.includes(peer))
              expected.set(addressOf(n), Math.min(med, expected.get(addressOf(n)) ?? Infinity));
          const held = new Map(
            [...line.model.held].map(([key, { attributes }]) => [
              prefixText(key),
              Number.parseInt(attributes[4] ?? "", 16),
            ]),
          );
          expect(held).toEqual(expected);
          expect(announcedTo(network.state, peer)).toEqual([...expected.keys()].toSorted());
          expect(line.mostUnsent).toBeLessThan(MOST_UNSENT + 65_536);
        }
        // What is wanted of nobody any more, and was withdrawn everywhere, is forgotten.
        const prefixes = new Set([...wanted.values()].flat().map(([n]) => addressOf(n)));
        expect(network.state.locRib.byPrefix.size).toBe(prefixes.size);
      }),
      { numRuns: 40 },
    );
  });

  it("tell a router that reads nothing no more than the bound, however much is wanted, and the others all of it", () => {
    const network = new Network();
    network.connect("r1");
    network.connect("r2");
    const change = (med: number): SpeakerEvent => {
      // Attributes of their own fill an UPDATE with few routes.
      const list = Array.from({ length: 12_000 }, (_, n) => ({
        prefix: addressOf(n),
        nextHop: "self" as const,
        med: med + (n % 4_000),
        peers: "all" as const,
      }));
      return { type: "RoutesDesired", changes: new Map([["many", list]]) };
    };
    for (let med = 0; med < 4; med++) {
      network.dispatch(change(med));
      for (let turn = 0; turn < 60; turn++) {
        network.wait(10);
        network.write("r2", 1);
      }
    }
    const [slow, fast] = [network.lines.get("r1"), network.lines.get("r2")];
    expect(slow?.mostUnsent).toBeLessThan(MOST_UNSENT + 65_536);
    expect(fast?.model.held.size).toBe(12_000);
    expect(slow?.model.held.size).toBeLessThan(12_000);
    for (let turn = 0; turn < 200; turn++) {
      network.write("r1", 1);
      network.wait(10);
    }
    expect(slow?.model.held).toEqual(fast?.model.held);
  });
});

/** "4 cb007107/32" as "203.0.113.7/32". */
function prefixText(key: string): string {
  const [hex = "", length = ""] = key.slice(2).split("/");
  const octets = hex.padEnd(8, "0").match(/../g) ?? [];
  return `${octets.map((each) => Number.parseInt(each, 16)).join(".")}/${length}`;
}
