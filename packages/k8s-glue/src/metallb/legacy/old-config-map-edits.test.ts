import { describe, expect, it } from "vitest";
import { isUnknown } from "./is-unknown.ts";
import { issuesOf, live, nodePeers, object, peer, pool, rangesOf, two } from "./old-config-map.test.fixture.ts";

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
