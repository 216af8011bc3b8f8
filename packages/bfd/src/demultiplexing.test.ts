import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { ADDRESSES, Bench, packetWith, sessionWith } from "./bfd.test.fixture.ts";
import { sessionsOf } from "./bfd-state.ts";
import type { BfdEvent } from "./event.ts";

type Received = Extract<BfdEvent, { type: "PacketReceived" }>;

/** Sessions with one peer: over two interfaces of the link, and over several hops. */
function three(): Bench {
  const bench = new Bench();
  const single = { hops: "single", minimumTtl: 255, port: 3784 } as const;
  const sessions = new Map([
    ["eth0", sessionWith("b", { ...single, interface: 2 })],
    ["eth1", sessionWith("b", { ...single, interface: 3 })],
    ["far", sessionWith("b")],
  ]);
  bench.step({ type: "SessionsDesired", sessions });
  return bench;
}
const states = (bench: Bench): string =>
  sessionsOf(bench.state)
    .map(({ state }) => state)
    .join(" ");
const discriminatorOf = (bench: Bench, key: string): number =>
  sessionsOf(bench.state).find(({ session }) => session === key)?.localDiscriminator ?? 0;
/** The reason for which a packet is ignored; null for one that is taken. */
function reasonOf(bench: Bench, octets: Uint8Array, changes: Partial<Received> = {}): string | null {
  const before = JSON.stringify(sessionsOf(bench.state));
  const effects = bench.receive(octets, changes);
  const [reason = null] = effects.flatMap((effect) => (effect.type === "Ignored" ? [effect.reason] : []));
  if (reason === null) return null;
  expect(effects).toHaveLength(1);
  expect(JSON.stringify(sessionsOf(bench.state))).toBe(before);
  return reason;
}

describe("a packet without Your Discriminator", () => {
  it.each<{ on: Partial<Received>; after: string }>([
    { on: { hops: "single", interface: 2 }, after: "Init Down Down" },
    { on: { hops: "single", interface: 3 }, after: "Down Init Down" },
    { on: { hops: "multi", interface: null }, after: "Down Down Init" },
    { on: { hops: "multi", interface: 3 }, after: "Down Down Init" },
  ])("belongs to the session of its kind of path, by interface where it is a single hop ($after)", ({ on, after }) => {
    const bench = three();
    expect(reasonOf(bench, packetWith(), on)).toBeNull();
    expect(states(bench)).toBe(after);
  });

  it("may say Down or AdminDown, and nothing else", () => {
    expect(reasonOf(three(), packetWith({ state: "AdminDown" }))).toBeNull();
    expect(reasonOf(three(), packetWith({ state: "Init" }))).toBe("ZeroDiscriminator");
    expect(reasonOf(three(), packetWith({ state: "Up" }))).toBe("ZeroDiscriminator");
  });

  it("of an unknown interface or source belongs to none", () => {
    expect(reasonOf(three(), packetWith(), { hops: "single", interface: 4 })).toBe("NoSession");
    expect(reasonOf(three(), packetWith(), { hops: "single", interface: null })).toBe("NoSession");
    for (const from of [ADDRESSES.outsider, "192.0.2.20" as IpAddress, "2001:db8::2" as IpAddress])
      expect(reasonOf(three(), packetWith(), { from })).toBe("NoSession");
  });

  it("takes a session down that is up: the peer has started anew", () => {
    const bench = new Bench().up();
    bench.receive(packetWith({ myDiscriminator: 78 }));
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 3, remoteDiscriminator: 78 });
  });
});

describe("a packet with Your Discriminator", () => {
  it("belongs to that session, if it came the way that the session goes", () => {
    const eth0 = { hops: "single", interface: 2 } as const;
    for (const [key, on, after] of [
      ["eth0", eth0, "Init Down Down"],
      ["eth1", { ...eth0, interface: 3 }, "Down Init Down"],
      ["far", {}, "Down Down Init"],
    ] as const) {
      const bench = three();
      const octets = packetWith({ yourDiscriminator: discriminatorOf(bench, key) });
      expect(reasonOf(bench, octets, { hops: "single", interface: 4 })).toBe("WrongAddress");
      expect(reasonOf(bench, octets, { ...on, from: ADDRESSES.outsider })).toBe("WrongAddress");
      expect(reasonOf(bench, octets, key === "far" ? eth0 : {})).toBe("WrongAddress");
      expect(reasonOf(bench, octets, on)).toBeNull();
      expect(states(bench)).toBe(after);
    }
  });
});

describe("the least TTL", () => {
  it.each([
    { minimumTtl: 255, ttl: 255, reason: null },
    { minimumTtl: 255, ttl: 254, reason: "LowTtl" },
    { minimumTtl: 255, ttl: 0, reason: "LowTtl" },
    { minimumTtl: 250, ttl: 250, reason: null },
    { minimumTtl: 250, ttl: 249, reason: "LowTtl" },
    { minimumTtl: 255, ttl: null, reason: null },
  ])("$minimumTtl and a packet with $ttl: $reason", ({ minimumTtl, ttl, reason }) => {
    expect(reasonOf(new Bench({ minimumTtl }), packetWith(), { ttl })).toBe(reason);
    expect(reasonOf(new Bench({ minimumTtl }).up(), packetWith(), { ttl })).toBe(reason);
  });
});
