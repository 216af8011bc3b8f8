import { type Instant, instant, type Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { PeerConfig } from "../peer-config.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { peersOf } from "./peers-of.ts";
import { createSpeaker, createSpeakerState } from "./speaker.ts";
import type { SpeakerState } from "./state.ts";

interface End {
  readonly address: Ipv4Address;
  readonly as: number;
  readonly machine: ReturnType<typeof createSpeaker>;
  state: SpeakerState;
  accepted: number;
  /** By connection, the other end's name for it; null while it is being opened. */
  readonly far: Map<number, number | null>;
}

/** Two speakers that both connect to each other, over a network whose every segment takes a time of its own. */
class Pair {
  readonly ends: readonly [End, End];
  readonly #delays: Iterator<number>;
  readonly #queue: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #now: Instant = instant(0);
  #order = 0;
  #last = 0;

  constructor(identifiers: readonly [string, string], as: readonly [number, number], delays: readonly number[]) {
    const endless = function* (): Generator<number> {
      for (let at = 0; ; at++) yield delays[at % delays.length] ?? 1;
    };
    this.#delays = endless();
    const end = (which: 0 | 1): End => ({
      address: `192.0.2.${which + 1}` as Ipv4Address,
      as: as[which],
      machine: createSpeaker({ localAs: as[which], bgpIdentifier: identifiers[which] as Ipv4Address }),
      state: createSpeakerState(which + 1),
      accepted: 0,
      far: new Map(),
    });
    this.ends = [end(0), end(1)];
    for (const which of [0, 1] as const) {
      const far = this.ends[1 - which] as End;
      const peer: PeerConfig = { name: "peer", address: far.address, peerAs: far.as, connectionMode: "both" };
      this.#later(() => this.#tell(this.ends[which], { type: "PeersConfigured", peers: [peer] }));
    }
  }

  run(milliseconds: number): void {
    for (;;) {
      const next = this.#queue.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      const timers = this.ends.map(({ machine, state }) => machine.nextDeadline(state) ?? Infinity);
      const at = Math.min(next?.at ?? Infinity, ...timers);
      if (at > milliseconds) return;
      this.#now = instant(Math.max(this.#now, at));
      if (next !== undefined && next.at <= at) {
        this.#queue.splice(this.#queue.indexOf(next), 1);
        next.run();
      } else {
        for (const end of this.ends) this.#take(end, end.machine.advance(end.state, this.#now));
      }
    }
  }

  /** Segments keep their order within the whole network: what matters is when which side sees what. */
  #later(run: () => void): void {
    const delay = this.#delays.next().value as number;
    this.#last = Math.max(this.#last, this.#now + delay);
    this.#queue.push({ at: this.#last, order: this.#order++, run });
  }

  #tell(end: End, event: SpeakerEvent): void {
    this.#take(end, end.machine.step(end.state, event, this.#now));
  }

  #take(end: End, step: { readonly state: SpeakerState; readonly effects: readonly SpeakerEffect[] }): void {
    end.state = step.state;
    for (const effect of step.effects) this.#perform(end, effect);
  }

  #perform(end: End, effect: SpeakerEffect): void {
    const other = end === this.ends[0] ? this.ends[1] : this.ends[0];
    if (effect.type === "ConnectTcp") {
      const { connection } = effect;
      end.far.set(connection, null);
      this.#later(() => {
        if (!end.far.has(connection)) return;
        const id = --other.accepted;
        other.far.set(id, connection);
        end.far.set(connection, id);
        const from = { listener: "IPv4 179 ", connection: id, address: end.address, port: 1, interface: null };
        this.#tell(other, { type: "TcpAccepted", ...from, local: other.address });
      });
      this.#later(() => this.#tell(end, { type: "TcpConnected", peer: "peer", connection, local: end.address }));
    } else if (effect.type === "SendOctets") {
      const { connection, octets } = effect;
      const far = end.far.get(connection);
      this.#later(() => this.#tell(end, { type: "OctetsWritten", peer: "peer", connection, count: octets.length }));
      if (far !== undefined && far !== null)
        this.#later(() => this.#tell(other, { type: "OctetsReceived", peer: "peer", connection: far, octets }));
    } else if (effect.type === "CloseTcp" || effect.type === "RejectTcp") {
      const { connection } = effect;
      const far = end.far.get(connection);
      end.far.delete(connection);
      if (effect.type === "CloseTcp")
        this.#later(() => this.#tell(end, { type: "TcpClosed", peer: "peer", connection, reason: "closed" }));
      if (far !== undefined && far !== null)
        this.#later(() => this.#tell(other, { type: "TcpClosed", peer: "peer", connection: far, reason: "closed" }));
    }
  }
}

const identifiers = fc.constantFrom<readonly [string, string]>(
  ["10.0.0.1", "10.0.0.2"],
  ["200.0.0.1", "10.0.0.2"],
  ["10.0.0.1", "10.0.0.1"],
);
const asNumbers = fc.constantFrom<readonly [number, number]>([64_512, 64_513], [64_513, 64_512]);

it("two speakers that connect to each other at once have one session within a minute, the same one", () => {
  fc.assert(
    fc.property(
      identifiers,
      asNumbers,
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
      (ids, as, delays) => {
        const pair = new Pair(ids, as, delays);
        pair.run(60_000);
        const [near, far] = pair.ends;
        const states = pair.ends.map(({ state }) => peersOf(state)[0]?.state);
        expect(states).toEqual(["Established", "Established"]);
        const [a, b] = pair.ends.map(({ state }) => state.peers.get("peer"));
        expect([a?.second, b?.second]).toEqual([null, null]);
        expect(near.far.get(a?.connection?.id ?? 0)).toBe(b?.connection?.id);
        expect(far.far.get(b?.connection?.id ?? 0)).toBe(a?.connection?.id);
      },
    ),
    { numRuns: 300 },
  );
});
