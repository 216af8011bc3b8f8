import type { PeerSnapshot } from "@herald-lb/bgp-speaker";
import { isIpv6 } from "@herald-lb/sansio";
import { createMetrics, type Metrics } from "@herald-lb/daemon";
import { Counter, Gauge } from "prom-client";
import type { Counts } from "./worker/protocol.ts";

/** The speaker's metrics: MetalLB's under MetalLB's names, and Herald's own. */
export interface SpeakerMetrics extends Metrics {
  readonly announced: Gauge<"service" | "protocol" | "node" | "ip">;
  /** Sets the metrics to the worker's counters. */
  readonly count: (counts: Counts) => void;
  readonly members: Gauge;
  /** Frames in which another station claims an announced address. */
  readonly conflicts: Counter<"ip">;
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
  const ignored = byReason("herald_layer2_ignored_total", "Frames that the speaker did not answer, by reason.");
  const membershipIgnored = byReason(
    "herald_membership_ignored_total",
    "Messages of the memberlist cluster that the speaker ignored, by reason.",
  );
  const perPeer = (name: string, help: string, value: (peer: PeerSnapshot) => number): void => {
    const gauge: Gauge<"peer"> = new Gauge({
      name,
      help,
      labelNames: ["peer"],
      registers,
      collect() {
        gauge.reset();
        for (const peer of peers()) gauge.set({ peer: labelOf(peer) }, value(peer));
      },
    });
  };
  perPeer("metallb_bgp_session_up", "1 while the session is Established.", (peer) =>
    Number(peer.state === "Established"),
  );
  perPeer("metallb_bgp_updates_total", "UPDATE messages sent.", (peer) => peer.sent.update);
  perPeer("metallb_bgp_announced_prefixes_total", "Prefixes announced to the peer.", (peer) => peer.announcedPrefixes);
  perPeer(
    "metallb_bgp_pending_prefixes_total",
    "Prefixes that are for the peer and cannot be announced to it.",
    (peer) => peer.notAnnounced.length,
  );
  perPeer("metallb_bgp_opens_sent", "OPEN messages sent.", (peer) => peer.sent.open);
  perPeer("metallb_bgp_opens_received", "OPEN messages received.", (peer) => peer.received.open);
  perPeer("metallb_bgp_keepalives_sent", "KEEPALIVE messages sent.", (peer) => peer.sent.keepalive);
  perPeer("metallb_bgp_keepalives_received", "KEEPALIVE messages received.", (peer) => peer.received.keepalive);
  perPeer("metallb_bgp_notifications_sent", "NOTIFICATION messages sent.", (peer) => peer.sent.notification);
  perPeer("herald_bgp_notifications_received", "NOTIFICATION messages received.", (peer) => peer.received.notification);

  const fill = <Label extends string>(
    counter: Counter<Label>,
    label: Label,
    counts: Readonly<Record<string, number>>,
  ): void => {
    counter.reset();
    for (const [key, value] of Object.entries(counts)) counter.inc({ [label]: key } as Record<Label, string>, value);
  };
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
    conflicts: byIp(
      "herald_layer2_conflicts_total",
      "Frames in which another station claims an address that this node announces.",
    ),
    count(counts) {
      fill(requests, "ip", counts.requests);
      fill(replies, "ip", counts.replies);
      fill(announcements, "ip", counts.announcements);
      fill(ignored, "reason", counts.ignored);
      fill(membershipIgnored, "reason", counts.membershipIgnored);
    },
  };
}

/** MetalLB's label of a peer: `address:port`, an IPv6 address in brackets. */
function labelOf({ address, port }: PeerSnapshot): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
