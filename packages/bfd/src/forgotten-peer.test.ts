import { describe, expect, it } from "vitest";
import { Bench, packetWith, Pair, sentPackets } from "./bfd.test.fixture.ts";

describe("a peer that is silent for the detection time", () => {
  it("is forgotten in Down, RFC 5880 §6.8.1: the next packet names no discriminator", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Down", desiredMinTxInterval: 1_000_000 });
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 3, remoteDiscriminator: 77 });
    expect(sentPackets(bench.wait(2_999)).map(({ yourDiscriminator }) => yourDiscriminator)).toContain(77);
    bench.wait(1);
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 3, remoteDiscriminator: 0 });
    expect(sentPackets(bench.wait(1_000))).toMatchObject([{ state: "Down", yourDiscriminator: 0 }]);
  });

  it("is forgotten at once when it says AdminDown: it may have removed the session", () => {
    const bench = new Bench().up();
    bench.hear({ state: "AdminDown" });
    expect(bench.view.remoteDiscriminator).toBe(0);
  });

  it("is no loss in Down: nothing is reported", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "AdminDown" });
    expect(new Set(bench.wait(60_000).map(({ type }) => type))).toEqual(new Set(["SendPacket"]));
  });

  it("is remembered for as long as it goes on in Down", () => {
    const bench = new Bench({ detectMult: 3 });
    for (let second = 0; second < 10; second++) {
      bench.hear({ state: "Up", desiredMinTxInterval: 1_000_000 });
      bench.wait(1_000);
      expect(bench.view.remoteDiscriminator).toBe(77);
    }
  });

  it("is forgotten in AdminDown, and after its path was lost", () => {
    const administrative = new Bench().up();
    administrative.desire({ administrativelyDown: true });
    administrative.wait(151);
    expect(administrative.view).toMatchObject({ state: "AdminDown", remoteDiscriminator: 0 });
    administrative.hear({ state: "Up" });
    expect(administrative.view.remoteDiscriminator).toBe(77);
    administrative.wait(151);
    expect(administrative.view.remoteDiscriminator).toBe(0);

    const cut = new Bench().up();
    cut.step({ type: "PathLost", session: "b" });
    cut.wait(151);
    expect(cut.view).toMatchObject({ state: "Down", diagnostic: 5, remoteDiscriminator: 0 });
  });

  it("hears from us again, even if it wanted no packets or was in Demand mode", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "AdminDown", requiredMinRxInterval: 0 });
    expect(sentPackets(bench.wait(149))).toEqual([]);
    expect(sentPackets(bench.wait(1_150)).length).toBeGreaterThan(0);

    const demanding = new Bench().up();
    demanding.hear({ state: "Up", demand: true });
    demanding.wait(151);
    demanding.hear({ yourDiscriminator: 0, state: "Down" });
    demanding.hear({ state: "Up" });
    demanding.hear({ state: "Up", final: true });
    expect(sentPackets(demanding.wait(51))).toHaveLength(1);
  });

  it("lets a passive side fall silent", () => {
    const bench = new Bench({ role: "passive" });
    bench.receive(packetWith({ state: "AdminDown" }));
    bench.wait(151);
    expect(bench.wait(60_000)).toEqual([]);
  });

  it.each([true, false])(
    "gets the farewell of a session that ends all the same, if it answers or not: %s",
    (answers) => {
      const bench = new Bench({ role: "passive", detectMult: 5 }).up();
      const yourDiscriminator = bench.discriminator;
      bench.step({ type: "SessionsDesired", sessions: new Map() });
      const answer = packetWith({ state: "Down", yourDiscriminator });
      if (answers) expect(bench.receive(answer)).toMatchObject([{ reason: "AdministrativelyDown" }]);
      const farewell = sentPackets(bench.wait(4_900));
      expect(farewell.length).toBeGreaterThanOrEqual(4);
      expect(new Set(farewell.map(({ yourDiscriminator }) => yourDiscriminator))).toEqual(new Set([77]));
    },
  );

  it.each(["active", "passive"] as const)("comes up again after it has started anew, %s", (role) => {
    const pair = new Pair().up({}, { role });
    pair.desire("b", { role, administrativelyDown: true });
    pair.network.run(5_000);
    pair.start("b", 99);
    pair.desire("b", { role });
    pair.network.run(10_000);
    expect([pair.view("a")?.state, pair.view("b")?.state]).toEqual(["Up", "Up"]);
  });
});
