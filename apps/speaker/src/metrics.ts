import type { PeerSnapshot } from "@herald-lb/bgp-speaker";
import { isIpv6 } from "@herald-lb/sansio";
import { createMetrics, type Metrics } from "@herald-lb/daemon";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Counts } from "./worker/protocol.ts";

/** The speaker's metrics: MetalLB's under MetalLB's names, and Herald's own. */
export interface SpeakerMetrics extends Metrics {
  readonly announced: Gauge<"service" | "protocol" | "node" | "ip">;
  /** Sets the metrics to the worker's counters. */
  readonly count: (counts: Counts) => void;
  readonly members: Gauge;
  readonly bfdSessions: Gauge<"state">;
  readonly deathsDeclared: Counter;
  readonly pauses: Counter;
  /** The times for which dead speakers had been silent when their watchers declared them dead, in seconds. */
  readonly detection: Histogram;
  /** The times from the news of a death to the first announcement of each address taken over, in seconds. */
  readonly takeover: Histogram;
  readonly takeovers: Counter<"reason">;
  /** Connections that routers opened and the speaker refused. */
  readonly rejectedConnections: Counter<"reason">;
  /** 1 for each rival that has an address that this node is to announce. */
  readonly rivals: Gauge<"ip" | "interface" | "mac">;
  /** The clients that this node serves of an address that several nodes serve. */
  readonly clients: Gauge<"ip">;
}

/** Makes the metrics; every scrape calls `peers`. */
export function createSpeakerMetrics(peers: () => readonly PeerSnapshot[]): SpeakerMetrics {
  const metrics = createMetrics();
  const registers = [metrics.registry];
  const byIp = (name: string, help: string): Counter<"ip"> =>
    new Counter({ name, help, labelNames: ["ip"], registers });
  const byReason = (name: string, help: string): Counter<"reason"> =>
    new Counter({ name, help, labelNames: ["reason"], registers });
  const requests = byIp(
    "metallb_layer2_requests_received",
    "ARP and Neighbor Discovery requests for an announced address.",
  );
  const replies = byIp(
    "metallb_layer2_responses_sent",
    "Answers to ARP and Neighbor Discovery requests for an announced address.",
  );
  const announcements = byIp(
    "metallb_layer2_gratuitous_sent",
    "Announcements of an address that no request asked for: ARP Announcements and unsolicited Neighbor Advertisements.",
  );
  const causes = byReason(
    "herald_layer2_announcements_total",
    "Frames that announce an address, by reason: Requested, InterfaceChanged, Refresh, Defense or ClientMoved.",
  );
  const probes = byIp(
    "herald_layer2_probes_sent_total",
    "Probes for an address before it is announced: ARP Probes and Neighbor Solicitations of duplicate address detection.",
  );
  const relays = byIp(
    "herald_layer2_relays_sent_total",
    "Frames by which other speakers learn that this node serves a client of an address that several nodes serve.",
  );
  const conflicts = byIp(
    "herald_layer2_conflicts_total",
    "Frames in which another station, which is no known speaker, claims an address that this node announces.",
  );
  const ignored = byReason("herald_layer2_ignored_total", "Frames that the speaker did not answer, by reason.");
  const membershipIgnored = byReason(
    "herald_membership_ignored_total",
    "Messages of the memberlist cluster that the speaker ignored, by reason.",
  );
  const bfdIgnored = byReason("herald_bfd_ignored_total", "BFD packets that the speaker ignored, by reason.");
  for (const { name, help, value } of PEER_FIGURES) addPeerGauge(registers, peers, name, help, value);
  return {
    ...metrics,
    announced: new Gauge({
      name: "metallb_speaker_announced",
      help: "1 while this node announces the address.",
      labelNames: ["service", "protocol", "node", "ip"],
      registers,
    }),
    members: new Gauge({
      name: "herald_membership_alive",
      help: "Live members of the memberlist cluster, this speaker included.",
      registers,
    }),
    bfdSessions: new Gauge({
      name: "herald_bfd_sessions",
      help: "BFD sessions with other speakers, by state: up or down.",
      labelNames: ["state"],
      registers,
    }),
    deathsDeclared: new Counter({
      name: "herald_membership_deaths_declared_total",
      help: "Speakers that this one declared dead together with their other watchers.",
      registers,
    }),
    pauses: new Counter({
      name: "herald_layer2_pauses_total",
      help: "Times that this speaker stood still for so long that others may have taken over.",
      registers,
    }),
    detection: new Histogram({
      name: "herald_layer2_detection_seconds",
      help: "Time for which a dead speaker had been silent when this one declared it dead together with its other watchers.",
      buckets: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1, 2, 5],
      registers,
    }),
    takeover: new Histogram({
      name: "herald_layer2_takeover_seconds",
      help: "Time from the news that a speaker is dead to the first announcement of an address taken over from it.",
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1],
      registers,
    }),
    takeovers: byReason(
      "herald_layer2_takeovers_total",
      "Services that this node began to announce, by reason: Started, NodeDied, NodeLeft, LinkLost, RanksFirst, Spread, LoadSharing or CandidatesChanged.",
    ),
    rejectedConnections: byReason(
      "herald_bgp_connections_rejected_total",
      "TCP connections to the BGP port that the speaker refused, by reason: UnknownPeer, NotExpected, Idle, TooManySessions or Stopping.",
    ),
    rivals: new Gauge({
      name: "herald_layer2_rivals",
      help: "1 while another station has an address on an interface, so that this node, which is to announce it, does not.",
      labelNames: ["ip", "interface", "mac"],
      registers,
    }),
    clients: new Gauge({
      name: "herald_layer2_clients",
      help: "Clients that this node serves of an address that several nodes serve, as far as they have asked.",
      labelNames: ["ip"],
      registers,
    }),
    count(counts) {
      fill(probes, "ip", counts.probes);
      fill(relays, "ip", counts.relays);
      fill(conflicts, "ip", counts.conflicts);
      fill(requests, "ip", counts.requests);
      fill(replies, "ip", counts.replies);
      fill(announcements, "ip", counts.announcements);
      fill(causes, "reason", counts.causes);
      fill(ignored, "reason", counts.ignored);
      fill(membershipIgnored, "reason", counts.membershipIgnored);
      fill(bfdIgnored, "reason", counts.bfdIgnored);
    },
  };
}

