import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { advertisement, codes, object, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const range = pool("p", ["192.0.2.0/24", "2001:db8::/64"]);
const read = (spec: object, ...others: readonly KubernetesObject[]) =>
  readConfiguration([range, advertisement(spec), ...others]).bgpAdvertisements[0];

describe("the options of a BGPAdvertisement beyond MetalLB's", () => {
  it("are all absent unless they are set", () => {
    expect(read({})).toMatchObject({
      med: null,
      asPathPrepend: 0,
      nextHop: null,
      nextHopV6: null,
      extendedCommunities: [],
      serviceOverrides: null,
    });
  });

  it("are read as they are written", () => {
    const spec = {
      med: 0,
      asPathPrepend: 3,
      nextHop: "192.0.2.254",
      nextHopV6: "2001:DB8::FE",
      extendedCommunities: ["rt:65000:100", "ro:192.0.2.1:7", "rt:4200000000:65535"],
      serviceOverrides: {
        namespaces: ["a"],
        communities: ["fast", "large:1:2:3"],
        localPref: { minimum: 1, maximum: 9 },
      },
    };
    const names = object("Community", "c", { communities: [{ name: "fast", value: "65000:1" }] });
    expect(read(spec, names)).toMatchObject({
      med: 0,
      asPathPrepend: 3,
      nextHop: "192.0.2.254",
      nextHopV6: "2001:db8::fe",
      extendedCommunities: [
        { type: "RouteTarget", globalAdministrator: 65_000, localAdministrator: 100 },
        { type: "RouteOrigin", globalAdministrator: "192.0.2.1", localAdministrator: 7 },
        { type: "RouteTarget", globalAdministrator: 4_200_000_000, localAdministrator: 65_535 },
      ],
      serviceOverrides: {
        namespaces: ["a"],
        communities: [
          { type: "Standard", value: 65_000 * 65_536 + 1 },
          { type: "Large", globalAdministrator: 1, localDataPart1: 2, localDataPart2: 3 },
        ],
        localPref: { minimum: 1, maximum: 9 },
      },
    });
  });

  it.each([
    { name: "a next hop of the other family", spec: { nextHop: "2001:db8::1" }, code: "spec.nextHop BadAddress" },
    { name: "an IPv6 next hop that is IPv4", spec: { nextHopV6: "192.0.2.1" }, code: "spec.nextHopV6 BadAddress" },
    { name: "a next hop that is a name", spec: { nextHop: "router" }, code: "spec.nextHop BadAddress" },
    {
      name: "a community of another kind",
      spec: { extendedCommunities: ["x:1:2"] },
      code: "spec.extendedCommunities[0] BadCommunity",
    },
    {
      name: "an AS number too large",
      spec: { extendedCommunities: ["rt:4294967296:2"] },
      code: "spec.extendedCommunities[0] BadCommunity",
    },
    {
      name: "too large a number",
      spec: { extendedCommunities: ["rt:1:2", "rt:70000:65536"] },
      code: "spec.extendedCommunities[1] BadCommunity",
    },
    { name: "more prepending than fits", spec: { asPathPrepend: 33 }, code: "spec.asPathPrepend SchemaViolation" },
    { name: "a negative MED", spec: { med: -1 }, code: "spec.med SchemaViolation" },
  ])("reject the advertisement for $name", ({ spec, code }) => {
    expect(codes(range, advertisement(spec))).toEqual([`ad ${code} Rejected`]);
    expect(read(spec)).toBeUndefined();
  });

  it("allow nobody what cannot be read", () => {
    const serviceOverrides = { communities: ["1:2", "nobody", "1:2:3"], localPref: { minimum: 2, maximum: 1 } };
    expect(codes(range, advertisement({ serviceOverrides }))).toEqual([
      "ad spec.serviceOverrides.communities[1] UnknownCommunity Partial",
      "ad spec.serviceOverrides.communities[2] BadCommunity Partial",
      "ad spec.serviceOverrides.localPref ReversedRange Partial",
    ]);
    expect(read({ serviceOverrides })?.serviceOverrides?.communities).toEqual([{ type: "Standard", value: 65_538 }]);
  });
});

describe("two advertisements of a pool with different values", () => {
  const pair = (older: object, younger: object) =>
    codes(range, advertisement(older, "old"), advertisement(younger, "young"));

  it.each([
    { name: "MED", older: { med: 1 }, younger: { med: 2 }, field: "med" },
    { name: "MED and none", older: {}, younger: { med: 0 }, field: "med" },
    { name: "prepending", older: { asPathPrepend: 1 }, younger: {}, field: "asPathPrepend" },
    { name: "next hop", older: { nextHop: "192.0.2.1" }, younger: { nextHop: "192.0.2.2" }, field: "nextHop" },
    { name: "IPv6 next hop", older: {}, younger: { nextHopV6: "2001:db8::2" }, field: "nextHopV6" },
    { name: "LOCAL_PREF first", older: { localPref: 1, med: 1 }, younger: {}, field: "localPref" },
  ])("of $name: the younger gives way", ({ older, younger, field }) => {
    expect(pair(older, younger)).toEqual([`young spec.${field} ConflictingAdvertisements Noted`]);
  });

  it.each([
    {
      name: "communities alone",
      older: { extendedCommunities: ["rt:1:1"] },
      younger: { extendedCommunities: ["rt:1:2"] },
    },
    { name: "peers of their own", older: { med: 1, peers: ["x"] }, younger: { med: 2, peers: ["y"] } },
    {
      name: "an IPv4 next hop, and other IPv4 prefixes",
      older: { nextHop: "192.0.2.1" },
      younger: { aggregationLength: 24 },
    },
  ])("of $name are used together", ({ older, younger }) => {
    const unknown = / spec\.peers UnknownReference Noted$/;
    expect(pair(older, younger).filter((line) => !unknown.test(line))).toEqual([]);
  });
});
