import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathText } from "./old-config-issue.ts";
import { parseOldConfiguration } from "./parse-old-configuration.ts";

const pool = "address-pools: [{name: a, protocol: layer2, addresses: [192.0.2.0/28]}]\n";
const peer = (more: string): string => `peers: [{my-asn: 64512, peer-asn: 64501, peer-address: 198.51.100.1${more}}]\n`;

const invalid: readonly { name: string; text: string; path: string; message: string; at?: string }[] = [
  {
    name: "an unknown section",
    text: "address-pool: []\n",
    path: "address-pool",
    message: 'write "address-pools"',
    at: "1:1",
  },
  {
    name: "an unknown key of a peer",
    text: peer(", colour: red"),
    path: "peers[0].colour",
    message: "one of my-asn, peer-asn",
    at: "1:70",
  },
  {
    name: "the sample's bfdProfile",
    text: peer(", bfdProfile: full"),
    path: "peers[0].bfdProfile",
    message: 'the sample that MetalLB shipped spells it so, and its own strict reading refuses it; write "bfd-profile"',
  },
  {
    name: "a field of the CRDs",
    text: peer(", holdTime: 3s"),
    path: "peers[0].holdTime",
    message: 'write "hold-time"',
  },
  {
    name: "an unknown key of a selector",
    text: peer(", node-selectors: [{matchLabels: {a: b}}]"),
    path: "peers[0].node-selectors[0].matchLabels",
    message: 'write "match-labels"',
  },
  {
    name: "an unknown operator",
    text: peer(", node-selectors: [{match-expressions: [{key: a, operator: Is}]}]"),
    path: "peers[0].node-selectors[0].match-expressions[0].operator",
    message: "one of In, NotIn, Exists, DoesNotExist",
  },
  {
    name: "no number of the own autonomous system",
    text: "peers: [{peer-asn: 1, peer-address: 192.0.2.1}]",
    path: "peers[0].my-asn",
    message: "number is missing",
  },
  {
    name: "the number 0",
    text: "peers: [{my-asn: 0, peer-asn: 1, peer-address: 192.0.2.1}]",
    path: "peers[0].my-asn",
    message: "from 1 to 4294967295",
  },
  {
    name: "a number in quotes",
    text: peer(', peer-port: "179"'),
    path: "peers[0].peer-port",
    message: "write it without quotes",
  },
  {
    name: "a number to the base of 60",
    text: peer(", peer-port: 1:30"),
    path: "peers[0].peer-port",
    message: "number is needed, not 1:30",
  },
  {
    name: "text for a boolean",
    text: peer(', ebgp-multihop: "true"'),
    path: "peers[0].ebgp-multihop",
    message: "true or false is needed",
  },
  {
    name: "a profile that is not there",
    text: peer(", bfd-profile: full"),
    path: "peers[0].bfd-profile",
    message: '"full" is not the name of a profile in bfd-profiles',
  },
  {
    name: "no protocol",
    text: "address-pools: [{name: a, addresses: [192.0.2.0/28]}]",
    path: "address-pools[0].protocol",
    message: "one of layer2, bgp is needed, not nothing",
  },
  {
    name: "another protocol",
    text: "address-pools: [{name: a, protocol: arp, addresses: [192.0.2.0/28]}]",
    path: "address-pools[0].protocol",
    message: 'one of layer2, bgp is needed, not "arp"',
  },
  {
    name: "no name",
    text: "address-pools: [{name: '', protocol: bgp, addresses: [192.0.2.0/28]}]",
    path: "address-pools[0].name",
    message: "name is missing",
  },
  {
    name: "no addresses",
    text: "address-pools: [{name: a, protocol: bgp}]",
    path: "address-pools[0].addresses",
    message: "list is missing",
  },
  {
    name: "one name for two pools",
    text: `${pool.trimEnd().slice(0, -1)}, {name: a, protocol: bgp, addresses: [198.51.100.0/28]}]`,
    path: "address-pools[1].name",
    message: 'name "a" is the name of an earlier entry',
  },
  {
    name: "advertisements of a layer2 pool",
    text: "address-pools: [{name: a, protocol: layer2, addresses: [192.0.2.0/28], bgp-advertisements: [{localpref: 1}]}]",
    path: "address-pools[0].bgp-advertisements",
    message: "are for pools of protocol bgp",
  },
  {
    name: "an advertisement twice",
    text: "address-pools: [{name: a, protocol: bgp, addresses: [192.0.2.0/28], bgp-advertisements: [{localpref: 0}, {aggregation-length: 32}]}]",
    path: "address-pools[0].bgp-advertisements[1]",
    message: "repeats an earlier one",
  },
  {
    name: "a key twice",
    text: "address-pools:\n- name: a\n  protocol: layer2\n  protocol: bgp\n  addresses: []\n",
    path: "address-pools[0].protocol",
    message: 'key "protocol" appears twice',
    at: "4:3",
  },
  {
    name: "a section twice",
    text: "peers: []\npeers: []\n",
    path: "peers",
    message: 'key "peers" appears twice',
    at: "2:1",
  },
  { name: "a mapping for a list", text: "peers: {}", path: "peers", message: "list is needed, not a mapping" },
  { name: "a list for the whole", text: "- peers", path: "", message: "mapping is needed" },
  { name: "a peer that is text", text: "peers: [here]", path: "peers[0]", message: 'mapping is needed, not "here"' },
  {
    name: "a community that is a list",
    text: "bgp-communities: {a: [1]}",
    path: "bgp-communities.a",
    message: "a community is needed, for example 65000:100",
  },
  { name: "a second document", text: `${pool}---\n${pool}`, path: "", message: "second document", at: "3:1" },
];