/** The figures of each peer, under MetalLB's names where it has them. */
const PEER_FIGURES: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (peer: PeerSnapshot) => number;
}[] = [
  {
    name: "metallb_bgp_session_up",
    help: "1 while the session is Established.",
    value: ({ state }) => Number(state === "Established"),
  },
  { name: "metallb_bgp_updates_total", help: "UPDATE messages sent.", value: ({ sent }) => sent.update },
  {
    name: "metallb_bgp_announced_prefixes_total",
    help: "Prefixes announced to the peer.",
    value: ({ announcedPrefixes }) => announcedPrefixes,
  },
  {
    name: "metallb_bgp_pending_prefixes_total",
    help: "Prefixes that are for the peer and cannot be announced to it.",
    value: ({ notAnnounced }) => notAnnounced.length,
  },
  {
    name: "herald_bgp_refused_prefixes_total",
    help: "Prefixes that the peer announced, each time that it did: Herald uses none of them.",
    value: ({ refusedPrefixes }) => refusedPrefixes,
  },
  { name: "metallb_bgp_opens_sent", help: "OPEN messages sent.", value: ({ sent }) => sent.open },
  { name: "metallb_bgp_opens_received", help: "OPEN messages received.", value: ({ received }) => received.open },
  { name: "metallb_bgp_keepalives_sent", help: "KEEPALIVE messages sent.", value: ({ sent }) => sent.keepalive },
  {
    name: "metallb_bgp_keepalives_received",
    help: "KEEPALIVE messages received.",
    value: ({ received }) => received.keepalive,
  },
  {
    name: "metallb_bgp_notifications_sent",
    help: "NOTIFICATION messages sent.",
    value: ({ sent }) => sent.notification,
  },
  {
    name: "herald_bgp_notifications_received",
    help: "NOTIFICATION messages received.",
    value: ({ received }) => received.notification,
  },
];

/** Adds a gauge that every scrape sets for the peers of that moment. */
function addPeerGauge(
  registers: Registry[],
  peers: () => readonly PeerSnapshot[],
  name: string,
  help: string,
  value: (peer: PeerSnapshot) => number,
): void {
  const gauge: Gauge<"peer"> = new Gauge({
    name,
    help,
    labelNames: ["peer"],
    registers,
    collect() {
      gauge.reset();
      for (const peer of peers()) if (peer.prefix === null) gauge.set({ peer: labelOf(peer) }, value(peer));
    },
  });
}

/** Sets a counter to the counts of each label. */
function fill<Label extends string>(
  counter: Counter<Label>,
  label: Label,
  counts: Readonly<Record<string, number>>,
): void {
  counter.reset();
  for (const [key, value] of Object.entries(counts)) counter.inc({ [label]: key } as Record<Label, string>, value);
}

/** MetalLB's label of a peer: `address:port`, an IPv6 address in brackets; for an unnumbered peer the name of its interface. */
function labelOf({ address, port, interface: unnumbered }: PeerSnapshot): string {
  if (address === null || unnumbered !== null) return unnumbered ?? "";
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
