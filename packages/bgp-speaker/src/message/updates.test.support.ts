import { type IpPrefix, type Ipv4Address, type Ipv6Address, prefixFamily } from "@herald-lb/sansio";
import { ipPrefix, ipv4Address, ipv6Address } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import type { PathAttribute } from "../attribute/table.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import type { Nlri } from "../nlri.ts";
import type { UpdateMessage } from "./update.ts";

/** An unsigned integer of 32 bits. */
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const asNumber = fc.integer({ min: 1, max: 0xffff_ffff });
/** A list of one to 90. */
export const some = <T>(arbitrary: fc.Arbitrary<T>, minLength = 1): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength, maxLength: 90 });
/** A record, its fields by name. */
export const shape = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as unknown as fc.Arbitrary<T>;
const segments = some(
  fc.record(
    {
      type: fc.constantFrom(
        "AS_SET" as const,
        "AS_SEQUENCE" as const,
        "AS_CONFED_SEQUENCE" as const,
        "AS_CONFED_SET" as const,
      ),
      autonomousSystems: fc.array(asNumber, { minLength: 1, maxLength: 255 }),
    },
    { noNullPrototype: true },
  ),
);
const nlriOf = (family: "IPv4" | "IPv6", addPath: boolean): fc.Arbitrary<Nlri[]> =>
  fc.array(
    fc
      .tuple(
        (ipPrefix() as fc.Arbitrary<IpPrefix>).filter((prefix) => prefixFamily(prefix) === family),
        u32,
      )
      .map(([prefix, pathId]) => (addPath ? { prefix, pathId } : { prefix })),
    { maxLength: 20 },
  );
/** An IPv4 address. */
export const v4: fc.Arbitrary<Ipv4Address> = ipv4Address() as fc.Arbitrary<Ipv4Address>;
const v6 = ipv6Address() as fc.Arbitrary<Ipv6Address>;
const host = v4.filter((address) => !/^(?:0|127|22[4-9]|2[345]\d)\./.test(address));

const optionalAttributes = (addPath: boolean): fc.Arbitrary<PathAttribute[]> =>
  fc.uniqueArray(
    fc.oneof<fc.Arbitrary<PathAttribute>[]>(
      u32.map((value) => ({ type: "MULTI_EXIT_DISC", value })),
      u32.map((value) => ({ type: "LOCAL_PREF", value })),
      fc.constant({ type: "ATOMIC_AGGREGATE" } as const),
      fc.tuple(asNumber, v4).map(([autonomousSystem, address]) => ({ type: "AGGREGATOR", autonomousSystem, address })),
      some(u32).map((communities) => ({ type: "COMMUNITIES", communities })),
      v4.map((bgpIdentifier) => ({ type: "ORIGINATOR_ID", bgpIdentifier })),
      some(v4).map((clusterIds) => ({ type: "CLUSTER_LIST", clusterIds })),
      fc.tuple(v6, fc.option(v6), nlriOf("IPv6", addPath)).map(([nextHop, linkLocalNextHop, nlri]) => ({
        type: "MP_REACH_NLRI",
        family: IPV6_UNICAST,
        nextHop,
        ...(linkLocalNextHop === null ? {} : { linkLocalNextHop }),
        nlri,
      })),
      nlriOf("IPv4", addPath).map((withdrawnRoutes) => ({
        type: "MP_UNREACH_NLRI",
        family: IPV4_UNICAST,
        withdrawnRoutes,
      })),
      some(u64).map((communities) => ({
        type: "EXTENDED_COMMUNITIES",
        communities,
      })),
      segments.map((value) => ({ type: "AS4_PATH", segments: value })),
      fc
        .tuple(asNumber, v4)
        .map(([autonomousSystem, address]) => ({ type: "AS4_AGGREGATOR", autonomousSystem, address })),
      some(
        shape<{ globalAdministrator: number; localDataPart1: number; localDataPart2: number }>({
          globalAdministrator: u32,
          localDataPart1: u32,
          localDataPart2: u32,
        }),
      ).map((communities) => ({ type: "LARGE_COMMUNITY", communities })),
      u32.map((autonomousSystem) => ({ type: "ONLY_TO_CUSTOMER", autonomousSystem })),
      some(
        fc.oneof(
          u64.map((metric) => ({ type: "AIGP" as const, metric })),
          fc.uint8Array({ maxLength: 30 }).map((value) => ({ type: "Unknown" as const, code: 2, value })),
        ),
      ).map((tlvs) => ({ type: "AIGP", tlvs })),
      some(
        shape<{ type: number; subtype: number; address: Ipv6Address; localAdministrator: number }>({
          type: fc.constantFrom(0, 0x40),
          subtype: fc.nat(255),
          address: v6,
          localAdministrator: fc.nat(0xffff),
        }),
      ).map((communities) => ({ type: "IPV6_EXTENDED_COMMUNITIES", communities })),
      fc.uint8Array({ maxLength: 200 }).map((value) => ({ type: "UNKNOWN", code: 99, flags: 0xe0, value })),
    ),
    { selector: ({ type }) => type, maxLength: 12 },
  );

/** An UPDATE with every kind of attribute in it. */
export const updates = (addPath: boolean): fc.Arbitrary<UpdateMessage> =>
  fc
    .tuple(nlriOf("IPv4", addPath), segments, host, optionalAttributes(addPath), nlriOf("IPv4", addPath))
    .map(([withdrawnRoutes, path, address, others, nlri]) => ({
      type: "UPDATE",
      withdrawnRoutes,
      pathAttributes: [
        { type: "ORIGIN", value: "EGP" },
        { type: "AS_PATH", segments: path },
        { type: "NEXT_HOP", address },
        ...others,
      ],
      nlri,
    }));
