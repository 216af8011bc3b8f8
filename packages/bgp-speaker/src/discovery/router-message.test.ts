import type { MacAddress } from "@herald-lb/sansio";
import { hexOf, macAddress, octets, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRouterAdvertisement, encodeRouterAdvertisement, encodeRouterSolicitation } from "./router-message.ts";

const MAC = "02:00:5e:00:53:01" as MacAddress;
/** Of a router that is nobody's default router, with Cur Hop Limit 64 and its hardware address. */
const ADVERTISEMENT = octetsFromHex("860000004000000000000000000000000101020000000001");

const codeOf = (message: Uint8Array): string => {
  const decoded = decodeRouterAdvertisement(message);
  return decoded.ok ? `lifetime ${decoded.value.routerLifetime}` : decoded.error.code;
};
const withOctet = (at: number, value: number): Uint8Array =>
  ADVERTISEMENT.map((octet, index) => (index === at ? value : octet));

describe("a Router Advertisement", () => {
  it.each([
    { name: "with an option", message: ADVERTISEMENT, expected: "lifetime 0" },
    {
      name: "of a default router",
      message: withOctet(6, 7).map((octet, at) => (at === 7 ? 8 : octet)),
      expected: "lifetime 1800",
    },
    { name: "without options", message: ADVERTISEMENT.subarray(0, 16), expected: "lifetime 0" },
    { name: "of another type", message: withOctet(0, 133), expected: "MessageType" },
    { name: "with a code", message: withOctet(1, 1), expected: "BadCode" },
    { name: "with an option of length zero", message: withOctet(17, 0), expected: "BadOption" },
    { name: "with an option beyond its end", message: withOctet(17, 2), expected: "ShortMessage" },
    { name: "without octets", message: new Uint8Array(0), expected: "MessageType" },
  ])("$name", ({ message, expected }) => expect(codeOf(message)).toBe(expected));

  it("is refused at every length at which it is cut short", () => {
    for (let length = 1; length < ADVERTISEMENT.length; length++)
      expect([length, codeOf(ADVERTISEMENT.subarray(0, length))]).toEqual([
        length,
        length === 16 ? "lifetime 0" : "ShortMessage",
      ]);
  });

  it("of our own says that the node is nobody's default router, and its hardware address", () => {
    expect(hexOf(encodeRouterAdvertisement(MAC))).toBe("86000000000000000000000000000000010102005e005301");
    expect(hexOf(encodeRouterAdvertisement(null))).toBe("86000000000000000000000000000000");
    fc.assert(fc.property(macAddress(), (mac) => codeOf(encodeRouterAdvertisement(mac)) === "lifetime 0"));
  });

  it("is total on any octets", () => {
    fc.assert(fc.property(octets({ maxLength: 64 }), (message) => void decodeRouterAdvertisement(message)));
    fc.assert(
      fc.property(octets({ maxLength: 64 }), (rest) => {
        const message = Uint8Array.from([134, 0, ...rest]);
        void decodeRouterAdvertisement(message);
      }),
    );
  });
});

it("solicits with the hardware address", () => {
  expect(hexOf(encodeRouterSolicitation(MAC))).toBe("8500000000000000010102005e005301");
});