describe("the old configuration", () => {
  it.each(invalid)("with $name has this one issue", ({ text, path, message, at }) => {
    const parsed = parseOldConfiguration(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { issues } = parsed.value;
    expect(issues.map((issue) => pathText(issue.path))).toEqual([path]);
    expect(issues[0]?.message).toContain(message);
    if (at !== undefined) expect(`${issues[0]?.position?.line}:${issues[0]?.position?.column}`).toBe(at);
  });

  it("that is no YAML is told where it ends to be one", () => {
    const parsed = parseOldConfiguration("peers:\n- my-asn: [\n");
    expect(parsed).toMatchObject({ ok: false, error: { code: "SchemaViolation", path: [], position: { line: 3 } } });
  });

  it("takes what YAML takes for numbers and truths as text where text is wanted", () => {
    const parsed = parseOldConfiguration(`${peer(", password: 0123, hold-time: 0")}bgp-communities: {on: 65000:30}`);
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        issues: [],
        peers: [{ value: { password: "0123", "hold-time": "0" } }],
        aliases: [{ value: { name: "on", value: "65000:30" } }],
      },
    });
  });

  it("takes YAML 1.1's words for truths, anchors, merges, and keys without a value", () => {
    const text = `address-pools:
- &base {name: a, protocol: layer2, addresses: [192.0.2.0/28], auto-assign: no}
- <<: *base
  name: b
  addresses: [192.0.2.16/28]
  avoid-buggy-ips: On
  bgp-advertisements:
`;
    const parsed = parseOldConfiguration(text);
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        issues: [],
        pools: [{}, { value: { protocol: "layer2", "auto-assign": false, "avoid-buggy-ips": true } }],
      },
    });
  });

  it.each([
    { name: "empty", text: "" },
    { name: "a comment", text: "# nothing\n" },
    { name: "sections without a value", text: "peers:\naddress-pools:\n" },
  ])("that is $name has no entries and no issue", ({ text }) => {
    expect(parseOldConfiguration(text)).toMatchObject({
      ok: true,
      value: { issues: [], peers: [], pools: [], incomplete: false },
    });
  });

  const hostile = [
    { name: "nested twenty thousand deep", text: `peers: ${"[".repeat(20_000)}` },
    { name: "a mapping in a mapping in a mapping", text: `peers: ${"{a: ".repeat(5_000)}` },
    { name: "nested and closed", text: `peers: ${"[".repeat(5_000)}${"]".repeat(5_000)}` },
    {
      name: "aliases of aliases",
      text: `a: &a [x]\n${[..."bcdefghijk"].map((name, at) => `${name}: &${name} [${`*${"abcdefghijk"[at]}, `.repeat(9)}]`).join("\n")}`,
    },
    { name: "a merge of nothing", text: "<<: " },
    { name: "a key that every object has", text: "__proto__: {peers: []}\nconstructor: 1" },
  ];
  it.each(hostile)("is an issue and no crash: $name", ({ text }) => {
    const parsed = parseOldConfiguration(text);
    expect(parsed.ok ? parsed.value.issues.length : 1).toBeGreaterThan(0);
  });

  it("never throws, whatever the text", () => {
    const fragment = fc.constantFrom(
      "peers:",
      "- ",
      "address-pools:",
      "\n",
      "  ",
      "name: a",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "<<: ",
      ": ",
      "? ",
      "---\n",
      "|",
      "'",
      '"',
      "!!set ",
      "!!binary ",
      "2001-01-01",
      "~",
      "my-asn: 1",
      "bgp-communities:",
      "a: b",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (each) => void parseOldConfiguration(each)),
      { numRuns: 2000 },
    );
  });
});
