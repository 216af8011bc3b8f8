import { type Instant, instant, type IpPrefix, type Ipv4Address, type Ipv6Address } from "@herald-lb/sansio";
import type { PeerConfig } from "../peer-config.ts";
import type { DesiredRoute } from "../rib/route.ts";
import { createModelPeer, KEEPALIVE, type ModelPeer, peerOpen } from "../testing/model-peer.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { createSpeaker, createSpeakerState } from "./speaker.ts";
import type { SpeakerState } from "./state.ts";

/** A speaker with a clock, and what it did. */
export interface Bench {
  readonly effects: SpeakerEffect[];
  state: SpeakerState;
  now: Instant;
  readonly model: ModelPeer;
  readonly dispatch: (event: SpeakerEvent) => readonly SpeakerEffect[];
  /** Lets time pass, serving every deadline at its instant; the kernel takes what is sent unless `stuck`. */
  readonly wait: (milliseconds: number) => readonly SpeakerEffect[];
  readonly connection: () => number;
  readonly receive: (octets: Uint8Array) => readonly SpeakerEffect[];
  readonly establish: (options?: Parameters<typeof peerOpen>[0]) => void;
  stuck: boolean;
}

/** A speaker of AS 64512 with one peer "router"; `local` is its end of the connection. */
export function createBench(
  peer: Partial<PeerConfig> = {},
  seed = 1,
  model: Parameters<typeof createModelPeer>[0] = {},
): Bench {
  const machine = createSpeaker({ localAs: 64512, bgpIdentifier: parse("192.0.2.10") });
  const config: PeerConfig = {
    name: "router",
    address: parse("192.0.2.1"),
    peerAs: 65001,
    families: ["IPv4", "IPv6"],
    ...peer,
  };
  const bench: Bench = {
    effects: [],
    state: createSpeakerState(seed),
    now: instant(0),
    model: createModelPeer(model),
    stuck: false,
    dispatch(event) {
      return take(machine.step(bench.state, event, bench.now));
    },
    wait(milliseconds) {
      const end = instant(bench.now + milliseconds);
      const made: SpeakerEffect[] = [];
      for (
        let due = machine.nextDeadline(bench.state);
        due !== null && due <= end;
        due = machine.nextDeadline(bench.state)
      ) {
        bench.now = instant(Math.max(bench.now, due));
        made.push(...take(machine.advance(bench.state, bench.now)));
      }
      bench.now = end;
      return made;
    },
    connection: () => bench.effects.findLast((effect) => effect.type === "ConnectTcp")?.connection ?? 0,
    receive: (octets) =>
      bench.dispatch({ type: "OctetsReceived", peer: "router", connection: bench.connection(), octets }),
    establish(options) {
      const local = peer.address?.includes(":") === true ? parse("2001:db8::10") : parse("192.0.2.10");
      const otherFamily = peer.address?.includes(":") === true ? parse("192.0.2.10") : parse("2001:db8::10");
      bench.dispatch({ type: "TcpConnected", peer: "router", connection: bench.connection(), local, otherFamily });
      bench.receive(peerOpen(options));
      bench.receive(KEEPALIVE);
    },
  };
  const take = (step: {
    readonly state: SpeakerState;
    readonly effects: readonly SpeakerEffect[];
  }): readonly SpeakerEffect[] => {
    bench.state = step.state;
    bench.effects.push(...step.effects);
    for (const effect of step.effects) {
      if (effect.type !== "SendOctets") continue;
      bench.model.receive(effect.octets);
      const { peer: name, connection, octets } = effect;
      if (!bench.stuck) bench.dispatch({ type: "OctetsWritten", peer: name, connection, count: octets.length });
    }
    return step.effects;
  };
  bench.dispatch({ type: "PeersConfigured", peers: [config] });
  return bench;
}

function parse(text: string): Ipv4Address & Ipv6Address {
  return text as Ipv4Address & Ipv6Address;
}

/** A route to a prefix for all peers, with this speaker as the next hop. */
export function route(prefix: string, more: Partial<DesiredRoute> = {}): DesiredRoute {
  return { prefix: prefix as IpPrefix, nextHop: "self", peers: "all", ...more };
}

/** The event that these keys want these routes. */
export function desired(...entries: readonly (readonly [string, readonly DesiredRoute[]])[]): SpeakerEvent {
  return { type: "RoutesDesired", changes: new Map(entries) };
}
