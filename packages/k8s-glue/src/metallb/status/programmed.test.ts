import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { advertisement, object, peer, pool } from "../config/objects.test.fixture.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { wantedConfigStatus } from "./config-status.ts";
import { type LabelledNode, programmedOf } from "./programmed.ts";

const nodes: readonly LabelledNode[] = [
  { name: "a", labels: { host: "a" } },
  { name: "b", labels: { host: "b" } },
];
const namespaces = new Map([
  ["red", { team: "red" }],
  ["blue", { team: "blue" }],
]);
const on = (host: string) => ({ nodeSelectors: [{ matchLabels: { host } }] });
const pinned = (serviceAllocation: object) => pool("p", ["192.0.2.0/24"], { serviceAllocation });
const team = (name: string) => ({ namespaceSelectors: [{ matchLabels: { team: name } }] });

const good = pool("p", ["192.0.2.0/24"]);
const everywhere = object("L2Advertisement", "l2", {});
const unannounced = "no advertisement selects the pool: its addresses are assigned, but no node announces them";
const closed = "serviceAllocation names or selects no Namespace: no service may use the pool";

interface Row {
  readonly name: string;
  /** The first is the one asked about. */
  readonly objects: readonly [KubernetesObject, ...KubernetesObject[]];
  readonly expected: string;
}

const rows: readonly Row[] = [
  { name: "a pool that is announced", objects: [good, everywhere], expected: "True Allocating" },
  { name: "a pool that nobody announces", objects: [good], expected: `True Allocating: ${unannounced}` },
  {
    name: "a pool that others are announced beside",
    objects: [
      good,
      object("L2Advertisement", "l2", { ipAddressPools: ["other"] }),
      advertisement({ ipAddressPools: ["p"] }),
    ],
    expected: "True Allocating",
  },
  {
    name: "a pool that is rejected",
    objects: [pool("p", ["192.0.2.300/32"]), everywhere],
    expected: "False NotAccepted",
  },
  {
    name: "a pool of which an entry is bad",
    objects: [pool("p", ["192.0.2.300/32", "192.0.2.0/24"]), everywhere],
    expected: "True Allocating",
  },
  {
    name: "a pool for a namespace",
    objects: [pinned({ namespaces: ["red"] }), everywhere],
    expected: "True Allocating",
  },
  { name: "a pool for a team", objects: [pinned(team("blue")), everywhere], expected: "True Allocating" },
  {
    name: "a pool for a team that is not there",
    objects: [pinned(team("green")), everywhere],
    expected: `False NoNamespaceSelected: ${closed}`,
  },
  {
    name: "a pool for a namespace that is not there",
    objects: [pinned({ namespaces: ["green"] }), everywhere],
    expected: `False NoNamespaceSelected: ${closed}`,
  },
  {
    name: "a pool for a team that is not there and a namespace that is",
    objects: [pinned({ ...team("green"), namespaces: ["red"] }), everywhere],
    expected: "True Allocating",
  },
  { name: "a pool with a priority alone", objects: [pinned({ priority: 1 }), everywhere], expected: "True Allocating" },
  {
    name: "an L2Advertisement of every pool",
    objects: [everywhere, good, pool("q", ["198.51.100.0/24"])],
    expected: "True PoolsSelected: IPAddressPools: p, q",
  },
  {
    name: "an L2Advertisement without a pool",
    objects: [everywhere],
    expected: "False NoPoolSelected: the advertisement names or selects no valid IPAddressPool",
  },
  {
    name: "an L2Advertisement of a pool that does not serve",
    objects: [object("L2Advertisement", "l2", { ipAddressPools: ["bad"] }), good, pool("bad", ["192.0.2.300/32"])],
    expected: "False NoPoolSelected: the advertisement names or selects no valid IPAddressPool",
  },
  {
    name: "an L2Advertisement from a node that is not there",
    objects: [object("L2Advertisement", "l2", on("c")), good],
    expected: "False NoNodeSelected: no Node matches nodeSelectors",
  },
  {
    name: "a BGPAdvertisement",
    objects: [advertisement({}), good, peer({})],
    expected: "True PoolsSelected: IPAddressPools: p",
  },
  {
    name: "a BGPAdvertisement without a peer",
    objects: [advertisement({}), good],
    expected: "False NoPeerSelected: there is no valid BGPPeer",
  },
  {
    name: "a BGPAdvertisement to a peer that is not there",
    objects: [advertisement({ peers: ["q"] }), good, peer({})],
    expected: "False NoPeerSelected: the advertisement names no valid BGPPeer",
  },
  {
    name: "a BGPAdvertisement that is rejected",
    objects: [advertisement({ communities: ["none"] }), good, peer({})],
    expected: "False NotAccepted",
  },
  { name: "a BGPPeer", objects: [peer({})], expected: "True NodesSelected" },
  { name: "a BGPPeer of one node", objects: [peer(on("b"))], expected: "True NodesSelected" },
  {
    name: "a BGPPeer of no node",
    objects: [peer(on("c"))],
    expected: "False NoNodeSelected: no Node matches nodeSelectors",
  },
  { name: "a BGPPeer that is rejected", objects: [peer({ myASN: 0 })], expected: "False NotAccepted" },
  {
    name: "a BFDProfile that nobody uses",
    objects: [object("BFDProfile", "b", {}), peer({}), peer({ peerPort: 180, bfdProfile: "c" }, "q")],
    expected: "False NotUsed: no valid BGPPeer names the profile",
  },
  {
    name: "a BFDProfile of two peers, and of one that is rejected",
    objects: [
      object("BFDProfile", "b", {}),
      peer({ bfdProfile: "b" }),
      peer({ peerPort: 180, bfdProfile: "b" }, "q"),
      peer({ myASN: 0, bfdProfile: "b" }, "r"),
    ],
    expected: "True Used: BGPPeers: p, q",
  },
  {
    name: "a BFDProfile that is not of its schema",
    objects: [object("BFDProfile", "b", { detectMultiplier: 1 }), peer({ bfdProfile: "b" })],
    expected: "False NotAccepted",
  },
  { name: "a Community", objects: [object("Community", "c", {})], expected: "True Accepted" },
  {
    name: "a Community that is not of its schema",
    objects: [object("Community", "c", { communities: "x" })],
    expected: "False NotAccepted",
  },
];

