import type { PeerSnapshot } from "@herald-lb/bgp-speaker";
import { describe, expect, it } from "vitest";
import { createSpeakerMetrics } from "./metrics.ts";

const NONE = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };
const peer = (facts: Partial<PeerSnapshot>): PeerSnapshot =>
  ({
    name: "router",
    address: "192.0.2.1",
    port: 179,
    interface: null,
    prefix: null,
    state: "Established",
    sent: { ...NONE, open: 1, update: 2, keepalive: 3, notification: 4 },
    received: { ...NONE, open: 5, keepalive: 6, notification: 7 },
    refusedPrefixes: 0,
    announcedPrefixes: 8,
    notAnnounced: ["198.51.100.0/24"],
    ...facts,
  }) as PeerSnapshot;

async function linesOf(peers: readonly PeerSnapshot[], prefix: string): Promise<readonly string[]> {
  const { text } = await createSpeakerMetrics(() => peers).exposition();
  return text.split("\n").filter((line) => line.startsWith(prefix));
}

describe("createSpeakerMetrics", () => {
  it("shows every figure of a peer under MetalLB's names", async () => {
    expect(await linesOf([peer({})], "metallb_bgp")).toEqual([
      'metallb_bgp_session_up{peer="192.0.2.1:179"} 1',
      'metallb_bgp_updates_total{peer="192.0.2.1:179"} 2',
      'metallb_bgp_announced_prefixes_total{peer="192.0.2.1:179"} 8',
      'metallb_bgp_pending_prefixes_total{peer="192.0.2.1:179"} 1',
      'metallb_bgp_opens_sent{peer="192.0.2.1:179"} 1',
      'metallb_bgp_opens_received{peer="192.0.2.1:179"} 5',
      'metallb_bgp_keepalives_sent{peer="192.0.2.1:179"} 3',
      'metallb_bgp_keepalives_received{peer="192.0.2.1:179"} 6',
      'metallb_bgp_notifications_sent{peer="192.0.2.1:179"} 4',
    ]);
    expect(await linesOf([peer({})], "herald_bgp")).toEqual([
      'herald_bgp_refused_prefixes_total{peer="192.0.2.1:179"} 0',
      'herald_bgp_notifications_received{peer="192.0.2.1:179"} 7',
    ]);
  });

  it("shows 0 for a session in any other state, and brackets an IPv6 address", async () => {
    const lines = await linesOf(
      [peer({ state: "OpenConfirm", address: "2001:db8::1" as PeerSnapshot["address"] })],
      "metallb_bgp_session_up{",
    );
    expect(lines).toEqual(['metallb_bgp_session_up{peer="[2001:db8::1]:179"} 0']);
  });

  it("drops the figures of a peer that is gone", async () => {
    let peers: readonly PeerSnapshot[] = [peer({})];
    const metrics = createSpeakerMetrics(() => peers);
    await metrics.exposition();
    peers = [];
    expect((await metrics.exposition()).text).not.toContain('peer="');
  });

  it("takes the worker's counters as they are, not on top of the last ones", async () => {
    const metrics = createSpeakerMetrics(() => []);
    const counts = {
      requests: { "198.51.100.1": 2 },
      replies: { "198.51.100.1": 1 },
      announcements: {},
      causes: { Refresh: 7 },
      probes: { "198.51.100.2": 3 },
      relays: { "198.51.100.3": 6 },
      conflicts: { "198.51.100.1": 5 },
      ignored: { NotAnnounced: 3 },
      membershipIgnored: { BadLabel: 4 },
      bfdIgnored: { BadDigest: 2 },
    };
    metrics.count(counts);
    metrics.count(counts);
    const { text } = await metrics.exposition();
    expect(text).toContain('metallb_layer2_requests_received{ip="198.51.100.1"} 2');
    expect(text).toContain('herald_layer2_relays_sent_total{ip="198.51.100.3"} 6');
    expect(text).toContain('metallb_layer2_responses_sent{ip="198.51.100.1"} 1');
    expect(text).toContain('herald_layer2_announcements_total{reason="Refresh"} 7');
    expect(text).toContain('herald_layer2_probes_sent_total{ip="198.51.100.2"} 3');
    expect(text).toContain('herald_layer2_conflicts_total{ip="198.51.100.1"} 5');
    expect(text).toContain('herald_layer2_ignored_total{reason="NotAnnounced"} 3');
    expect(text).toContain('herald_membership_ignored_total{reason="BadLabel"} 4');
  });
});
