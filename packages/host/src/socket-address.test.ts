import { familyOf } from "@herald-lb/sansio";
import { ipAddress, octets } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSocketAddress, encodeLinkAddress, encodeSocketAddress } from "./socket-address.ts";

describe("socket addresses", () => {
  const socketAddress = fc
    .tuple(ipAddress(), fc.nat(65_535), fc.nat(65_535))
    .map(([address, port, scope]) => ({ address, port, scopeId: familyOf(address) === "IPv6" ? scope : 0 }));
  it("come back as they went", () => {
    fc.assert(
      fc.property(socketAddress, (value) => {
        const encoded = encodeSocketAddress(value);
        expect(decodeSocketAddress(encoded)).toEqual(value);
        for (let length = 0; length < encoded.length; length++)
          expect(decodeSocketAddress(encoded.subarray(0, length))).toBeNull();
      }),
    );
  });
  it("are never a reason to throw", () => {
    fc.assert(fc.property(octets({ maxLength: 40 }), (value) => void decodeSocketAddress(Buffer.from(value))));
  });
  it("name protocol and interface of a packet socket", () => {
    expect(encodeLinkAddress(0x0806, 5).toString("hex")).toBe("1100080605000000000000000000000000000000");
  });
});
