import { type Driver, instant, type IpAddress } from "@herald-lb/sansio";
import { createVirtualNetwork } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { type BfdState, sessionsOf } from "./bfd-state.ts";
import type { BfdConfig, SessionConfig } from "./config.ts";
import type { BfdEffect } from "./effect.ts";
import type { BfdEvent } from "./event.ts";
import { createBfd, createBfdState } from "./machine.ts";

const ADDRESSES = { a: "192.0.2.1" as IpAddress, b: "192.0.2.2" as IpAddress };
const session = (remote: IpAddress): SessionConfig => ({
  remote,
  port: 4784,
  hops: "multi",
  interface: null,
  minimumTtl: 1,
  role: "active",
  desiredMinTxInterval: 50,
  requiredMinRxInterval: 50,
  detectMult: 3,
  administrativelyDown: false,
  authentication: null,
});

describe("a session that takes the place of an ending one", () => {
  it("is not taken down by the AdminDown of the one before", () => {
    const network = createVirtualNetwork<Uint8Array>();
    const changes: string[] = [];
    const join = (name: "a" | "b", seed: number): void => {
      const config: BfdConfig = { seed: new Uint8Array(32).fill(seed), pauseTolerance: 10 };
      const machine = createBfd(config);
      const other = name === "a" ? "b" : "a";
      drivers[name] = network.join<BfdState, BfdEvent, BfdEffect>({
        name,
        machine,
        initial: createBfdState(config),
        deliver: (from, octets) => ({
          type: "PacketReceived",
          octets,
          from: ADDRESSES[from as "a" | "b"],
          hops: "multi",
          interface: null,
          ttl: 255,
        }),
        perform: (effect: BfdEffect, send) => {
          if (effect.type === "SendPacket") send(other, effect.octets);
          if (effect.type === "SessionStateChanged") changes.push(`${name} ${effect.to}`);
        },
      });
    };
    const drivers: { a?: Driver<BfdState, BfdEvent>; b?: Driver<BfdState, BfdEvent> } = {};
    join("a", 1);
    join("b", 2);
    const desire = (name: "a" | "b", ...sessions: readonly SessionConfig[]): void =>
      drivers[name]?.dispatch({ type: "SessionsDesired", sessions: new Map(sessions.map((each) => ["peer", each])) });
    desire("a", session(ADDRESSES.b));
    desire("b", session(ADDRESSES.a));
    network.run(3_000);
    desire("a");
    network.run(500);
    desire("a", session(ADDRESSES.b));
    network.run(100);
    changes.length = 0;
    network.run(20_000);
    expect(changes).toEqual([]);
    expect(network.clock.now()).toBeGreaterThan(instant(20_000));
    expect(drivers.a === undefined ? [] : sessionsOf(drivers.a.state)).toMatchObject([{ state: "Up" }]);
  });
});
