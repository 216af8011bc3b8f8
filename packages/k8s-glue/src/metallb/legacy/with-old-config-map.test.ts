import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Configuration } from "../config/configuration.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { convertConfigMap } from "./convert.ts";
import { dnsName } from "./dns-name.ts";
import type { EffectiveEntries } from "./effective-entries.ts";
import { isUnknown } from "./is-unknown.ts";
import { readOldConfigMap } from "./read-old-config-map.ts";
import { readConfigurationWith } from "./with-old-config-map.ts";

const configMap: KubernetesObject = { metadata: { name: "config", namespace: "metallb-system", uid: "u-1" } };

/** The configuration of a ConfigMap that had these texts one after the other. */
function live(texts: readonly (string | null)[], objects: readonly KubernetesObject[] = []): Configuration {
  let effective: EffectiveEntries | null = null;
  let configuration = readConfiguration(objects);
  for (const text of texts) {
    const reading = readOldConfigMap(text, effective);
    effective = reading.effective;
    configuration = readConfigurationWith(objects, { configMap, reading });
  }
  return configuration;
}

const object = (kind: string, name: string, spec: object): KubernetesObject & { readonly spec: object } => ({
  apiVersion: `metallb.io/${kind === "BGPPeer" ? "v1beta2" : "v1beta1"}`,
  kind,
  metadata: { name, namespace: "metallb-system", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec,
});

const rangesOf = ({ pools }: Configuration): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(pools.map(({ pool }) => [pool.name, pool.ranges.map(({ first, last }) => `${first}-${last}`)]));
const issuesOf = ({ issues }: Configuration): readonly string[] =>
  issues
    .filter(({ code }) => code !== "NotActedOn")
    .map(({ object: { kind, name }, path, code, effect }) => `${kind}/${name} ${path} ${code} ${effect}`);
const nodePeers = ({ bgpPeers }: Configuration): readonly string[] =>
  bgpPeers.map(({ name, config }) => `${name} ${config.address}`);

const pool = (name: string, addresses: string, more = ""): string =>
  `- {name: ${name}, protocol: layer2, addresses: [${addresses}]${more}}\n`;
const peer = (address: string, more = ""): string =>
  `- {my-asn: 64512, peer-asn: 64501, peer-address: ${address}${more}}\n`;
const two = `address-pools:\n${pool("a", "192.0.2.0/28")}${pool("b", "192.0.2.16/28")}`;

describe("the old ConfigMap beside objects", () => {
  it("gives its pools, advertisements and peers as objects do, and stands for them", () => {
    const configuration = live([`peers:\n${peer("198.51.100.1")}${two}`]);
    expect(rangesOf(configuration)).toEqual({ a: ["192.0.2.0-192.0.2.15"], b: ["192.0.2.16-192.0.2.31"] });
    expect(configuration.l2Advertisements.map(({ pools }) => pools?.names)).toEqual([["a"], ["b"]]);
    expect(nodePeers(configuration)).toEqual(["peer1 198.51.100.1"]);
    expect(configuration.objects).toMatchObject([{ apiVersion: "v1", kind: "ConfigMap", name: "config", uid: "u-1" }]);
    expect(issuesOf(configuration)).toEqual([]);
  });

  it("gives way to an object of the same kind and name, which is told of the ConfigMap", () => {
    const configuration = live([two], [object("IPAddressPool", "a", { addresses: ["198.51.100.0/28"] })]);
    expect(rangesOf(configuration)).toEqual({ a: ["198.51.100.0-198.51.100.15"], b: ["192.0.2.16-192.0.2.31"] });
    expect(issuesOf(configuration)).toEqual(["ConfigMap/config address-pools[0] Duplicate Noted"]);
    expect(configuration.objects.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "ConfigMap/config",
      "IPAddressPool/a",
    ]);
  });

  it.each([
    {
      name: "until any object announces it",
      kind: "L2Advertisement",
      ad: "own",
      spec: { ipAddressPools: ["b"] },
      told: ["a", "b", "b"],
    },
    {
      name: "no more once an object announces it",
      kind: "L2Advertisement",
      ad: "own",
      spec: { ipAddressPools: ["a"] },
      told: ["a", "b"],
    },
    { name: "no more once an object announces every pool", kind: "BGPAdvertisement", ad: "own", spec: {}, told: ["b"] },
    {
      name: "one by one as the converter's objects come",
      kind: "L2Advertisement",
      ad: "l2advertisement2",
      spec: { ipAddressPools: ["b"] },
      told: ["a", "b"],
    },
  ])("tells how a pool is announced that is an object by now $name", ({ kind, ad, spec, told }) => {
    const objects = [object("IPAddressPool", "a", { addresses: ["198.51.100.0/28"] }), object(kind, ad, spec)];
    const { l2Advertisements } = live([two], objects);
    expect(l2Advertisements.flatMap(({ pools }) => pools?.names ?? []).toSorted()).toEqual(told);
  });

  it("announces a pool whose name had to change as it did, until the converter's advertisement comes", () => {
    const objects = [object("IPAddressPool", "my-pool", { addresses: ["192.0.2.0/28"] })];
    const { pools, l2Advertisements } = live([`address-pools:\n${pool("My_Pool", "192.0.2.0/28")}`], objects);
    expect(pools.map(({ pool: { name } }) => name)).toEqual(["my-pool"]);
    expect(l2Advertisements.map((each) => each.pools?.names)).toEqual([["my-pool"]]);
  });

  it("gives way to a peer that is the same session, whatever it is called", () => {
    const tor = object("BGPPeer", "tor", { myASN: 64512, peerASN: 64501, peerAddress: "2001:DB8:0::1" });
    expect(nodePeers(live([`peers:\n${peer("'2001:db8::1'")}${peer("198.51.100.1")}`], [tor]))).toEqual([
      "peer2 198.51.100.1",
      "tor 2001:db8::1",
    ]);
  });

  it("has the younger pools where they overlap, among its own those written later", () => {
    const text = `address-pools:\n${pool("z", "192.0.2.0/28")}${pool("y", "192.0.2.8-192.0.2.23")}${pool("x", "192.0.2.20-192.0.2.40")}`;
    const configuration = live([text], [object("IPAddressPool", "zz", { addresses: ["192.0.2.40/30"] })]);
    expect(rangesOf(configuration)).toEqual({
      x: ["192.0.2.24-192.0.2.39"],
      y: ["192.0.2.16-192.0.2.23"],
      z: ["192.0.2.0-192.0.2.15"],
      zz: ["192.0.2.40-192.0.2.43"],
    });
    expect(issuesOf(configuration)).toContain("ConfigMap/config address-pools[1].addresses[0] Overlap Partial");
  });

  it("tells of its own entries what is wrong with them, in its own words", () => {
    const text = `peers:\n${peer("198.51.100.1", ", hold-time: 1s")}address-pools:\n${pool("a", "192.0.2.0/28, 192.0.2.999/32")}`;
    expect(issuesOf(live([text]))).toEqual([
      "ConfigMap/config address-pools[0].addresses[1] BadAddress Partial",
      "ConfigMap/config peers[0].hold-time BadTimer Partial",
    ]);
  });
});

