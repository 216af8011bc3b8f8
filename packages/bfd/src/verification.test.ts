import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AuthenticationSection, DigestType } from "./authentication-section.ts";
import { Bench, packetWith } from "./bfd.test.fixture.ts";
import type { BfdAuthentication, BfdKey } from "./config.ts";
import { sealPacket } from "./digest.ts";
import type { BfdEffect } from "./effect.ts";

const secret = (text: string): Uint8Array => new TextEncoder().encode(text);
const key: BfdKey = { id: 7, secret: secret("the key of 20 octets") };
const using = (type: BfdAuthentication["type"], ...keys: readonly BfdKey[]): BfdAuthentication => ({
  type,
  keys: [keys[0] ?? key, ...keys.slice(1)],
});

/** A packet of b under a key. */
function sealed(type: DigestType, sequenceNumber: number, { id, secret: octets }: BfdKey = key): Uint8Array {
  const digest = new Uint8Array(type.endsWith("Md5") ? 16 : 20);
  const packet = packetWith({ authentication: { type, keyId: id, reserved: 0, sequenceNumber, digest } });
  sealPacket(type, packet, octets);
  return packet;
}
const reasons = (effects: readonly BfdEffect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.type === "Ignored" ? [effect.reason] : []));

describe("authentication", () => {
  it.each<[DigestType, "md5" | "sha1", number]>([
    ["KeyedMd5", "md5", 16],
    ["MeticulousKeyedMd5", "md5", 16],
    ["KeyedSha1", "sha1", 20],
    ["MeticulousKeyedSha1", "sha1", 20],
  ])("%s hashes the packet with the key in the place of the digest", (type, algorithm, length) => {
    const packet = sealed(type, 5);
    const digest = packet.slice(32);
    packet.fill(0, 32).set(key.secret.subarray(0, length), 32);
    expect(digest).toEqual(new Uint8Array(createHash(algorithm).update(packet).digest()));
  });

  it("accepts nothing but packets under the key", () => {
    const bench = new Bench({ authentication: using("KeyedSha1") });
    const other = { id: 7, secret: secret("another") };
    expect(reasons(bench.receive(packetWith()))).toEqual(["AuthenticationMissing"]);
    expect(reasons(bench.receive(sealed("MeticulousKeyedSha1", 1)))).toEqual(["WrongAuthenticationType"]);
    expect(reasons(bench.receive(sealed("KeyedSha1", 1, { ...key, id: 8 })))).toEqual(["UnknownKey"]);
    expect(reasons(bench.receive(sealed("KeyedSha1", 1, other)))).toEqual(["BadDigest"]);
    expect(bench.view).toMatchObject({ state: "Down", packetsReceived: 0, remoteDiscriminator: 0 });
    expect(reasons(bench.receive(sealed("KeyedSha1", 1)))).toEqual([]);
    expect(bench.view.state).toBe("Init");
    expect(reasons(new Bench().receive(sealed("KeyedSha1", 1)))).toEqual(["AuthenticationUnexpected"]);
  });

  it("leaves a packet in a Buffer of Node as it is", () => {
    const packet = Buffer.from(sealed("KeyedSha1", 1));
    expect(reasons(new Bench({ authentication: using("KeyedSha1") }).receive(packet))).toEqual([]);
    expect([...packet]).toEqual([...sealed("KeyedSha1", 1)]);
  });

  it("takes a packet with octets behind its Length, which the digest does not cover", () => {
    const bench = new Bench({ authentication: using("KeyedSha1") });
    expect(reasons(bench.receive(Uint8Array.of(...sealed("KeyedSha1", 1), 9, 9)))).toEqual([]);
    expect(bench.view.state).toBe("Init");
  });

  it("covers every octet of the packet", () => {
    for (let at = 4; at < 52; at++) {
      const bench = new Bench({ authentication: using("KeyedSha1") });
      const packet = sealed("KeyedSha1", 1);
      packet[at] = (packet[at] as number) ^ 0x10;
      expect(
        bench.receive(packet).some(({ type }) => type === "Ignored"),
        `octet ${at}`,
      ).toBe(true);
      expect(bench.view.packetsReceived).toBe(0);
    }
  });

  it("compares passwords", () => {
    const bench = new Bench({ authentication: using("SimplePassword") });
    const section = (password: string): AuthenticationSection => ({
      type: "SimplePassword",
      keyId: 7,
      password: secret(password),
    });
    expect(reasons(bench.receive(packetWith({ authentication: section("the key of 20 oc!") })))).toEqual([
      "BadAuthentication",
    ]);
    expect(reasons(bench.receive(packetWith({ authentication: section("the key of 20 o!") })))).toEqual(["BadDigest"]);
    expect(reasons(bench.receive(packetWith({ authentication: section("the key of 20 oc") })))).toEqual([]);
  });

  it.each<{ type: DigestType; last: number; next: number; accepted: boolean }>([
    { type: "KeyedMd5", last: 100, next: 100, accepted: true },
    { type: "MeticulousKeyedMd5", last: 100, next: 100, accepted: false },
    { type: "MeticulousKeyedSha1", last: 100, next: 101, accepted: true },
    { type: "MeticulousKeyedSha1", last: 100, next: 109, accepted: true },
    { type: "MeticulousKeyedSha1", last: 100, next: 110, accepted: false },
    { type: "KeyedSha1", last: 100, next: 99, accepted: false },
    { type: "MeticulousKeyedSha1", last: 0xffff_ffff, next: 0, accepted: true },
    { type: "MeticulousKeyedSha1", last: 0xffff_fffe, next: 6, accepted: true },
  ])("$type takes number $next after $last: $accepted", ({ type, last, next, accepted }) => {
    const bench = new Bench({ authentication: using(type) });
    bench.receive(sealed(type, last));
    expect(reasons(bench.receive(sealed(type, next)))).toEqual(accepted ? [] : ["BadSequence"]);
  });

  it("forgets the last number after twice the detection time: the peer may have started anew", () => {
    const bench = new Bench({ authentication: using("MeticulousKeyedSha1") });
    bench.receive(sealed("MeticulousKeyedSha1", 1_000));
    bench.wait(299);
    expect(reasons(bench.receive(sealed("MeticulousKeyedSha1", 5)))).toEqual(["BadSequence"]);
    bench.wait(2);
    expect(reasons(bench.receive(sealed("MeticulousKeyedSha1", 5)))).toEqual([]);
  });

  it("is not moved on by a forged packet", () => {
    const bench = new Bench({ authentication: using("MeticulousKeyedSha1") });
    bench.receive(sealed("MeticulousKeyedSha1", 10));
    bench.receive(sealed("MeticulousKeyedSha1", 15, { id: 7, secret: secret("another") }));
    expect(reasons(bench.receive(sealed("MeticulousKeyedSha1", 11)))).toEqual([]);
  });
});
