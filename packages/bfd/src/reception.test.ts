import { describe, expect, it } from "vitest";
import { ADDRESSES, Bench, packetWith, sentPackets, sessionWith } from "./bfd.test.fixture.ts";
import { Diagnostic, SESSION_STATES, type SessionStateName } from "./control-packet.ts";
import { sessionsOf } from "./bfd-state.ts";

/** A session in each state. */
const IN: Readonly<Record<SessionStateName, () => Bench>> = {
  AdminDown: () => new Bench({ administrativelyDown: true }),
  Down: () => new Bench(),
  Init: () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    return bench;
  },
  Up: () => new Bench().up(),
};

/** RFC 5880 §6.8.6, written down here a second time: the state after a packet, and the diagnostic of a change. */
const EXPECTED: Readonly<Record<SessionStateName, Readonly<Record<SessionStateName, SessionStateName>>>> = {
  AdminDown: { AdminDown: "AdminDown", Down: "AdminDown", Init: "AdminDown", Up: "AdminDown" },
  Down: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Down" },
  Init: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Up" },
  Up: { AdminDown: "Down", Down: "Down", Init: "Up", Up: "Up" },
};

describe("a packet", () => {
  const rows = SESSION_STATES.flatMap((from) => SESSION_STATES.map((received) => ({ from, received })));

  it.each(rows)("in $from that says $received", ({ from, received }) => {
    const bench = IN[from]();
    expect(bench.view.state).toBe(from);
    const effects = bench.hear({ state: received, diagnostic: 4 });
    const to = EXPECTED[from][received];
    expect(bench.view).toMatchObject({ state: to, remoteState: received, remoteDiagnostic: 4 });
    const changes = effects.filter(({ type }) => type === "SessionStateChanged");
    expect(changes).toHaveLength(from === to ? 0 : 1);
    if (to === "Down" && from !== "Down") expect(bench.view.diagnostic).toBe(Diagnostic.NeighborSignaledSessionDown);
    // A change is told to the peer at once.
    expect(sentPackets(effects).map(({ state }) => state)).toEqual(from === to ? [] : [to]);
  });

  it("with the P bit is answered at once with the F bit, whatever is due", () => {
    const [answer] = sentPackets(new Bench().up().hear({ state: "Up", poll: true }));
    expect(answer).toMatchObject({ final: true, poll: false, state: "Up" });
  });

  it.each([
    { reason: "BadVersion", octets: packetWith().fill(0x40, 0, 1) },
    { reason: "BadLength", octets: packetWith().subarray(0, 23) },
    { reason: "BadDetectMult", octets: packetWith({ detectMult: 0 }) },
    { reason: "Multipoint", octets: packetWith({ multipoint: true }) },
    { reason: "ZeroDiscriminator", octets: packetWith({ myDiscriminator: 0 }) },
    { reason: "ZeroDiscriminator", octets: packetWith({ state: "Up" }) },
    { reason: "ZeroDiscriminator", octets: packetWith({ state: "Init" }) },
    { reason: "UnknownDiscriminator", octets: packetWith({ yourDiscriminator: 1 }) },
  ])("is ignored as $reason, and changes nothing", ({ reason, octets }) => {
    const bench = new Bench().up();
    const before = bench.view;
    expect(bench.receive(octets)).toEqual([{ type: "Ignored", reason, from: ADDRESSES.b }]);
    expect(bench.view).toEqual(before);
  });

  it("from an outsider is ignored with and without the right discriminator", () => {
    const bench = new Bench().up();
    const before = bench.view;
    const from = ADDRESSES.outsider;
    expect(bench.receive(packetWith(), { from })).toEqual([{ type: "Ignored", reason: "NoSession", from }]);
    const right = packetWith({ state: "Down", yourDiscriminator: bench.discriminator });
    expect(bench.receive(right, { from })).toEqual([{ type: "Ignored", reason: "WrongAddress", from }]);
    expect(bench.receive(right, { hops: "single", interface: 2 })).toMatchObject([{ reason: "WrongAddress" }]);
    expect(bench.view).toEqual(before);
  });

  it("with a TTL under the least is ignored; one that the kernel checked is not", () => {
    const bench = new Bench({ minimumTtl: 255 });
    expect(bench.receive(packetWith(), { ttl: 254 })).toMatchObject([{ reason: "LowTtl" }]);
    expect(bench.view.packetsReceived).toBe(0);
    bench.receive(packetWith(), { ttl: 255 });
    bench.receive(packetWith(), { ttl: null });
    expect(bench.view.packetsReceived).toBe(2);
  });

  it("of a single hop finds its session by interface and source", () => {
    const bench = new Bench();
    const single = { hops: "single", minimumTtl: 255 } as const;
    const sessions = new Map([
      ["eth0", sessionWith("b", { ...single, interface: 2 })],
      ["eth1", sessionWith("b", { ...single, interface: 3 })],
    ]);
    bench.step({ type: "SessionsDesired", sessions });
    expect(bench.receive(packetWith(), { hops: "single", interface: 4 })).toMatchObject([{ reason: "NoSession" }]);
    bench.receive(packetWith(), { hops: "single", interface: 3 });
    expect(sessionsOf(bench.state).map(({ session, state }) => `${session} ${state}`)).toEqual([
      "eth0 Down",
      "eth1 Init",
    ]);
  });
});
