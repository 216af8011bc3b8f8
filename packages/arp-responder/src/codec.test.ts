import {
  macAddress,
  hexOf,
  ipv4Address,
  ipv6Address,
  octets,
  octetsFromHex,
  readVectors,
} from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeArp, encodeArp } from "./arp/packet.ts";
import { decodeEthernet, EtherType, encodeEthernet } from "./ethernet.ts";
import { decodeIpv6, encodeIpv6, ICMPV6 } from "./ndp/ipv6-header.ts";
import { decodeNdp, encodeNdp } from "./ndp/message.ts";

interface Row {
  readonly hex: string;
  readonly expected: Readonly<Record<string, string>>;
}

const rows = readVectors<Row>("arp-ndp.jsonl");

describe("foreign vectors", () => {
  it.skipIf(rows === null)("decode ARP as tshark does, and encode to the same octets", () => {
    let seen = 0;
    for (const { hex, expected } of rows ?? []) {
      if (!expected["frame.protocols"]?.startsWith("eth:ethertype:arp")) continue;
      const frame = decodeEthernet(octetsFromHex(hex));
      if (!frame.ok) throw new Error(hex);
      const packet = decodeArp(frame.value.payload);
      const ours =
        expected["arp.hw.type"] === "1" && expected["arp.hw.size"] === "6" && expected["arp.proto.size"] === "4";
      const ip = expected["arp.proto.type"] === "0x0800";
      expect(packet.ok, hex).toBe(ours && ip && frame.value.payload.length >= 28);
      if (!packet.ok) continue;
      seen++;
      expect({
        operation: String(packet.value.operation),
        from: packet.value.senderHardwareAddress,
        sender: packet.value.senderProtocolAddress,
        target: packet.value.targetProtocolAddress,
      }).toEqual({
        operation: expected["arp.opcode"],
        from: expected["arp.src.hw_mac"],
        sender: expected["arp.src.proto_ipv4"],
        target: expected["arp.dst.proto_ipv4"],
      });
      expect(hex.startsWith(hexOf(encodeEthernet({ ...frame.value, payload: encodeArp(packet.value) })))).toBe(true);
    }
    expect(seen).toBeGreaterThan(250);
  });

  it.skipIf(rows === null)("decode Neighbor Discovery as tshark does, and encode to the same octets", () => {
    let seen = 0;
    for (const { hex, expected } of rows ?? []) {
      if (expected["frame.protocols"] !== "eth:ethertype:ipv6:icmpv6") continue;
      const frame = decodeEthernet(octetsFromHex(hex));
      if (!frame.ok) throw new Error(hex);
      const packet = decodeIpv6(frame.value.payload);
      if (!packet.ok) continue;
      const message = decodeNdp(packet.value.header, packet.value.payload);
      if (!message.ok) continue;
      seen++;
      const target = expected["icmpv6.nd.ns.target_address"] ?? expected["icmpv6.nd.na.target_address"];
      expect(message.value.targetAddress).toBe(target);
      expect(hexOf(encodeNdp(packet.value.header, message.value))).toBe(hexOf(packet.value.payload));
      expect(hexOf(encodeIpv6(packet.value.header, packet.value.payload))).toBe(
        hexOf(frame.value.payload.subarray(0, 40 + packet.value.payload.length)),
      );
    }
    expect(seen).toBeGreaterThan(15);
  });
});

describe("codecs", () => {
  it("round-trip any ARP packet, and refuse it truncated at every length", () => {
    const packet = fc.record(
      {
        operation: fc.nat({ max: 0xffff }),
        senderHardwareAddress: macAddress(),
        senderProtocolAddress: ipv4Address(),
        targetHardwareAddress: macAddress(),
        targetProtocolAddress: ipv4Address(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(packet, (value) => {
        const encoded = encodeArp(value);
        expect(decodeArp(encoded)).toEqual({ ok: true, value });
        for (let length = 0; length < encoded.length; length++)
          expect(decodeArp(encoded.subarray(0, length)).ok).toBe(false);
      }),
    );
  });

  it("round-trip any Neighbor Solicitation with options, and refuse any flipped octet or truncation", () => {
    fc.assert(
      fc.property(ipv6Address(), macAddress(), octets({ minLength: 14, maxLength: 14 }), (target, address, value) => {
        fc.pre(!target.startsWith("ff"));
        const addresses = { source: "fe80::1" as typeof target, destination: target };
        const message = {
          type: "NeighborSolicitation" as const,
          reserved: 0,
          targetAddress: target,
          options: [
            { type: "SourceLinkLayerAddress" as const, address },
            { type: "Other" as const, code: 5, value },
          ],
        };
        const encoded = encodeNdp(addresses, message);
        const header = {
          ...addresses,
          trafficClass: 0,
          flowLabel: 0,
          payloadLength: encoded.length,
          nextHeader: ICMPV6,
          hopLimit: 255,
        };
        expect(decodeNdp(header, encoded)).toEqual({ ok: true, value: message });
        for (let i = 0; i < encoded.length; i++) {
          expect(decodeNdp(header, encoded.subarray(0, i)).ok).toBe(false);
          const flipped = encoded.map((octet, at) => (at === i ? octet ^ 1 : octet));
          expect(decodeNdp(header, flipped).ok).toBe(false);
        }
      }),
    );
  });

  it("never throw on arbitrary octets", () => {
    fc.assert(
      fc.property(octets({ maxLength: 100 }), (value) => {
        decodeArp(value);
        const frame = decodeEthernet(value);
        const packet = decodeIpv6(value);
        if (packet.ok) decodeNdp(packet.value.header, packet.value.payload);
        if (frame.ok) expect(hexOf(encodeEthernet(frame.value))).toBe(hexOf(value));
        expect(EtherType.Arp).toBe(0x0806);
      }),
    );
  });
});
