import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { DigestType } from "./authentication-section.ts";
import { Bench, packetWith, sentPackets, sessionWith } from "./bfd.test.fixture.ts";
import type { BfdAuthentication, SessionConfig } from "./config.ts";
import type { ControlPacket } from "./control-packet.ts";
import { sealPacket } from "./digest.ts";
import type { BfdEffect } from "./effect.ts";

const key = { id: 1, secret: new Uint8Array(20).fill(5) };
const METICULOUS = "MeticulousKeyedSha1" as const;

/** A session that has taken the number 100 from its peer. */
function heard(type: DigestType, changes: Partial<SessionConfig> = {}, packet: Partial<ControlPacket> = {}): Bench {
  const bench = new Bench({ authentication: { type, keys: [key] }, ...changes });
  take(bench, type, 100, packet);
  return bench;
}

/** True if the session takes a packet with a sequence number. */
function take(bench: Bench, type: DigestType, sequenceNumber: number, changes: Partial<ControlPacket> = {}): boolean {
  const digest = new Uint8Array(type.endsWith("Md5") ? 16 : 20);
  const octets = packetWith({
    authentication: { type, keyId: key.id, reserved: 0, sequenceNumber: sequenceNumber >>> 0, digest },
    ...changes,
  });
  sealPacket(type, octets, key.secret);
  const reasons = bench.receive(octets).flatMap((effect) => (effect.type === "Ignored" ? [effect.reason] : []));
  if (reasons.length > 0) expect(reasons).toEqual(["BadSequence"]);
  return reasons.length === 0;
}

/** The sequence numbers of the packets among effects. */
const numbersOf = (effects: readonly BfdEffect[]): readonly number[] =>
  sentPackets(effects).flatMap(({ authentication }) =>
    authentication !== null && "digest" in authentication ? [authentication.sequenceNumber] : [],
  );

describe("the window of sequence numbers", () => {
  it.each(["KeyedMd5", "MeticulousKeyedMd5", "KeyedSha1", "MeticulousKeyedSha1"] as const)(
    "%s: from the last number, or the one behind it, to three times Detect Mult ahead",
    (type) => {
      const taken: number[] = [];
      for (let number = 80; number <= 120; number++) if (take(heard(type), type, number)) taken.push(number);
      const first = type.startsWith("Meticulous") ? 101 : 100;
      expect(taken).toEqual(Array.from({ length: 110 - first }, (_, at) => first + at));
    },
  );

  it("takes Detect Mult from the packet: the peer's multiplier says how many may be lost", () => {
    const patient = { detectMult: 10 };
    expect(take(heard(METICULOUS, { detectMult: 1 }, patient), METICULOUS, 130, patient)).toBe(true);
    expect(take(heard(METICULOUS, { detectMult: 1 }, patient), METICULOUS, 131, patient)).toBe(false);
    const hasty = { detectMult: 1 };
    expect(take(heard(METICULOUS, { detectMult: 9 }, hasty), METICULOUS, 103, hasty)).toBe(true);
    expect(take(heard(METICULOUS, { detectMult: 9 }, hasty), METICULOUS, 104, hasty)).toBe(false);
  });

  it("goes on from the number that was taken last, around the end of 32 bits", () => {
    const bench = heard(METICULOUS);
    expect([0, 9, 18, 27].map((ahead) => take(bench, METICULOUS, 100 + ahead))).toEqual([false, true, true, true]);
    const late = new Bench({ authentication: { type: METICULOUS, keys: [key] } });
    const numbers = [0xffff_fff0, 0xffff_fff9, 2, 1, 0xffff_ffff, 11];
    expect(numbers.map((number) => take(late, METICULOUS, number))).toEqual([true, true, true, false, false, true]);
  });

  it("ends when twice the detection time has passed without a packet, and not before", () => {
    const bench = heard(METICULOUS);
    bench.wait(299);
    expect(take(bench, METICULOUS, 7)).toBe(false);
    bench.wait(1);
    expect(take(bench, METICULOUS, 7)).toBe(true);
  });

  it("is not kept open by packets that are refused", () => {
    const bench = heard(METICULOUS);
    for (let round = 0; round < 3; round++) {
      bench.wait(100);
      if (round < 2) expect(take(bench, METICULOUS, 7)).toBe(false);
    }
    expect(take(bench, METICULOUS, 7)).toBe(true);
  });
});

describe("our own sequence numbers", () => {
  it.each(["KeyedMd5", "MeticulousKeyedMd5", "KeyedSha1", "MeticulousKeyedSha1"] as const)(
    "%s: grow by one with every packet, around the end of 32 bits",
    (type) => {
      const bench = heard(type);
      for (const session of bench.state.sessions.values()) session.transmitSequence = 0xffff_fffd;
      const numbers = numbersOf(bench.wait(5_000));
      expect(numbers.slice(0, 4)).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1]);
    },
  );

  it("go on where an ended session with the peer stopped, also if the peer was never heard: it may have heard us", () => {
    const authentication: BfdAuthentication = { type: METICULOUS, keys: [key] };
    const bench = new Bench({ authentication });
    const last = numbersOf(bench.wait(3_000)).at(-1) ?? 0;
    bench.step({ type: "SessionsDesired", sessions: new Map() });
    bench.desire({ authentication });
    expect(numbersOf(bench.wait(0))[0]).toBe(last + 1);
  });

  it("start somewhere else with every peer, and where nobody can guess", () => {
    const authentication: BfdAuthentication = { type: METICULOUS, keys: [key] };
    const peers = Array.from({ length: 20 }, (_, at) => `198.51.100.${at}` as IpAddress);
    const bench = new Bench();
    const sessions = new Map(peers.map((remote) => [remote, { ...sessionWith("b", { authentication }), remote }]));
    bench.step({ type: "SessionsDesired", sessions });
    const first = numbersOf(bench.wait(0));
    expect(first).toHaveLength(20);
    expect(new Set(first.map((number) => number >>> 16)).size).toBeGreaterThan(15);
  });
});
