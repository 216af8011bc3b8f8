import { encodeNodeReport, noLostLinks } from "@herald-lb/arp-responder";
import type { TransportAddress } from "@herald-lb/membership";
import { err, instant, type IpAddress, ok } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { Membership } from "./membership.ts";
import { OtherSpeakers } from "./other-speakers.ts";
import type { StreamEffect } from "./protocol.ts";

const NEAR: TransportAddress = { address: "192.0.2.1" as IpAddress, port: 7946 };
const FAR: TransportAddress = { address: "192.0.2.2" as IpAddress, port: 7946 };

const settingsOf = (bind: TransportAddress, seed: number) => ({
  bind,
  profile: "fast" as const,
  keys: [],
  seed: new Uint8Array(32).fill(seed),
});

/** A node and the membership of one other, joined where `isJoined`, with a log of what the node told, posted, counted and noted. */
function createBench({ isJoined = true, bfdFailure = false } = {}): {
  readonly clock: VirtualClock;
  readonly others: OtherSpeakers;
  readonly far: Membership;
  readonly takeLog: () => readonly string[];
} {
  const clock = createVirtualClock();
  const log: string[] = [];
  let toNear: (octets: Uint8Array, from: TransportAddress) => void = () => {};
  let toFar: (octets: Uint8Array, from: TransportAddress) => void = () => {};
  const later = (act: () => void): void => void clock.wakeAt(instant(clock.now() + 0.5), act);
  const serve = (effect: StreamEffect): void => {
    const { stream } = effect;
    if (effect.type === "OpenStream")
      later(() => {
        far.dispatch({ type: "StreamAccepted", stream, from: NEAR });
        far.dispatch({ type: "StreamReceived", stream, octets: effect.octets });
      });
  };
  const answer = (effect: StreamEffect): void => {
    const { stream } = effect;
    if (effect.type === "ReplyStream")
      later(() => {
        others.receive({ type: "StreamReceived", stream, octets: effect.octets });
        others.receive({ type: "StreamClosed", stream });
      });
  };
  const far = new Membership({
    clock,
    node: "node-b",
    settings: { ...settingsOf(FAR, 2), bfd: null },
    openSocket: (_bind, onDatagram) => {
      toFar = onDatagram;
      return ok({ send: (octets) => later(() => toNear(octets, FAR)), close() {} });
    },
    onStream: answer,
    onMembers() {},
    onPeers() {},
    onLeft() {},
    onIgnored() {},
    onSessions() {},
    onDeath() {},
    onDeathRefuted() {},
    onNodeData() {},
    onConfirmed() {},
    onProblem() {},
  });
  const bfd = { port: 7947, watchers: 3, interval: 50, multiplier: 3, seed: new Uint8Array(32).fill(3) };
  const others = new OtherSpeakers({
    clock,
    node: "node-a",
    settings: { ...settingsOf(NEAR, 1), bfd: bfdFailure ? bfd : null },
    openMembershipSocket: (_bind, onDatagram) => {
      toNear = onDatagram;
      return ok({ send: (octets) => later(() => toFar(octets, NEAR)), close() {} });
    },
    openBfdSocket: () => err({ syscall: "bind", code: "EADDRNOTAVAIL", errno: 99 }),
    tell: (event) => void log.push(`tell ${event.type}`),
    post(message) {
      if (message.type === "Stream") serve(message.effect);
      else log.push(`post ${message.type}`);
    },
    counters: { add: (counter, label) => void log.push(`count ${counter} ${label}`) },
    measurement: {
      during(decide) {
        log.push("measure");
        decide();
      },
    },
    problems: { note: (part, problem) => void (problem === null || log.push(`${part}: ${problem}`)) },
  });
  others.start();
  if (isJoined) {
    far.start();
    others.receive({ type: "PeersDesired", peers: [NEAR, FAR] });
    clock.advanceBy(1_000);
  }
  return { clock, others, far, takeLog: () => log.splice(0) };
}

describe("OtherSpeakers", () => {
  it("posts who the members are before the takeover decides, and measures decisions after a death alone", () => {
    const { clock, far, takeLog } = createBench();
    const changes = (): readonly string[] => takeLog().filter((entry) => /MembersChanged|measure/.test(entry));
    expect(changes()).toEqual(["post MembersChanged", "tell MembersChanged"]);
    far.close();
    clock.advanceBy(60_000);
    expect(changes()).toEqual(["post MembersChanged", "measure", "tell MembersChanged"]);
  });

  it("tells the report of another, and counts one that it cannot read", () => {
    const { clock, far, takeLog } = createBench();
    takeLog();
    far.publish(encodeNodeReport({ lostLinks: noLostLinks, owned: new Set() }));
    clock.advanceBy(1_000);
    expect(takeLog()).toEqual(["tell ReportReceived"]);
    far.publish(Uint8Array.of(255));
    clock.advanceBy(1_000);
    expect(takeLog()).toEqual(["count membershipIgnored UnreadableReport"]);
  });

  it("notes that the socket of BFD cannot be opened", () => {
    const { takeLog } = createBench({ isJoined: false, bfdFailure: true });
    expect(takeLog()).toContain("BFD: BFD socket: bind: EADDRNOTAVAIL");
  });
});
