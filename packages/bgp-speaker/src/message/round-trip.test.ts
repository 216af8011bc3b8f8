import type { IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capability } from "../capability.ts";
import type { CodecContext } from "../codec-context.ts";
import { type Family, IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { encodedNlriLength } from "../nlri.ts";
import { type BgpMessage, decodeMessage, encodedAttributesLength, encodeMessage } from "./index.ts";
import { autonomousSystemOf, type OpenMessage } from "./open.ts";
import { endOfRib, endOfRibFamily, isEndOfRib, type UpdateMessage } from "./update.ts";
import { shape, some, u32, updates, v4 } from "./updates.test.support.ts";

const families = [IPV4_UNICAST, IPV6_UNICAST];
const plain: CodecContext = { fourOctetAs: true, families, maxMessageLength: 65535 };
const withAddPath: CodecContext = { ...plain, addPath: families };

/** Results compare as plain values: views and fresh octets are the same. */
const roundTrip = (message: BgpMessage, context: CodecContext): unknown =>
  decodeMessage(encodeMessage(message, context), context);
const fits = (update: UpdateMessage, context: CodecContext): boolean =>
  encodedAttributesLength(update.pathAttributes, context) < 60_000;

describe("UPDATE", () => {
  for (const [name, context] of [
    ["plain", plain],
    ["with ADD-PATH", withAddPath],
  ] as const) {
    it(`comes back as it was, ${name}`, () => {
      fc.assert(
        fc.property(updates(context.addPath !== undefined), (update) => {
          fc.pre(fits(update, context));
          expect(roundTrip(update, context)).toEqual({ ok: true, value: update });
        }),
        { numRuns: 150 },
      );
    });

    it(`is as long as its parts say, ${name}`, () => {
      fc.assert(
        fc.property(updates(context.addPath !== undefined), (update) => {
          fc.pre(fits(update, context));
          const routes = [...update.withdrawnRoutes, ...update.nlri].map((each) => encodedNlriLength(each, context));
          const parts = routes.reduce(
            (sum, each) => sum + each,
            encodedAttributesLength(update.pathAttributes, context),
          );
          expect(encodeMessage(update, context).length).toBe(23 + parts);
        }),
        { numRuns: 50 },
      );
    });
  }

  it("writes AS numbers above two octets as AS_TRANS to a peer that knows only two", () => {
    const old: CodecContext = { ...plain, fourOctetAs: false };
    const path = (autonomousSystem: number): UpdateMessage => ({
      type: "UPDATE",
      withdrawnRoutes: [],
      pathAttributes: [
        { type: "AS_PATH", segments: [{ type: "AS_SEQUENCE", autonomousSystems: [64512, autonomousSystem] }] },
      ],
      nlri: [],
    });
    expect(roundTrip(path(4_200_000_000), old)).toEqual({ ok: true, value: path(23456) });
  });

  it("splits a path segment of more than 255 AS numbers", () => {
    const autonomousSystems = Array.from({ length: 300 }, (_, i) => i + 1);
    const path = (parts: number[][]): UpdateMessage => ({
      type: "UPDATE",
      withdrawnRoutes: [],
      pathAttributes: [
        { type: "AS_PATH", segments: parts.map((part) => ({ type: "AS_SEQUENCE", autonomousSystems: part })) },
      ],
      nlri: [],
    });
    const split = path([autonomousSystems.slice(0, 255), autonomousSystems.slice(255)]);
    expect(roundTrip(path([autonomousSystems]), plain)).toEqual({ ok: true, value: split });
  });

  it("throws when it is longer than the context allows", () => {
    const nlri = Array.from({ length: 1100 }, (_, i) => ({ prefix: `10.${i >> 8}.${i & 255}.0/24` as IpPrefix }));
    const update: UpdateMessage = { type: "UPDATE", withdrawnRoutes: nlri, pathAttributes: [], nlri: [] };
    expect(() => encodeMessage(update, { ...plain, maxMessageLength: 4096 })).toThrow(/UPDATE of 4423 octets/);
    expect(encodeMessage(update, plain).length).toBe(4423);
  });

  it("keeps a family that was not negotiated as octets", () => {
    const octets = encodeMessage(endOfRib(IPV6_UNICAST), plain);
    const result = decodeMessage(octets, { ...plain, families: [] });
    expect(result.ok && result.value.type === "UPDATE" ? result.value.pathAttributes : null).toEqual([
      { type: "MP_UNREACH_NLRI", family: IPV6_UNICAST, opaque: new Uint8Array(0) },
    ]);
  });
});

describe("End-of-RIB", () => {
  const vpn: Family = { afi: 1, safi: 128 };
  for (const family of [IPV4_UNICAST, IPV6_UNICAST, vpn]) {
    it(`is recognized, ${family.afi}/${family.safi}`, () => {
      const result = decodeMessage(encodeMessage(endOfRib(family), plain), plain);
      if (!result.ok || result.value.type !== "UPDATE") return expect.fail("no UPDATE");
      expect(isEndOfRib(result.value)).toBe(true);
      expect(endOfRibFamily(result.value)).toEqual(family);
    });
  }

  it("is not any other UPDATE", () => {
    const update: UpdateMessage = { ...endOfRib(IPV6_UNICAST), nlri: [{ prefix: "192.0.2.0/24" as IpPrefix }] };
    expect(isEndOfRib(update)).toBe(false);
  });
});

describe("OPEN", () => {
  const family = fc.record({ afi: fc.nat(0xffff), safi: fc.nat(255) }, { noNullPrototype: true });
  const capability = fc.oneof<fc.Arbitrary<Capability>[]>(
    family.map((value) => ({ type: "Multiprotocol", family: value })),
    fc.constant({ type: "RouteRefresh" } as const),
    some(shape<{ family: Family; nextHopAfi: number }>({ family, nextHopAfi: fc.nat(0xffff) })).map((encodings) => ({
      type: "ExtendedNextHop",
      encodings: encodings.slice(0, 40),
    })),
    fc.constant({ type: "ExtendedMessage" } as const),
    fc.nat(255).map((role) => ({ type: "Role", role })),
    fc
      .tuple(
        fc.boolean(),
        fc.boolean(),
        fc.nat(4095),
        some(shape<{ family: Family; forwardingState: boolean }>({ family, forwardingState: fc.boolean() }), 0),
      )
      .map(([restartState, notification, restartTime, list]) => ({
        type: "GracefulRestart",
        restartState,
        notification,
        restartTime,
        families: list.slice(0, 60),
      })),
    u32.filter((value) => value > 0).map((autonomousSystem) => ({ type: "FourOctetAs", autonomousSystem })),
    some(shape<{ family: Family; sendReceive: number }>({ family, sendReceive: fc.nat(255) })).map((list) => ({
      type: "AddPath",
      families: list.slice(0, 60),
    })),
    fc.constant({ type: "EnhancedRouteRefresh" } as const),
    some(
      shape<{ family: Family; forwardingState: boolean; staleTime: number }>({
        family,
        forwardingState: fc.boolean(),
        staleTime: fc.nat(0xff_ffff),
      }),
    ).map((list) => ({ type: "LongLivedGracefulRestart", families: list.slice(0, 30) })),
    fc.uint8Array({ maxLength: 100 }).map((value) => ({ type: "Unknown", code: 200, value })),
  );

  it("comes back as it was, in the extended form when it has to be", () => {
    fc.assert(
      fc.property(fc.array(capability, { maxLength: 6 }), fc.boolean(), v4, (capabilities, extended, bgpIdentifier) => {
        fc.pre(bgpIdentifier !== "0.0.0.0");
        const open: OpenMessage = {
          type: "OPEN",
          version: 4,
          autonomousSystem: 64512,
          holdTime: 90,
          bgpIdentifier,
          optionalParameters: capabilities.map((each) => ({ type: "Capabilities", capabilities: [each] })),
          ...(extended ? { extendedOptionalParameters: true as const } : {}),
        };
        const octets = encodeMessage(open, plain);
        const isExtended = octets[28] === 255 && octets[29] === 255;
        expect(isExtended).toBe(extended || octets.length - 29 > 255);
        const expected = isExtended ? { ...open, extendedOptionalParameters: true } : open;
        expect(decodeMessage(octets, plain)).toEqual({ ok: true, value: expected });
      }),
      { numRuns: 200 },
    );
  });

  it("has the AS number of its capability", () => {
    const open: OpenMessage = {
      type: "OPEN",
      version: 4,
      autonomousSystem: 23456,
      holdTime: 0,
      bgpIdentifier: "192.0.2.1" as Ipv4Address,
      optionalParameters: [],
    };
    expect(autonomousSystemOf(open)).toBe(23456);
    const capabilities: Capability[] = [{ type: "FourOctetAs", autonomousSystem: 4_200_000_000 }];
    expect(autonomousSystemOf({ ...open, optionalParameters: [{ type: "Capabilities", capabilities }] })).toBe(
      4_200_000_000,
    );
  });
});

describe("the others", () => {
  const messages: BgpMessage[] = [
    { type: "KEEPALIVE" },
    { type: "NOTIFICATION", code: 6, subcode: 2, data: Uint8Array.of(3, 98, 121, 101) },
    { type: "ROUTE-REFRESH", family: IPV6_UNICAST, subtype: 2 },
    { type: "ROUTE-REFRESH", family: IPV4_UNICAST, subtype: 0, outboundRouteFilter: Uint8Array.of(1, 64, 0, 0) },
  ];
  for (const message of messages) {
    it(`come back as they were: ${JSON.stringify(message)}`, () => {
      expect(roundTrip(message, plain)).toEqual({ ok: true, value: message });
    });
  }
});
