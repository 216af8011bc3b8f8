import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convertConfigMap } from "./convert.ts";
import { renderManifests } from "./manifests.ts";

const golden = join(import.meta.dirname, "golden");
const topics = readdirSync(golden).flatMap((name) => (name.endsWith(".old.yaml") ? [name.slice(0, -9)] : []));

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "    ");
const configMap = (data: string, namespace = "metallb-system"): string => `apiVersion: v1
kind: ConfigMap
metadata:
  namespace: ${namespace}
  name: config
data:
  config: |
${indented(data)}`;

const converted = (text: string, options?: Parameters<typeof convertConfigMap>[1]) => {
  const conversion = convertConfigMap(text, options);
  if (!conversion.ok) throw new Error(JSON.stringify(conversion.error));
  return renderManifests(conversion.value.objects);
};

describe("the old ConfigMap as objects", () => {
  it.each(topics)("says what the golden file says: %s", (topic) => {
    const old = readFileSync(join(golden, `${topic}.old.yaml`), "utf8");
    const path = join(golden, `${topic}.objects.yaml`);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, converted(old, { onlyData: true }));
    const expected = readFileSync(path, "utf8");
    expect(converted(old, { onlyData: true })).toBe(expected);
    expect(converted(configMap(old))).toBe(expected);
  });
});

const pools = (...names: readonly string[]): string =>
  `address-pools:\n${names.map((name, at) => `- {name: ${name}, protocol: layer2, addresses: [192.0.2.${at * 16}/28]}\n`).join("")}`;

describe("a ConfigMap in a manifest", () => {
  const namespacesOf = (text: string, options?: Parameters<typeof convertConfigMap>[1]): readonly unknown[] => {
    const conversion = convertConfigMap(text, options);
    if (!conversion.ok) throw new Error(conversion.error[0]?.message);
    return [...new Set(conversion.value.objects.map(({ metadata }) => metadata?.namespace))];
  };

  it("gives its namespace, unless another is asked for", () => {
    expect(namespacesOf(configMap(pools("a"), "lb"))).toEqual(["lb"]);
    expect(namespacesOf(configMap(pools("a"), "lb"), { namespace: "other" })).toEqual(["other"]);
    expect(namespacesOf(pools("a"), { onlyData: true })).toEqual(["metallb-system"]);
    expect(namespacesOf(configMap(pools("a")).replace(/ {2}namespace: .*\n/, ""))).toEqual(["metallb-system"]);
  });

  const asJson = JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "" } },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "config", namespace: "lb" },
        data: { config: pools("a") },
      },
    ],
  });
  it.each([
    {
      name: "after other documents",
      text: `apiVersion: v1\nkind: Namespace\nmetadata: {name: lb}\n---\n${configMap(pools("a"), "lb")}---\n`,
    },
    { name: "in a List, as kubectl get -o json prints it", text: asJson },
    { name: "under another name", text: configMap(pools("a"), "lb").replace("name: config", "name: metallb") },
  ])("is found $name", ({ text }) => {
    expect(namespacesOf(text)).toEqual(["lb"]);
  });

  it.each([
    { name: "none", text: pools("a"), message: "--only-data" },
    { name: "an empty text", text: "", message: "has no ConfigMap" },
    {
      name: "no text in it",
      text: configMap(pools("a")).replace("  config: |", "  other: |"),
      message: 'no text under the key "config"',
    },
    { name: "two", text: `${configMap(pools("a"))}---\n${configMap(pools("b"))}`, message: "more than one" },
    { name: "no YAML", text: "kind: [", message: "is not YAML" },
    { name: "no end of brackets", text: "[".repeat(10_000), message: "manifest" },
  ])("is told of when there is $name", ({ text, message }) => {
    expect(convertConfigMap(text)).toMatchObject({
      ok: false,
      error: [{ path: "", message: expect.stringContaining(message) as string }],
    });
  });
});

describe("a name that no object can have", () => {
  it("is made one, and that is told", () => {
    const conversion = convertConfigMap(pools("My_Pool", "plain"), { onlyData: true });
    expect(conversion).toMatchObject({
      ok: true,
      value: { renamed: [{ kind: "IPAddressPool", from: "My_Pool", to: "my-pool" }] },
    });
  });

  it("is refused where another has the one made of it, with both told", () => {
    const conversion = convertConfigMap(pools("my-pool", "My_Pool"), { onlyData: true });
    const message = '"my-pool" and "My_Pool" would both be named "my-pool": give one of them another name';
    expect(conversion).toEqual({
      ok: false,
      error: [{ code: "Duplicate", path: "address-pools[1].name", message, line: 3, column: 10 }],
    });
  });

  it.each(["123", '"  "', "pool_", "a pool", "größe"])("is refused where none can be made: %s", (name) => {
    expect(convertConfigMap(pools(name), { onlyData: true })).toMatchObject({
      ok: false,
      error: [{ path: "address-pools[0].name", message: expect.stringContaining("no name for an object") as string }],
    });
  });
});

describe("an issue", () => {
  const text = `peers:
- my-asn: 64512
  peer-asn: 64501
  peer-address: 198.51.100.1000
  hold-time: 1s
address-pools:
- name: a
  protocol: bgp
  addresses:
  - 192.0.2.0/24
  - 192.0.2.300/32
  bgp-advertisements:
  - aggregation-length: 16
    communities: [other, 65000:1, 65000:1]
- name: b
  protocol: layer2
  addresses: [192.0.2.128/25]
bgp-communities:
  x: 65536:1
`;
  const expected = [
    "peers[0].peer-address 4:17",
    "peers[0].hold-time 5:14",
    "address-pools[0].addresses[1] 11:5",
    "address-pools[0].bgp-advertisements[0].aggregation-length 13:25",
    "address-pools[0].bgp-advertisements[0].communities[0] 14:19",
    "address-pools[0].bgp-advertisements[0].communities[2] 14:35",
    "address-pools[1].addresses[0] 17:15",
    "bgp-communities.x 19:6",
  ];
  const told = (conversion: ReturnType<typeof convertConfigMap>, lines: number, columns: number): readonly string[] =>
    conversion.ok
      ? []
      : conversion.error.map(({ path, line, column }) => `${path} ${(line ?? 0) - lines}:${(column ?? 0) - columns}`);

  it("is told by its path, line and column, all at once", () => {
    expect(told(convertConfigMap(text, { onlyData: true }), 0, 0)).toEqual(expect.arrayContaining(expected));
  });

  it("is told by its line and column in the manifest", () => {
    expect(told(convertConfigMap(configMap(text)), 7, 4)).toEqual(expect.arrayContaining(expected));
  });

  it("is told without them where the text is not written line by line", () => {
    const conversion = convertConfigMap(JSON.stringify({ kind: "ConfigMap", data: { config: text } }));
    expect(told(conversion, 0, 0)).toContain("peers[0].hold-time 0:0");
  });
});
