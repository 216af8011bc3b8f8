import type { IpAddress, Ipv4Address } from "@herald-lb/sansio";
import { hexOf, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IPV6_UNICAST } from "../family.ts";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { type BmpMessage, decodeBmpMessage, encodeBmpMessage } from "./bmp-message.ts";
import { informationText, InformationType, TerminationReason, terminationReason } from "./information-tlv.ts";
import type { BmpPeer } from "./per-peer-header.ts";
import { splitBmpFrames } from "./split-frames.ts";
import { StatisticType } from "./statistics.ts";

const peer: BmpPeer = {
  peerType: 0,
  isAdjRibOut: true,
  isPostPolicy: true,
  isTwoOctetAsPath: false,
  distinguisher: 0n,
  address: "192.0.2.1" as IpAddress,
  autonomousSystem: 65001,
  bgpIdentifier: "192.0.2.1" as Ipv4Address,
  seconds: 1_800_000_000,
  microseconds: 250_000,
};
const peer6: BmpPeer = { ...peer, address: "2001:db8::1" as IpAddress, isAdjRibOut: false, isTwoOctetAsPath: true };
const notification = frame(3, 6, 2);
const messages: readonly BmpMessage[] = [
  {
    type: "Initiation",
    information: [
      informationText(InformationType.SysDescr, "Herald"),
      informationText(InformationType.SysName, "node-a"),
    ],
  },
  {
    type: "PeerUp",
    peer,
    localAddress: "192.0.2.10" as IpAddress,
    localPort: 40_000,
    remotePort: 179,
    sentOpen: peerOpen({ as: 64512 }),
    receivedOpen: peerOpen(),
    information: [],
  },
  {
    type: "PeerUp",
    peer: peer6,
    localAddress: "2001:db8::10" as IpAddress,
    localPort: 0,
    remotePort: 179,
    sentOpen: peerOpen(),
    receivedOpen: peerOpen({ as: 64512 }),
    information: [informationText(InformationType.String, "é")],
  },
  { type: "RouteMonitoring", peer, update: frame(2, 0, 0, 0, 0) },
  {
    type: "StatisticsReport",
    peer,
    statistics: [
      { form: "Gauge", code: StatisticType.AdjRibOutPostPolicyRoutes, value: 100_000n },
      {
        form: "FamilyGauge",
        code: StatisticType.FamilyAdjRibOutPostPolicyRoutes,
        family: IPV6_UNICAST,
        value: 0xffff_ffff_ffff_ffffn,
      },
      { form: "Counter", code: 0, value: 0xffff_ffff },
      { form: "Unknown", code: 99, value: Uint8Array.of(1, 2) },
    ],
  },
  { type: "PeerDown", peer, reason: { type: "LocalNotification", notification } },
  { type: "PeerDown", peer, reason: { type: "LocalNoNotification", fsmEvent: 10 } },
  { type: "PeerDown", peer, reason: { type: "RemoteNotification", notification } },
  { type: "PeerDown", peer, reason: { type: "RemoteNoNotification" } },
  { type: "PeerDown", peer: peer6, reason: { type: "PeerDeConfigured" } },
  { type: "PeerDown", peer, reason: { type: "Unknown", code: 6, data: Uint8Array.of(9) } },
  { type: "Termination", information: [terminationReason(TerminationReason.AdministrativelyClosed)] },
  { type: "Unknown", code: 6, body: Uint8Array.of(1, 2, 3) },
];

describe("BMP messages, RFC 7854 §4", () => {
  it("come back as they were", () => {
    for (const message of messages)
      expect(decodeBmpMessage(encodeBmpMessage(message))).toEqual({ ok: true, value: message });
  });

  it("have the octets of the RFC", () => {
    expect(hexOf(encodeBmpMessage(messages.at(-2) as BmpMessage))).toBe("030000000c05000100020000");
    expect(hexOf(encodeBmpMessage({ type: "RouteMonitoring", peer, update: KEEPALIVE }))).toBe(
      [
        "030000004300",
        "0050",
        "0".repeat(16),
        "c0000201".padStart(32, "0"),
        "0000fde9c00002016b49d2000003d090",
        hexOf(KEEPALIVE),
      ].join(""),
    );
  });

  it("are values where they are cut at any length, and where a length is wrong", () => {
    for (const message of messages) {
      const octets = encodeBmpMessage(message);
      for (let length = 0; length < octets.length; length++) {
        const cut = octets.slice(0, length);
        expect(decodeBmpMessage(cut).ok, `${message.type} ${length}`).toBe(false);
        if (length < 6) continue;
        // With a length that fits: what follows is missing, unless the rest is of any length.
        cut.set([length >>> 24, length >>> 16, length >>> 8, length & 0xff], 1);
        const result = decodeBmpMessage(cut);
        if (result.ok) expect(encodeBmpMessage(result.value).length).toBeLessThanOrEqual(length);
      }
    }
    const up = encodeBmpMessage(messages[1] as BmpMessage).slice();
    up[6 + 42 + 20 + 17] = 18;
    expect(decodeBmpMessage(up)).toMatchObject({ error: { code: "Malformed", field: "Length" } });
    expect(decodeBmpMessage(octetsFromHex("020000000605"))).toMatchObject({ error: { field: "Version" } });
    expect(decodeBmpMessage(octetsFromHex("030000000705"))).toMatchObject({ error: { field: "Message Length" } });
  });

  it("are values whatever the octets", () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.array(fc.tuple(fc.nat(300), fc.nat(255))), (message, changes) => {
        const octets = encodeBmpMessage(message).slice();
        for (const [at, octet] of changes) if (at > 5 && at < octets.length) octets[at] = octet;
        const result = decodeBmpMessage(octets);
        if (!result.ok) expect(["Truncated", "Malformed"]).toContain(result.error.code);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a stream of BMP", () => {
  const stream = Uint8Array.from(messages.flatMap((message) => [...encodeBmpMessage(message)]));

  it("is split into the same messages however it arrives", () => {
    for (const size of [1, 7, 100, stream.length]) {
      const frames: Uint8Array[] = [];
      let pending: Uint8Array = new Uint8Array(0);
      for (let at = 0; at < stream.length; at += size) {
        const split = splitBmpFrames(pending, stream.subarray(at, at + size), 100_000);
        frames.push(...split.frames);
        pending = split.pending;
        expect(split.error).toBeNull();
      }
      expect(pending).toHaveLength(0);
      expect(frames.map((each) => decodeBmpMessage(each))).toEqual(messages.map((value) => ({ ok: true, value })));
    }
  });

  it.each([
    { name: "another version", hex: "0200000006", more: "05", field: "Version" },
    { name: "less than a header", hex: "0300000005", more: "05", field: "Message Length" },
    { name: "more than is taken", hex: "0300100000", more: "05", field: "Message Length" },
  ])("ends at $name", ({ hex, more, field }) => {
    expect(splitBmpFrames(new Uint8Array(0), octetsFromHex(hex + more), 100_000)).toMatchObject({
      frames: [],
      error: { code: "Malformed", field },
    });
  });
});
