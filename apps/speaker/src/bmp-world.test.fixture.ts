import {
  type BmpMessage,
  createSpeaker,
  createSpeakerState,
  decodeBmpMessage,
  type PeerConfig,
  type SpeakerEffect,
  type SpeakerEvent,
  type SpeakerState,
  splitBmpFrames,
} from "@herald-lb/bgp-speaker";
import { createModelPeer, KEEPALIVE, type ModelPeer, peerOpen } from "@herald-lb/bgp-speaker/testing";
import type { Logger } from "@herald-lb/daemon";
import { type Instant, instant, type Ipv4Address, prefixOf } from "@herald-lb/sansio";
import { expect } from "vitest";
import type { CollectorEvents } from "./bmp-collector.ts";
import { BmpMonitoring } from "./bmp-monitoring.ts";

const NAME = "router";

/** A speaker with one peer whose kernel takes everything, and a collector that reads when it is told to. */
export class World {
  now: Instant = instant(0);
  state: SpeakerState = createSpeakerState(1);
  readonly messages: BmpMessage[] = [];
  /** The routes that the peer holds by what the collector was told, read by the model of a router. */
  held: ModelPeer = createModelPeer();
  readonly peer: ModelPeer = createModelPeer();
  attempts = 0;
  waiting = 0;
  destroyed = 0;
  events: CollectorEvents | null = null;
  readonly monitoring: BmpMonitoring;
  readonly #machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  readonly #wakes = new Set<{ at: number; wake: () => void }>();
  #connection = 0;

  constructor(options: Partial<PeerConfig> = {}) {
    this.monitoring = new BmpMonitoring({
      collector: { host: "192.0.2.9", port: 1790 },
      connect: (_collector, events) => {
        this.attempts++;
        this.events = events;
        return {
          write: (octets) => this.#collect(octets),
          waiting: () => this.waiting,
          end: () => {},
          destroy: () => void this.destroyed++,
        };
      },
      node: "node-a",
      clock: {
        now: () => this.now,
        wakeAt: (at, wake) => {
          const entry = { at, wake };
          this.#wakes.add(entry);
          return () => void this.#wakes.delete(entry);
        },
      },
      wallClock: () => 1_800_000_000_250,
      state: () => this.state,
      log: { info: () => {}, warn: () => {} } as unknown as Logger,
    });
    const peer = { name: NAME, address: "192.0.2.1" as Ipv4Address, peerAs: 65001, families: ["IPv4"] } as const;
    this.dispatch({ type: "PeersConfigured", peers: [{ ...peer, ...options }] });
  }

  dispatch(event: SpeakerEvent): void {
    this.#take(this.#machine.step(this.state, event, this.now));
  }

  /** Lets time pass: the monitoring's wake-ups, then the machine's deadlines. */
  wait(milliseconds: number): void {
    const end = instant(this.now + milliseconds);
    for (let turn = 0; turn < 10_000; turn++) {
      const due = [...this.#wakes].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      const machine = this.#machine.nextDeadline(this.state);
      if (due !== undefined && (machine === null || due.at <= machine)) {
        this.#wakes.delete(due);
        this.now = instant(Math.max(this.now, due.at));
        due.wake();
      } else if (machine !== null && machine <= end) {
        this.now = instant(Math.max(this.now, machine));
        this.#take(this.#machine.advance(this.state, this.now));
      } else break;
    }
    this.now = end;
  }

  establish(extra: readonly number[] = []): void {
    const local = "192.0.2.10" as Ipv4Address;
    this.dispatch({ type: "TcpConnected", peer: NAME, connection: this.#connection, local });
    this.receive(peerOpen({ extra }));
    this.receive(KEEPALIVE);
  }

  receive(octets: Uint8Array): void {
    this.dispatch({ type: "OctetsReceived", peer: NAME, connection: this.#connection, octets });
  }

  close(): void {
    this.dispatch({ type: "TcpClosed", peer: NAME, connection: this.#connection, reason: "closed" });
  }

  want(count: number, key = "web", spread = 3): void {
    const routes = Array.from({ length: count }, (_, n) => ({
      prefix: prefixOf(`203.0.${n >> 8}.${n & 255}` as Ipv4Address, 32),
      nextHop: "self" as const,
      peers: "all" as const,
      med: n % spread,
    }));
    this.dispatch({ type: "RoutesDesired", changes: new Map([[key, routes]]) });
  }

  /** Begins the collector's connection. */
  open(): void {
    this.held = createModelPeer();
    this.events?.onOpen();
  }

  words(): readonly string[] {
    return this.messages.map((message) => {
      if (message.type !== "RouteMonitoring") return message.type;
      return `${message.type}${message.peer.isAdjRibOut && message.peer.isPostPolicy ? " out post-policy" : ""}`;
    });
  }

  #take({ state, effects }: { readonly state: SpeakerState; readonly effects: readonly SpeakerEffect[] }): void {
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "ConnectTcp") this.#connection = effect.connection;
      this.monitoring.observe(effect);
      if (effect.type !== "SendOctets") continue;
      this.peer.receive(effect.octets);
      const { peer, connection, octets } = effect;
      this.dispatch({ type: "OctetsWritten", peer, connection, count: octets.length });
    }
  }

  #collect(octets: Uint8Array): void {
    const { frames, pending, error } = splitBmpFrames(new Uint8Array(0), octets, 100_000);
    expect([pending.length, error]).toEqual([0, null]);
    for (const each of frames) {
      const message = decodeBmpMessage(each);
      if (!message.ok) throw new Error(JSON.stringify(message.error));
      this.messages.push(message.value);
      if (message.value.type === "RouteMonitoring") this.held.receive(message.value.update);
    }
  }
}
