import { resolve } from "node:path";
import { hexOf, octetsFromHex, readRecords } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { decodeArp, encodeArp } from "./arp/packet.ts";
import { decodeEthernet, EtherType, encodeEthernet } from "./ethernet.ts";
import { decodeIpv6, encodeIpv6 } from "./ndp/ipv6-header.ts";
import { decodeNdp, encodeNdp } from "./ndp/message.ts";

interface Row {
  readonly name: string;
  readonly hex: string;
  readonly value: Readonly<Record<string, string>>;
}

const rows = readRecords<Row>(resolve(import.meta.dirname, "../vectors/linux.jsonl"));

function unwrap<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The fields of a frame under tshark's names, and the frame written again. */
function readFrame(octets: Uint8Array): { readonly fields: Record<string, string>; readonly again: Uint8Array } {
  const frame = unwrap(decodeEthernet(octets));
  if (frame.etherType === EtherType.Arp) {
    const packet = unwrap(decodeArp(frame.payload));
    return {
      fields: {
        "arp.opcode": String(packet.operation),
        "arp.src.hw_mac": packet.senderHardwareAddress,
        "arp.src.proto_ipv4": packet.senderProtocolAddress,
        "arp.dst.proto_ipv4": packet.targetProtocolAddress,
      },
      again: encodeEthernet({ ...frame, payload: encodeArp(packet) }),
    };
  }
  const { header, payload } = unwrap(decodeIpv6(frame.payload));
  const message = unwrap(decodeNdp(header, payload));
  const shared = { "ipv6.src": header.source, "ipv6.dst": header.destination };
  const again = encodeEthernet({ ...frame, payload: encodeIpv6(header, encodeNdp(header, message)) });
  if (message.type === "NeighborSolicitation") {
    return { fields: { "icmpv6.type": "135", ...shared, "icmpv6.nd.ns.target_address": message.targetAddress }, again };
  }
  const flag = (set: boolean): string => (set ? "1" : "0");
  return {
    fields: {
      "icmpv6.type": "136",
      ...shared,
      "icmpv6.nd.na.target_address": message.targetAddress,
      "icmpv6.nd.na.flag.r": flag(message.router),
      "icmpv6.nd.na.flag.s": flag(message.solicited),
      "icmpv6.nd.na.flag.o": flag(message.override),
    },
    again,
  };
}

describe("frames that the kernel sent", () => {
  it("are requests, replies, probes, announcements, solicitations and advertisements", () => {
    const kinds = new Set(rows.map(({ value }) => value["arp.opcode"] ?? value["icmpv6.type"]));
    expect(kinds).toEqual(new Set(["1", "2", "135", "136"]));
  });

  it.each(rows)("$name: has the fields that tshark read, and encodes to the same octets", ({ hex, value }) => {
    const { fields, again } = readFrame(octetsFromHex(hex));
    expect(fields).toEqual(value);
    expect(hexOf(again)).toBe(hex);
  });
});
