import { type Driver, type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import { createVirtualNetwork, type VirtualNetwork } from "@herald-lb/sansio/testing";
import { type BfdState, sessionsOf, type SessionView } from "./bfd-state.ts";
import type { BfdConfig, SessionConfig } from "./config.ts";
import { type ControlPacket, decodeControlPacket, encodeControlPacket } from "./control-packet.ts";
import type { BfdEffect } from "./effect.ts";
import type { BfdEvent } from "./event.ts";
import { createBfd, createBfdState } from "./machine.ts";

/** The name of one side of a pair. */
export type Side = "a" | "b";

/** The addresses of the two sides, and of a station that is neither. */
export const ADDRESSES: Readonly<Record<Side | "outsider", IpAddress>> = {
  a: "192.0.2.1" as IpAddress,
  b: "192.0.2.2" as IpAddress,
  outsider: "192.0.2.66" as IpAddress,
};

/** The configuration of a machine whose draws depend on `seed`. */
export function bfdConfig(seed: number): BfdConfig {
  return { seed: new Uint8Array(32).fill(seed), pauseTolerance: 10 };
}

/** A session of 50 ms and a multiplier of 3 over several hops, unless told otherwise. */
export function sessionWith(remote: Side, changes: Partial<SessionConfig> = {}): SessionConfig {
  return {
    remote: ADDRESSES[remote],
    port: 4784,
    hops: "multi",
    interface: null,
    minimumTtl: 254,
    role: "active",
    desiredMinTxInterval: 50,
    requiredMinRxInterval: 50,
    detectMult: 3,
    administrativelyDown: false,
    authentication: null,
    ...changes,
  };
}

/** A packet of side b as it stands in Down with nothing known of the other, unless told otherwise. */
export function packetWith(changes: Partial<ControlPacket> = {}): Uint8Array {
  return encodeControlPacket({
    diagnostic: 0,
    state: "Down",
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    multipoint: false,
    detectMult: 3,
    myDiscriminator: 77,
    yourDiscriminator: 0,
    desiredMinTxInterval: 50_000,
    requiredMinRxInterval: 50_000,
    requiredMinEchoRxInterval: 0,
    authentication: null,
    ...changes,
  });
}

/** Side a alone, driven by hand. */
export class Bench {
  readonly state: BfdState;
  now: Instant = instant(1_000);
  readonly #machine: ReturnType<typeof createBfd>;

  constructor(changes: Partial<SessionConfig> = {}) {
    this.#machine = createBfd(bfdConfig(1));
    this.state = createBfdState(bfdConfig(1));
    this.desire(changes);
  }

  /** Wants the session with b, and no other. */
  desire(changes: Partial<SessionConfig> = {}): readonly BfdEffect[] {
    return this.step({ type: "SessionsDesired", sessions: new Map([["b", sessionWith("b", changes)]]) });
  }

  /** Gives the machine one event and returns the effects. */
  step(event: BfdEvent): readonly BfdEffect[] {
    return this.#machine.step(this.state, event, this.now).effects;
  }

  /** Takes a packet of b, or of another station. */
  receive(
    octets: Uint8Array,
    changes: Partial<Extract<BfdEvent, { type: "PacketReceived" }>> = {},
  ): readonly BfdEffect[] {
    const event = {
      type: "PacketReceived",
      octets,
      from: ADDRESSES.b,
      hops: "multi",
      interface: null,
      ttl: 255,
    } as const;
    return this.step({ ...event, ...changes });
  }

  /** Takes a packet that names this side's discriminator. */
  hear(changes: Partial<ControlPacket>): readonly BfdEffect[] {
    return this.receive(packetWith({ yourDiscriminator: this.discriminator, ...changes }));
  }

  /** Lets time pass and returns the effects of every deadline on the way. */
  wait(milliseconds: number): readonly BfdEffect[] {
    const end = instant(this.now + milliseconds);
    const effects: BfdEffect[] = [];
    for (
      let at = this.#machine.nextDeadline(this.state);
      at !== null && at <= end;
      at = this.#machine.nextDeadline(this.state)
    ) {
      this.now = instant(Math.max(this.now, at));
      effects.push(...this.#machine.advance(this.state, this.now).effects);
    }
    this.now = end;
    return effects;
  }

  /** Fires what is due at once, as after a pause of the host. */
  wakeAfter(milliseconds: number): readonly BfdEffect[] {
    this.now = instant(this.now + milliseconds);
    return this.#machine.advance(this.state, this.now).effects;
  }

  /** Brings the session up: b has answered from Down, and from Up. */
  up(): this {
    this.hear({ yourDiscriminator: 0, state: "Down" });
    this.hear({ state: "Up" });
    // Coming up shortened the interval: the peer has seen the P bit.
    this.hear({ state: "Up", final: true });
    return this;
  }

  /** The session as others see it. */
  get view(): SessionView {
    const [view] = sessionsOf(this.state);
    if (view === undefined) throw new Error("no session");
    return view;
  }

  /** This side's discriminator. */
  get discriminator(): number {
    return this.view.localDiscriminator;
  }
}

/** The packets among effects, decoded. */
export function sentPackets(effects: readonly BfdEffect[]): readonly ControlPacket[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "SendPacket") return [];
    const decoded = decodeControlPacket(effect.octets);
    return decoded.ok ? [decoded.value] : [];
  });
}

