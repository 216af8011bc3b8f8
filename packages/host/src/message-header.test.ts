import { describe, expect, it } from "vitest";
import { receivedTtl } from "./message-header.ts";

/** A control message: its length, level and type, then its data; at a multiple of eight octets. */
function control(level: number, type: number, ...data: readonly number[]): Buffer {
  const octets = Buffer.alloc(Math.ceil((16 + data.length) / 8) * 8);
  octets.writeBigUInt64LE(BigInt(16 + data.length), 0);
  octets.writeInt32LE(level, 8);
  octets.writeInt32LE(type, 12);
  octets.set(data, 16);
  return octets;
}

describe("receivedTtl", () => {
  const ipv4 = control(0, 2, 254, 0, 0, 0);
  const ipv6 = control(41, 52, 255, 0, 0, 0);
  const other = control(1, 29, 1, 2, 3, 4, 5);

  it("reads IP_TTL and IPV6_HOPLIMIT, wherever they stand", () => {
    expect(receivedTtl(ipv4)).toBe(254);
    expect(receivedTtl(ipv6)).toBe(255);
    expect(receivedTtl(Buffer.concat([other, ipv6]))).toBe(255);
  });

  it("is null without one", () => {
    for (const each of [Buffer.alloc(0), other, control(0, 2), control(41, 2, 1, 0, 0, 0)])
      expect(receivedTtl(each)).toBeNull();
  });

  it("is null for messages that are cut at any length, and for one that claims less than its own head", () => {
    for (let length = 0; length < 20; length++) expect(receivedTtl(ipv4.subarray(0, length))).toBeNull();
    const short = Buffer.from(ipv4);
    short.writeBigUInt64LE(0n, 0);
    expect(receivedTtl(short)).toBeNull();
  });
});