const edits: readonly {
  name: string;
  edited: string | null;
  pools?: object;
  peers?: readonly string[];
  issue: string;
}[] = [
  { name: "that takes the key away", edited: null, issue: "data.config SchemaViolation Rejected" },
  { name: "that leaves no YAML", edited: "peers: [", issue: "data.config SchemaViolation Rejected" },
  {
    name: "that misspells a section",
    edited: `peers:\n${peer("198.51.100.1")}${two}`.replace("address-pools", "addres-pools"),
    issue: "addres-pools SchemaViolation Rejected",
  },
  {
    name: "that writes a section as another type",
    edited: `peers: 1\n${two}`,
    issue: "peers SchemaViolation Rejected",
  },
  {
    name: "that misspells a key of a pool",
    edited: `peers:\n${peer("198.51.100.1")}${two.replace("protocol", "protocoll")}`,
    issue: "address-pools[0].protocol SchemaViolation Partial",
  },
  {
    name: "that misspells a key of a peer",
    edited: `peers:\n${peer("198.51.100.1").replace("peer-address", "peer-adress")}${two}`,
    issue: "peers[0].peer-address SchemaViolation Partial",
  },
  {
    name: "that gives a peer an impossible time",
    edited: `peers:\n${peer("198.51.100.1", ", hold-time: 1s")}${two}`,
    issue: "peers[0].hold-time BadTimer Partial",
  },
  {
    name: "that misspells an address",
    edited: `peers:\n${peer("198.51.100.1")}${two.replace("192.0.2.0/28", "192.0.2.0/288")}`,
    issue: "address-pools[0].addresses[0] BadAddress Partial",
  },
  {
    name: "that adds a sound pool beside a broken one",
    edited: `peers:\n${peer("198.51.100.1")}${two.replace("192.0.2.0/28", "192.0.2.0/288")}${pool("c", "192.0.2.32/28")}`,
    pools: { c: ["192.0.2.32-192.0.2.47"] },
    issue: "address-pools[0].addresses[0] BadAddress Partial",
  },
  {
    name: "that adds a pool in the way of another, before it",
    edited: `peers:\n${peer("198.51.100.1")}${two.replace("address-pools:\n", `address-pools:\n${pool("0", "192.0.2.0/27, 192.0.2.64/28")}`)}`,
    pools: { 0: ["192.0.2.64-192.0.2.79"] },
    issue: "address-pools[0].addresses[0] Overlap Partial",
  },
  {
    name: "that adds a broken peer before another",
    edited: `peers:\n- {my-asn: 1}\n${peer("198.51.100.1")}${two}`,
    issue: "peers[0].peer-asn SchemaViolation Partial",
  },
  {
    name: "that adds a sound peer before another",
    edited: `peers:\n${peer("198.51.100.9")}${peer("198.51.100.1")}${two}`,
    peers: ["peer1 198.51.100.1", "peer2 198.51.100.9"],
    issue: "",
  },
  {
    name: "that names a pool twice",
    edited: `peers:\n${peer("198.51.100.1")}${two}${pool("a", "192.0.2.64/28")}`,
    issue: "address-pools[2].name Duplicate Partial",
  },
];

