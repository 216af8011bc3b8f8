import { describe, expect, it } from "vitest";
import { Bench, sentPackets } from "./bfd.test.fixture.ts";
import { Diagnostic } from "./control-packet.ts";
import type { BfdEffect } from "./effect.ts";

const changes = (effects: readonly BfdEffect[]): readonly BfdEffect[] =>
  effects.filter(({ type }) => type === "SessionStateChanged");

describe("the diagnostic of this side", () => {
  it("is 7 in AdminDown, also of a session that begins so", () => {
    const bench = new Bench({ administrativelyDown: true });
    expect(bench.view.diagnostic).toBe(Diagnostic.AdministrativelyDown);
    expect(sentPackets(bench.wait(0))).toMatchObject([{ state: "AdminDown", diagnostic: 7 }]);
    bench.desire();
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: Diagnostic.None });
  });

  it("is kept from Down through Init, so that the peer may learn it, and none once up", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Down" });
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 3 });
    expect(sentPackets(bench.hear({ state: "Down" }))).toMatchObject([{ state: "Init", diagnostic: 3 }]);
    expect(sentPackets(bench.hear({ state: "Up" }))).toMatchObject([{ state: "Up", diagnostic: 0 }]);
    expect(bench.view.diagnostic).toBe(Diagnostic.None);
  });

  it.each([
    { name: "the detection time", diagnostic: 1, lose: (bench: Bench) => bench.wait(150) },
    { name: "the peer's Down", diagnostic: 3, lose: (bench: Bench) => bench.hear({ state: "Down", diagnostic: 1 }) },
    { name: "the peer's AdminDown", diagnostic: 3, lose: (bench: Bench) => bench.hear({ state: "AdminDown" }) },
    { name: "the path", diagnostic: 5, lose: (bench: Bench) => bench.step({ type: "PathLost", session: "b" }) },
  ])("is $diagnostic after a loss by $name, reported once and sent at once", ({ diagnostic, lose }) => {
    const bench = new Bench().up();
    const effects = lose(bench);
    expect(changes(effects)).toMatchObject([{ session: "b", from: "Up", to: "Down", diagnostic }]);
    expect(sentPackets(effects).at(-1)).toMatchObject({ state: "Down", diagnostic, desiredMinTxInterval: 1_000_000 });
  });

  it("of a loss is not overwritten by a later Down or AdminDown of the peer", () => {
    const bench = new Bench().up();
    bench.wait(150);
    bench.hear({ yourDiscriminator: 0, state: "AdminDown" });
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 1, remoteState: "AdminDown" });
  });
});

describe("a report", () => {
  it("tells the peer's state and diagnostic as last received", () => {
    const effects = new Bench().up().hear({ state: "Down", diagnostic: Diagnostic.ForwardingPlaneReset });
    expect(changes(effects)).toEqual([
      {
        type: "SessionStateChanged",
        session: "b",
        from: "Up",
        to: "Down",
        diagnostic: 3,
        remoteState: "Down",
        remoteDiagnostic: 4,
      },
    ]);
  });

  it("dates the change: since moves with the state and with nothing else", () => {
    const bench = new Bench();
    bench.wait(500);
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    expect(bench.view.since).toBe(1_500);
    bench.wait(100);
    bench.hear({ state: "Down" });
    expect(bench.view.since).toBe(1_500);
  });
});
