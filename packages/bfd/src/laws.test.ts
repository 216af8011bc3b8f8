import type { IpAddress } from "@herald-lb/sansio";
import { assertMachineLaws, octets } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, it } from "vitest";
import { ADDRESSES, Bench, bfdConfig, packetWith, sessionWith } from "./bfd.test.fixture.ts";
import type { BfdState } from "./bfd-state.ts";
import type { BfdAuthentication, SessionConfig } from "./config.ts";
import { SESSION_STATES } from "./control-packet.ts";
import type { BfdEvent } from "./event.ts";
import { createBfd } from "./machine.ts";

const secret = new Uint8Array(20).fill(9);
const types = ["SimplePassword", "KeyedMd5", "MeticulousKeyedMd5", "KeyedSha1", "MeticulousKeyedSha1"] as const;
const authentication: fc.Arbitrary<BfdAuthentication | null> = fc.constantFrom(
  null,
  ...types.map((type): BfdAuthentication => ({ type, keys: [{ id: 1, secret }] })),
);
const session: fc.Arbitrary<SessionConfig> = fc
  .record({
    hops: fc.constantFrom("single" as const, "multi" as const),
    role: fc.constantFrom("active" as const, "passive" as const),
    desiredMinTxInterval: fc.constantFrom(10, 50, 3_000),
    requiredMinRxInterval: fc.constantFrom(10, 50, 3_000),
    detectMult: fc.constantFrom(1, 3, 255),
    administrativelyDown: fc.boolean(),
    authentication,
  })
  .map(({ hops, ...rest }) => sessionWith("b", { ...rest, hops, interface: hops === "single" ? 2 : null }));
const sessions: fc.Arbitrary<BfdEvent> = fc
  .dictionary(fc.constantFrom("b", "c"), session, { maxKeys: 2 })
  .map((all) => ({ type: "SessionsDesired", sessions: new Map(Object.entries(all)) }));
const discriminators = [0, 1, new Bench().discriminator];
const packet = fc
  .record({
    state: fc.constantFrom(...SESSION_STATES),
    poll: fc.boolean(),
    final: fc.boolean(),
    demand: fc.boolean(),
    detectMult: fc.constantFrom(0, 1, 3, 255),
    yourDiscriminator: fc.constantFrom(...discriminators),
    desiredMinTxInterval: fc.constantFrom(0, 50_000, 0xffff_ffff),
    requiredMinRxInterval: fc.constantFrom(0, 50_000, 0xffff_ffff),
  })
  .map(packetWith);
const received: fc.Arbitrary<BfdEvent> = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: packet }, octets()),
    fc.constantFrom(ADDRESSES.b, "2001:db8::1" as IpAddress),
    fc.boolean(),
    fc.constantFrom(null, 1, 255),
  )
  .map(([bytes, from, isSingle, ttl]) => ({
    type: "PacketReceived",
    octets: bytes,
    from,
    hops: isSingle ? "single" : "multi",
    interface: isSingle ? 2 : null,
    ttl,
  }));
const events = fc.oneof(
  { weight: 4, arbitrary: received },
  sessions,
  fc.constantFrom("b", "c").map((key): BfdEvent => ({ type: "PathLost", session: key })),
);

const starts: Readonly<Record<string, () => BfdState>> = {
  AdminDown: () => new Bench({ administrativelyDown: true }).state,
  Down: () => new Bench().state,
  Passive: () => new Bench({ role: "passive" }).state,
  Init: () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    return bench.state;
  },
  Up: () => new Bench().up().state,
  Polling: () => {
    const bench = new Bench().up();
    bench.desire({ desiredMinTxInterval: 900 });
    return bench.state;
  },
  Ending: () => {
    const bench = new Bench().up();
    bench.step({ type: "SessionsDesired", sessions: new Map() });
    return bench.state;
  },
  "No session": () => {
    const bench = new Bench();
    bench.step({ type: "SessionsDesired", sessions: new Map() });
    return bench.state;
  },
  ...Object.fromEntries(
    types.map((type) => [type, () => new Bench({ authentication: { type, keys: [{ id: 1, secret }] } }).state]),
  ),
};

describe("the BFD machine", () => {
  it("obeys the laws of machines from every state", () => {
    assertMachineLaws(createBfd(bfdConfig(1)), { starts, events, now: 1_000, inPlace: true, runs: 60 });
  });
});
