import { convertConfigMap, renderManifests } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import type { ConformanceRow } from "./conformance-row.ts";
import { better, bgp, layer2, peer, pools, type Row, same } from "./old-config-map.test.fixture.ts";

function converted(
  text: string,
  options: Parameters<typeof convertConfigMap>[1] = { onlyData: true },
): readonly (KubernetesObject & { readonly spec?: object })[] {
  const conversion = convertConfigMap(text, options);
  if (!conversion.ok) throw new Error(conversion.error.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return conversion.value.objects;
}
const names = (text: string): readonly string[] =>
  converted(text).map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
const refused = (text: string): readonly string[] => {
  const conversion = convertConfigMap(text, { onlyData: true });
  return conversion.ok ? [] : conversion.error.map(({ path, code }) => `${path} ${code}`);
};

const ofConverter: readonly Row[] = [
  {
    row: "the program configmaptocrs",
    verdict: "better",
    why: "herald migrate needs no image, reads standard input and Lists too, and writes over nothing unless told to",
    check: null,
    shownBy: "apps/cli/src/run.test.ts: reads config.yaml and writes resources.yaml unless told otherwise",
  },
  better(
    "names of converted objects",
    "a name for two is refused with both told, and so is what would be no name",
    () => {
      const text = `${pools(bgp("", "0.My_Pool"))}${peer(", bfd-profile: Full_1")}bfd-profiles: [{name: Full_1}]`;
      expect(names(text)).toEqual([
        "BGPPeer peer1",
        "IPAddressPool my-pool",
        "BGPAdvertisement bgpadvertisement1",
        "BFDProfile full-1",
      ]);
      expect(converted(text)[0]?.spec).toMatchObject({ bfdProfile: "full-1" });
      expect(names(pools(bgp("", "x".repeat(70))))[0]).toBe(`IPAddressPool ${"x".repeat(63)}`);
      expect(refused(pools(bgp("", "123")))).toEqual(["address-pools[0].name SchemaViolation"]);
      expect(refused(pools(bgp("", "my_pool"), bgp("", "my-pool", 16)))).toEqual(["address-pools[1].name Duplicate"]);
    },
  ),
  same("converted peers", () => {
    const [first, second] = converted(
      peer().replace("]", ", {my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, hold-time: 120s, keepalive-time: 30s}]"),
    );
    expect(first).toMatchObject({ apiVersion: "metallb.io/v1beta2", kind: "BGPPeer", metadata: { name: "peer1" } });
    expect(first?.spec).toEqual({ myASN: 64512, peerASN: 64501, peerAddress: "198.51.100.1", holdTime: "1m30s" });
    expect(second).toMatchObject({ metadata: { name: "peer2" }, spec: { holdTime: "2m0s", keepaliveTime: "30s" } });
  }),
  same("converted aliases", () => {
    expect(converted("bgp-communities: {b: 65000:30, a: 65000:2}")).toMatchObject([
      {
        kind: "Community",
        metadata: { name: "communities" },
        spec: {
          communities: [
            { name: "a", value: "65000:2" },
            { name: "b", value: "65000:30" },
          ],
        },
      },
    ]);
  }),
  same("converted advertisements", () => {
    const text = pools(
      bgp(", bgp-advertisements: [{localpref: 1}, {localpref: 2}]"),
      bgp("", "b", 16),
      layer2.replace("name: a", "name: c"),
      layer2.replace("name: a", "name: d").replace(".0/28", ".16/28"),
    );
    expect(
      converted(text)
        .slice(4)
        .map(({ kind, metadata, spec }) => [kind, metadata?.name, spec]),
    ).toEqual([
      ["BGPAdvertisement", "bgpadvertisement1", { localPref: 1, ipAddressPools: ["a"] }],
      ["BGPAdvertisement", "bgpadvertisement2", { localPref: 2, ipAddressPools: ["a"] }],
      ["BGPAdvertisement", "bgpadvertisement3", { ipAddressPools: ["b"] }],
      ["L2Advertisement", "l2advertisement1", { ipAddressPools: ["c"] }],
      ["L2Advertisement", "l2advertisement2", { ipAddressPools: ["d"] }],
    ]);
  }),
  same("namespace of converted objects", () => {
    const manifest = (metadata: object): string =>
      JSON.stringify({ kind: "ConfigMap", metadata, data: { config: pools(layer2) } });
    expect(converted(manifest({ namespace: "lb" }), {})).toMatchObject([
      { metadata: { namespace: "lb" } },
      { metadata: { namespace: "lb" } },
    ]);
    expect(converted(manifest({}), {})[0]).toMatchObject({ metadata: { namespace: "metallb-system" } });
  }),
  same("order of converted objects", () => {
    const text = `bgp-communities: {a: 65000:1}\nbfd-profiles: [{name: f}]\n${pools(layer2, bgp("", "b"))}${peer()}`;
    const kinds = [
      "BGPPeer",
      "IPAddressPool",
      "IPAddressPool",
      "BGPAdvertisement",
      "L2Advertisement",
      "BFDProfile",
      "Community",
    ];
    const rendered = renderManifests(converted(text));
    expect(rendered.match(/^kind: .*$/gm)).toEqual(kinds.map((kind) => `kind: ${kind}`));
    expect(rendered.match(/^---$/gm)).toHaveLength(kinds.length);
    expect(rendered).toMatch(/^# /);
  }),
  {
    row: "check of the result",
    verdict: "better",
    why: "every error is told with its path, line and column, nothing is written, and the exit code is 1",
    check: null,
    shownBy:
      "apps/cli/src/run.test.ts: tells every error by file, line, column and path, writes nothing, and exits with 1",
  },
  same("values that are copied", () => {
    expect(
      converted(pools("name: a, protocol: bgp, addresses: [' 192.0.2.9 - 192.0.2.10', 192.0.2.17/28]"))[0]?.spec,
    ).toEqual({
      addresses: [" 192.0.2.9 - 192.0.2.10", "192.0.2.17/28"],
    });
  }),
];

/** §3: the converter of the old ConfigMap. */
export const oldConfigMapConverterRows: readonly ConformanceRow[] = ofConverter.map((row) => ({
  section: "§3",
  ...row,
}));