describe("an edit of the old ConfigMap", () => {
  const before = `peers:\n${peer("198.51.100.1")}${two}`;

  it.each(edits)(
    "$name takes nothing away that worked",
    ({ edited, pools = {}, peers = ["peer1 198.51.100.1"], issue }) => {
      const configuration = live([before, edited]);
      expect(rangesOf(configuration)).toEqual({ ...rangesOf(live([before])), ...pools });
      expect(nodePeers(configuration)).toEqual(peers);
      const issues = issuesOf(configuration);
      if (issue === "") expect(issues).toEqual([]);
      else expect(issues.join("\n")).toContain(`ConfigMap/config ${issue}`);
    },
  );

  it.each(edits)("$name is forgotten when it is taken back", ({ edited }) => {
    const configuration = live([before, edited, before]);
    expect(rangesOf(configuration)).toEqual(rangesOf(live([before])));
    expect(nodePeers(configuration)).toEqual(["peer1 198.51.100.1"]);
    expect(issuesOf(configuration)).toEqual([]);
  });

  it("that takes entries out takes them out of force", () => {
    expect(rangesOf(live([before, `address-pools:\n${pool("b", "192.0.2.16/28")}`]))).toEqual({
      b: ["192.0.2.16-192.0.2.31"],
    });
    expect(rangesOf(live([before, ""]))).toEqual({});
  });

  it("at the first reading has what of it can be read", () => {
    const text = `peers: 1\naddres-pools: []\n${two}${pool("c", "192.0.2.32/28, 192.0.2.999/32")}${pool("d", "192.0.2.64/28", ", auto-assign: 1")}`;
    expect(Object.keys(rangesOf(live([text])))).toEqual(["a", "b", "c"]);
    expect(issuesOf(live(["peers: ["]))).toEqual(["ConfigMap/config data.config SchemaViolation Rejected"]);
  });

  it("after text that could not be read at first has what of it can be read", () => {
    expect(Object.keys(rangesOf(live(["peers: [", `addres-pools: []\n${two}`])))).toEqual(["a", "b"]);
  });

  it("at the first reading has pools with a key that nobody knows, for those who hold their addresses, and peers", () => {
    const text = `peers:\n${peer("198.51.100.1", ", bfdProfile: full")}${two}${pool("c", "192.0.2.32/28", ", auto-asign: false")}`;
    const configuration = live([text]);
    expect(configuration.pools.map(({ pool: { name }, autoAssign }) => [name, autoAssign])).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
    ]);
    expect(nodePeers(configuration)).toEqual(["peer1 198.51.100.1"]);
  });

  it("at the first reading has no pool whose advertisement has a key that nobody knows: it may have held back what it announces", () => {
    const text =
      "address-pools: [{name: a, protocol: bgp, addresses: [192.0.2.0/28], bgp-advertisements: [{comunities: [no-export]}]}]";
    expect(live([text])).toMatchObject({ pools: [], bgpAdvertisements: [] });
  });

  it.each([
    { name: "no YAML at the first reading", texts: ["peers: ["], objects: [], unknown: true },
    { name: "no pool that can be read", texts: ["address-pools: [{nam: a}]"], objects: [], unknown: true },
    { name: "no YAML after an edit", texts: [two, "peers: ["], objects: [], unknown: false },
    { name: "no pools, soundly", texts: ["peers: []"], objects: [], unknown: false },
    {
      name: "no YAML beside a pool",
      texts: ["peers: ["],
      objects: [object("IPAddressPool", "a", { addresses: ["192.0.2.0/28"] })],
      unknown: false,
    },
  ])("that leaves $name: whether nothing is known is $unknown", ({ texts, objects, unknown }) => {
    expect(isUnknown(live(texts, objects))).toBe(unknown);
  });

  it("of one peer's address keeps the other peers' names", () => {
    const texts = [`peers:\n${peer("198.51.100.1")}${peer("198.51.100.2")}`, `peers:\n${peer("198.51.100.2")}`];
    expect(nodePeers(live(texts))).toEqual(["peer2 198.51.100.2"]);
  });
});

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
    bgpPeers: bgpPeers.map(bare),
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