describe("whether an object has an effect", () => {
  const say = (objects: Row["objects"], ...known: readonly [typeof nodes, typeof namespaces?]): string => {
    const configuration = readConfiguration(objects);
    const [{ metadata, kind }] = objects;
    const ref = configuration.objects.find((each) => each.name === metadata?.name && each.kind === kind);
    if (ref === undefined) throw new Error("no such object");
    const { programmed, reason, message } = programmedOf(ref, configuration, ...known);
    return `${programmed ? "True" : "False"} ${reason}${message === "" ? "" : `: ${message}`}`;
  };

  it.each(rows)("$name: $expected", ({ objects, expected }) => {
    expect(say(objects, nodes, namespaces)).toBe(expected);
  });

  it("while neither nodes nor namespaces are known: their selectors count as matching", () => {
    expect(say([peer(on("c"))], [])).toBe("True NodesSelected");
    expect(say([pinned(team("green")), everywhere], [])).toBe("True Allocating");
  });

  it("names ten pools and counts the rest", () => {
    const pools = Array.from({ length: 12 }, (_, at) =>
      pool(`p${String.fromCodePoint(97 + at)}`, [`192.0.2.${at}/32`]),
    );
    expect(say([everywhere, ...pools], nodes)).toBe(
      "True PoolsSelected: IPAddressPools: pa, pb, pc, pd, pe, pf, pg, ph, pi, pj and 2 more",
    );
  });

  it("is a condition beside Accepted", () => {
    const { objects, issues } = readConfiguration([peer(on("c"))]);
    const [ref] = objects;
    if (ref === undefined) throw new Error("no object");
    const effect = programmedOf(ref, readConfiguration([peer(on("c"))]), nodes);
    const { status } = wantedConfigStatus({ object: ref, live: null, issues, effect, now: "2026-01-01T00:00:00Z" });
    expect(status.conditions).toMatchObject([
      { type: "Accepted", status: "True" },
      { type: "Programmed", status: "False", reason: "NoNodeSelected", observedGeneration: 1 },
    ]);
  });
});
