import { factsOf } from "@herald-lb/arp-responder";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { node, object, service, slice } from "./announce-objects.test.fixture.ts";
import { announcementRequestsOf } from "./announcement-requests.ts";
import { type L2Announcement, l2AnnouncementOf } from "./announcements.ts";
import { noAvoidedNodes } from "./avoided-nodes.ts";
import { explainAnnouncements } from "./explain-announcements.ts";
import { simulateNodesDown } from "./simulate-nodes-down.ts";
import { Speakers } from "./speakers.test.fixture.ts";

const NAMES = Array.from({ length: 30 }, (_, at) => `node-${String(at).padStart(2, "0")}`);
const DOWN = ["node-03", "node-14", "node-27"];
const nodes = new Map(NAMES.map((name, at) => [name, node(name, { zone: at % 3 === 0 ? "a" : "b" })]));

/** Service number `at`: mostly IPv4, some dual-stack, some that share an address. */
function numbered(at: number): Service {
  const { metadata, ...rest } = service({
    ips:
      at % 10 === 9
        ? [`192.0.${at >> 8}.${at & 255}`, `2001:db8::${at.toString(16)}`]
        : at % 50 === 8
          ? [`2001:db8::${(at + 1).toString(16)}`]
          : [`192.0.${at >> 8}.${at & 255}`],
    spec: at % 7 === 0 ? { externalTrafficPolicy: "Local" } : {},
  });
  return { ...rest, metadata: { ...metadata, name: `s${at}`, uid: `${at}` } };
}
const services = Array.from({ length: 500 }, (_, at) => numbered(at));
const holdersOf = (ip: string): readonly Service[] =>
  services.filter(({ status }) => status?.loadBalancer?.ingress?.some((each) => each.ip === ip) === true);
const sharersOf = (of: Service): readonly Service[] =>
  (of.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => holdersOf(ip ?? "")).filter((other) => other !== of);

/** The announcements of all Services by an L2Advertisement of these fields. */
function announcementsBy(spec: object): readonly L2Announcement[] {
  const configuration = readConfiguration([
    object("IPAddressPool", "p", { addresses: ["192.0.0.0/16", "2001:db8::/64"] }),
    object("L2Advertisement", "ad", spec),
  ]);
  return services.map((each, at) =>
    l2AnnouncementOf({
      service: each,
      slices: [slice(...NAMES.filter((_, other) => (other + at) % 4 === 0))],
      sharers: sharersOf(each),
      nodes,
      configuration,
      ignoreExcludeLb: false,
      avoidedNodes: noAvoidedNodes,
      loadBalancerClass: null,
    }),
  );
}

const preferred = [{ weight: 5, preference: { matchLabels: { zone: "a" } } }];

describe.each([
  { way: "MetalLB's way", spec: {} },
  { way: "spread", spec: { addressDistribution: "Spread" } },
  {
    way: "spread by family over preferred nodes, sticky",
    spec: { addressDistribution: "Spread", electionScope: "IPFamily", preferredNodeSelectors: preferred, sticky: true },
  },
])("500 Services on 30 nodes, $way", ({ spec }) => {
  it("are announced by the nodes that `explain` names, and by those that `simulate` names when three nodes are killed", () => {
    const announcements = announcementsBy(spec);
    const requests = announcements.flatMap(announcementRequestsOf);
    const speakers = new Speakers(NAMES, requests, 1);
    speakers.clock.advanceBy(1_500);
    const explanations = explainAnnouncements(announcements, factsOf(NAMES)).flatMap(({ elections }) => elections);
    expect(explanations).toHaveLength(requests.length);
    const announcers = new Map<string, string>();
    for (const { key, addresses, announcer, candidates } of explanations) {
      expect([...speakers.announcersOf(key)]).toEqual([announcer]);
      for (const address of addresses) expect(speakers.answering(address)).toEqual([announcer]);
      expect(candidates.filter(({ verdict }) => verdict.reason === "Elected").map((each) => each.node)).toEqual([
        announcer,
      ]);
      announcers.set(key, announcer ?? "");
    }

    const { takeovers, loads } = simulateNodesDown(announcements, { ...factsOf(NAMES), announcers }, DOWN);
    for (const { node: name, before } of loads) {
      const addresses = new Set(
        requests.filter(({ key }) => announcers.get(key) === name).flatMap((each) => each.addresses),
      );
      expect(before).toBe(addresses.size);
    }
    // A sticky service stays where the first death brought it, so that the order of deaths would count.
    speakers.kill(DOWN, "sticky" in spec ? "together" : "one by one");
    speakers.clock.advanceBy(3_000);
    const predicted = new Map(takeovers.map(({ key, to }) => [key, to]));
    expect(takeovers.length).toBeGreaterThan(20);
    for (const { key, addresses } of requests) {
      const to = predicted.get(key) ?? announcers.get(key);
      expect([...speakers.announcersOf(key)]).toEqual([to]);
      for (const address of addresses) expect(speakers.answering(address)).toEqual([to]);
    }
    for (const { node: name, after } of loads) {
      const held = new Set(requests.flatMap(({ addresses }) => addresses))
        .values()
        .filter((address) => speakers.answering(address).includes(name));
      expect([...held]).toHaveLength(after);
    }
  }, 300_000);
});