/** Two sides in virtual time. */
export class Pair {
  readonly network: VirtualNetwork<Uint8Array>;
  /** Every change of a state, as `side state`, in order. */
  readonly changes: string[] = [];
  readonly reports: Extract<BfdEffect, { type: "SessionStateChanged" }>[] = [];
  readonly ignored: string[] = [];
  /** Drops packets of one side; nothing by default. */
  drops: (from: Side, octets: Uint8Array) => boolean = () => false;
  readonly #drivers = new Map<Side, Driver<BfdState, BfdEvent>>();

  constructor(seed = 1, conditions: Partial<VirtualNetwork<Uint8Array>["conditions"]> = {}) {
    this.network = createVirtualNetwork<Uint8Array>({ seed, conditions });
    this.start("a", 2 * seed);
    this.start("b", 2 * seed + 1);
  }

  /** Starts a side, anew where it ran before. */
  start(side: Side, seed: number): void {
    this.network.kill(side);
    const other = side === "a" ? "b" : "a";
    const driver = this.network.join<BfdState, BfdEvent, BfdEffect>({
      name: side,
      machine: createBfd(bfdConfig(seed)),
      initial: createBfdState(bfdConfig(seed)),
      deliver: (from, octets) => this.packetFrom(from as Side, octets),
      perform: (effect, send) => {
        if (effect.type === "SendPacket" && !this.drops(side, effect.octets)) send(other, effect.octets);
        if (effect.type === "Ignored") this.ignored.push(effect.reason);
        if (effect.type !== "SessionStateChanged") return;
        this.changes.push(`${side} ${effect.to}`);
        this.reports.push(effect);
      },
    });
    this.#drivers.set(side, driver);
  }

  /** The event of a packet from a side. */
  packetFrom(from: Side, octets: Uint8Array): Extract<BfdEvent, { type: "PacketReceived" }> {
    return { type: "PacketReceived", octets, from: ADDRESSES[from], hops: "multi", interface: null, ttl: 255 };
  }

  /** Sets the session of a side; null for none. */
  desire(side: Side, changes: Partial<SessionConfig> | null): void {
    const other = side === "a" ? "b" : "a";
    const sessions = new Map(changes === null ? [] : [["peer", sessionWith(other, changes)]]);
    this.dispatch(side, { type: "SessionsDesired", sessions });
  }

  /** Gives a side an event. */
  dispatch(side: Side, event: BfdEvent): void {
    this.#drivers.get(side)?.dispatch(event);
  }

  /** Sets both sessions, and waits until they are up. */
  up(a: Partial<SessionConfig> = {}, b: Partial<SessionConfig> = {}): this {
    this.desire("a", a);
    this.desire("b", b);
    this.network.run(5_000);
    return this;
  }

  /** The session of a side. */
  view(side: Side): SessionView | undefined {
    const driver = this.#drivers.get(side);
    return driver === undefined ? undefined : sessionsOf(driver.state)[0];
  }
}
