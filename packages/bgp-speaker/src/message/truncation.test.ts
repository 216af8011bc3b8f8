import type { IpPrefix, Ipv4Address, Ipv6Address } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { PathAttribute } from "../attribute/table.ts";
import type { Capability } from "../capability.ts";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { decodeMessage, encodeMessage } from "./index.ts";
import type { OpenMessage } from "./open.ts";
import type { UpdateMessage } from "./update.ts";

const families = [IPV4_UNICAST, IPV6_UNICAST];
const plain: CodecContext = { fourOctetAs: true, families, maxMessageLength: 65535 };
const contexts: readonly CodecContext[] = [plain, { ...plain, addPath: families }];

/** The first `length` octets of a message, with a header that says so. */
function cut(octets: Uint8Array, length: number): Uint8Array {
  const frame = octets.slice(0, length);
  frame[16] = length >>> 8;
  frame[17] = length;
  return frame;
}

const manyCapabilities: readonly Capability[] = [
  { type: "Multiprotocol", family: IPV4_UNICAST },
  { type: "ExtendedMessage" },
  { type: "Role", role: 3 },
  { type: "FourOctetAs", autonomousSystem: 4_200_000_000 },
  { type: "AddPath", families: families.map((family) => ({ family, sendReceive: 3 })) },
  { type: "Unknown", code: 200, value: new Uint8Array(250) },
];

function open(capabilities: readonly Capability[], extended: boolean): OpenMessage {
  return {
    type: "OPEN",
    version: 4,
    autonomousSystem: 23456,
    holdTime: 90,
    bgpIdentifier: "192.0.2.1" as Ipv4Address,
    optionalParameters: [
      { type: "Capabilities", capabilities: capabilities.slice(0, -1) },
      { type: "Capabilities", capabilities: capabilities.slice(-1) },
    ],
    ...(extended ? { extendedOptionalParameters: true as const } : {}),
  };
}

describe("an OPEN that is cut", () => {
  it.each([
    { name: "in the extended form, RFC 9072", message: open(manyCapabilities, true) },
    { name: "in the plain form", message: open(manyCapabilities.slice(0, -1), false) },
  ])("$name is malformed at every length", ({ message }) => {
    const octets = encodeMessage(message, plain);
    expect(decodeMessage(octets, plain)).toEqual({ ok: true, value: message });
    for (let length = 29; length < octets.length; length++)
      expect(decodeMessage(cut(octets, length), plain), `${length}`).toMatchObject({
        ok: false,
        error: { outcome: "session-reset", notification: { code: 2, subcode: 0 } },
      });
  });

  it("has lengths of two octets in the extended form, also where the first length is not 255", () => {
    const octets = encodeMessage(open(manyCapabilities, true), plain).slice();
    expect([octets[28], octets[29]]).toEqual([255, 255]);
    octets[28] = 7;
    expect(decodeMessage(octets, plain).ok).toBe(true);
  });
});

const attributes: readonly PathAttribute[] = [
  { type: "ORIGIN", value: "IGP" },
  { type: "AS_PATH", segments: [{ type: "AS_SEQUENCE", autonomousSystems: [65001, 4_200_000_000] }] },
  { type: "NEXT_HOP", address: "192.0.2.1" as Ipv4Address },
  { type: "LOCAL_PREF", value: 100 },
  { type: "COMMUNITIES", communities: [1, 2] },
  {
    type: "MP_REACH_NLRI",
    family: IPV6_UNICAST,
    nextHop: "2001:db8::1" as Ipv6Address,
    nlri: [{ prefix: "2001:db8:1::/48" as IpPrefix, pathId: 1 }],
  },
  { type: "EXTENDED_COMMUNITIES", communities: [0x0002_fde9_0000_0001n] },
  {
    type: "IPV6_EXTENDED_COMMUNITIES",
    communities: [{ type: 0, subtype: 2, address: "2001:db8::1" as Ipv6Address, localAdministrator: 5 }],
  },
  { type: "AIGP", tlvs: [{ type: "AIGP", metric: 10n }] },
  { type: "LARGE_COMMUNITY", communities: [{ globalAdministrator: 1, localDataPart1: 2, localDataPart2: 3 }] },
  { type: "ONLY_TO_CUSTOMER", autonomousSystem: 65001 },
];
const update: UpdateMessage = {
  type: "UPDATE",
  withdrawnRoutes: [{ prefix: "198.51.100.0/24" as IpPrefix, pathId: 1 }],
  pathAttributes: attributes,
  nlri: [{ prefix: "203.0.113.7/32" as IpPrefix, pathId: 1 }],
};

describe("an UPDATE that is cut", () => {
  it.each(contexts.map((context) => ({ context, name: context.addPath === undefined ? "plain" : "with ADD-PATH" })))(
    "ends the session at every length but that without NLRI, $name",
    ({ context }) => {
      const octets = encodeMessage(update, context);
      const nlriLength = context.addPath === undefined ? 5 : 9;
      for (let length = 23; length < octets.length; length++) {
        const result = decodeMessage(cut(octets, length), context);
        expect(result.ok || result.error.outcome !== "session-reset", `${length}`).toBe(
          length === octets.length - nlriLength,
        );
      }
    },
  );

  it("is told which attribute was cut where the lengths of the UPDATE hold", () => {
    for (const attribute of attributes) {
      const whole = encodeMessage(
        { type: "UPDATE", withdrawnRoutes: [], pathAttributes: [attribute], nlri: [] },
        plain,
      );
      for (let length = 24; length < whole.length; length++) {
        const octets = cut(whole, length);
        octets[21] = (length - 23) >>> 8;
        octets[22] = length - 23;
        const result = decodeMessage(octets, plain);
        expect(result.ok, `${attribute.type} ${length}`).toBe(false);
      }
    }
  });
});
