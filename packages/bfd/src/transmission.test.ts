import { describe, expect, it } from "vitest";
import { Bench, packetWith, sentPackets } from "./bfd.test.fixture.ts";
import { decodeControlPacket } from "./control-packet.ts";
import { sealPacket } from "./digest.ts";

describe("Demand mode of the peer", () => {
  it("silences us only where both sides are up", () => {
    const coming = new Bench();
    coming.hear({ yourDiscriminator: 0, state: "Down", demand: true, desiredMinTxInterval: 9_000_000 });
    expect(sentPackets(coming.wait(1_000)).length).toBeGreaterThan(0);

    const half = new Bench().up();
    half.hear({ state: "Init", demand: true, desiredMinTxInterval: 9_000_000 });
    expect(half.view).toMatchObject({ state: "Up", remoteState: "Init" });
    expect(sentPackets(half.wait(50))).toHaveLength(1);
  });

  it("does not keep us from detecting its loss", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Up", demand: true });
    expect(bench.wait(150)).toMatchObject([
      { type: "SessionStateChanged", from: "Up", to: "Down", diagnostic: 1 },
      { type: "SendPacket" },
    ]);
  });
});

describe("a packet that is sent", () => {
  it("has every field of the session, and no bit that Herald does not use", () => {
    const bench = new Bench({ desiredMinTxInterval: 20, requiredMinRxInterval: 30, detectMult: 7 }).up();
    expect(sentPackets(bench.wait(50))[0]).toEqual({
      diagnostic: 0,
      state: "Up",
      poll: false,
      final: false,
      controlPlaneIndependent: false,
      demand: false,
      multipoint: false,
      detectMult: 7,
      myDiscriminator: bench.discriminator,
      yourDiscriminator: 77,
      desiredMinTxInterval: 20_000,
      requiredMinRxInterval: 30_000,
      requiredMinEchoRxInterval: 0,
      authentication: null,
    });
  });

  it("goes to the port and the interface of its session", () => {
    const bench = new Bench({ port: 3784, hops: "single", interface: 2 });
    expect(bench.wait(0)).toMatchObject([{ type: "SendPacket", session: "b", port: 3784, interface: 2 }]);
  });

  it("has the password, cut to 16 octets", () => {
    const secret = new TextEncoder().encode("a password of more than 16");
    const authentication = { type: "SimplePassword", keys: [{ id: 9, secret }] } as const;
    expect(sentPackets(new Bench({ authentication }).wait(0))[0]?.authentication).toEqual({
      type: "SimplePassword",
      keyId: 9,
      password: secret.slice(0, 16),
    });
  });

  it.each(["KeyedMd5", "MeticulousKeyedMd5", "KeyedSha1", "MeticulousKeyedSha1"] as const)(
    "is sealed by the first of several keys, %s",
    (type) => {
      const keys = [1, 2].map((id) => ({ id, secret: new Uint8Array(20).fill(id) }));
      const [first, second] = keys;
      if (first === undefined || second === undefined) throw new Error("no keys");
      const effects = new Bench({ authentication: { type, keys: [first, second] } }).wait(0);
      const [effect] = effects;
      if (effect?.type !== "SendPacket") throw new Error("nothing sent");
      const again = effect.octets.slice();
      sealPacket(type, again, first.secret);
      expect(again).toEqual(effect.octets);
      expect(decodeControlPacket(again)).toMatchObject({ value: { authentication: { type, keyId: 1, reserved: 0 } } });
    },
  );
});

describe("a side", () => {
  it("that is passive says nothing after a loss; one that is active tells it at once", () => {
    const types = (role: "active" | "passive"): readonly string[] =>
      new Bench({ role })
        .up()
        .wait(5_000)
        .map(({ type }) => type);
    const passive = types("passive");
    expect(passive.slice(passive.indexOf("SessionStateChanged"))).toEqual(["SessionStateChanged"]);
    const active = types("active");
    expect(active.slice(active.indexOf("SessionStateChanged")).length).toBeGreaterThan(4);
  });

  it("sends once a second at most in every state but Up", () => {
    const init = new Bench();
    init.hear({ yourDiscriminator: 0, state: "Down", desiredMinTxInterval: 9_000_000 });
    const states = { init, down: new Bench(), administrative: new Bench({ administrativelyDown: true }) };
    for (const [name, bench] of Object.entries(states)) {
      const sent = sentPackets(bench.wait(9_000));
      expect(sent.length, name).toBeGreaterThanOrEqual(9);
      expect(sent.length, name).toBeLessThanOrEqual(13);
      expect(new Set(sent.map(({ desiredMinTxInterval }) => desiredMinTxInterval)), name).toEqual(new Set([1_000_000]));
    }
  });

  it("keeps to its own interval where that is longer than a second, up or not", () => {
    const bench = new Bench({ desiredMinTxInterval: 3_000 });
    expect(bench.view.transmitInterval).toBe(3_000);
    expect(bench.up().view.transmitInterval).toBe(3_000);
    expect(sentPackets(bench.receive(packetWith({ state: "Down" })))).toMatchObject([
      { state: "Down", desiredMinTxInterval: 3_000_000 },
    ]);
  });
});
