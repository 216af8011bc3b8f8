import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Configuration } from "../config/configuration.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { convertConfigMap } from "./convert.ts";
import { dnsName } from "./dns-name.ts";
import { issuesOf, live } from "./old-config-map.test.fixture.ts";

const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(item, { maxLength: 3 });
const maybe = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T>>> =>
  fc.option(value, { nil: undefined }).map((each) => (each === undefined ? {} : { [key]: each }));
const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as object);

const selector = merged(
  maybe("match-labels", fc.constantFrom({ rack: "1" }, { rack: "true", zone: "b" })),
  maybe(
    "match-expressions",
    fc.constantFrom([{ key: "a", operator: "Exists" }], [{ key: "a", operator: "In", values: ["x", "y"] }]),
  ),
);
const oldPeer = (at: number): fc.Arbitrary<object> =>
  merged(
    fc.record({ "my-asn": fc.constantFrom(64512, 4_200_000_000), "peer-asn": fc.constantFrom(64501, 64502) }),
    fc.constant({ "peer-address": `198.51.100.${at + 1}` }),
    maybe("peer-port", fc.constantFrom(0, 179, 1179)),
    maybe("hold-time", fc.constantFrom("0", "3s", "1m30s", "1.5h", "90000ms")),
    maybe("keepalive-time", fc.constantFrom("1s", "3s")),
    maybe("router-id", fc.constant("192.0.2.1")),
    maybe("source-address", fc.constant("192.0.2.1")),
    maybe("password", fc.constantFrom("0123", "secret", "yes")),
    maybe("node-selectors", few(selector)),
    maybe("bfd-profile", fc.constantFrom("full", "Other_1")),
    maybe("ebgp-multihop", fc.boolean()),
  );
const advertisement = merged(
  maybe("aggregation-length", fc.constantFrom(28, 30, 32)),
  maybe("aggregation-length-v6", fc.constantFrom(124, 128)),
  maybe("localpref", fc.constantFrom(0, 100)),
  maybe("communities", fc.subarray(["65000:30", "routed", "on"])),
);
const oldPool = (at: number): fc.Arbitrary<object> =>
  merged(
    fc.record({ name: fc.constantFrom(`pool-${at}`, `My_Pool_${at}`, `0.Pool_${at}`) }),
    fc.record({
      addresses: fc.constantFrom(
        [`203.0.113.${at * 16}/28`],
        [`203.0.113.${at * 16}-203.0.113.${at * 16 + 15}`, `2001:db8:0:${at}::/124`],
      ),
    }),
    maybe("auto-assign", fc.boolean()),
    maybe("avoid-buggy-ips", fc.boolean()),
    fc.oneof(
      fc.constant({ protocol: "layer2" }),
      merged(fc.constant({ protocol: "bgp" }), maybe("bgp-advertisements", few(advertisement))),
    ),
  );
const upTo = (most: number, entry: (at: number) => fc.Arbitrary<object>): fc.Arbitrary<readonly object[]> =>
  fc.nat(most).chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => entry(at))));
const oldConfiguration = fc.record({
  peers: upTo(3, oldPeer),
  "address-pools": upTo(4, oldPool),
  "bgp-communities": fc.constant({ routed: "65000:1", on: "65000:2" }),
  "bfd-profiles": fc.constant([
    { name: "full", "receive-interval": 100 },
    { name: "Other_1", "echo-mode": true },
  ]),
});

/** A configuration with every name as the converter makes it, and without the objects that it was read from. */
function nameless(configuration: Configuration): unknown {
  const renamed = (name: string): string => dnsName(name) ?? name;
  const { pools, l2Advertisements, bgpAdvertisements, bgpPeers, bfdProfiles, communities } = configuration;
  const bare = <T extends { readonly object: unknown }>(each: T): object =>
    Object.fromEntries(Object.entries(each).filter(([key]) => key !== "object"));
  const bound = <T extends { readonly object: unknown; readonly pools: { readonly names: readonly string[] } | null }>(
    each: T,
  ): unknown => ({
    ...bare(each),
    pools: each.pools?.names.map(renamed),
  });
  return {
    pools: pools
      .map((each) => ({ ...bare(each), pool: { ...each.pool, name: renamed(each.pool.name) } }))
      .toSorted((a, b) => (a.pool.name < b.pool.name ? -1 : 1)),
    l2Advertisements: l2Advertisements.map(bound),
    bgpAdvertisements: bgpAdvertisements.map(bound),
    bgpPeers: bgpPeers.map((each) => ({ ...bare(each), bfdProfile: renamed(each.bfdProfile ?? "none") })),
    bfdProfiles: bfdProfiles
      .map((each) => ({ ...bare(each), name: renamed(each.name) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    communities,
  };
}

describe("converting", () => {
  it("and reading the objects is reading the ConfigMap, but for names", () => {
    let converted = 0;
    fc.assert(
      fc.property(oldConfiguration, (old) => {
        const text = JSON.stringify(old);
        const conversion = convertConfigMap(text, { onlyData: true });
        if (!conversion.ok) return;
        converted++;
        const configuration = readConfiguration(conversion.value.objects);
        expect(issuesOf(configuration).filter((line) => !line.endsWith(" Noted"))).toEqual([]);
        expect(nameless(configuration)).toEqual(nameless(live([text])));
      }),
    );
    expect(converted).toBeGreaterThan(30);
  });

  it("and putting the objects beside the ConfigMap changes nothing, nor does taking it away then", () => {
    fc.assert(
      fc.property(oldConfiguration, (old) => {
        const text = JSON.stringify(old);
        const conversion = convertConfigMap(text, { onlyData: true });
        if (!conversion.ok) return;
        const objects = conversion.value.objects;
        const beside = live([text], objects);
        expect(nameless(beside)).toEqual(nameless(readConfiguration(objects)));
      }),
    );
  });
});
