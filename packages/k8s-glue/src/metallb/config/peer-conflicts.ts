import { byAge } from "@herald-lb/k8s-glue/objects";
import type { BgpPeerConfiguration } from "./configuration.ts";
import { IssueCollector } from "./issue-collector.ts";
import type { ConfigIssue } from "./issue.ts";
import { SelectedIndex } from "./selected-index.ts";
import { selectorsOverlap } from "./selectors-overlap.ts";

/**
 * The peers without those that conflict with an older one: a node has one session with a router from one address. Of two equal
 * peers for one node, the router would close one session for the other; two with different AS numbers may be intended, which is
 * noted.
 */
export function withoutConflictingPeers(
  peers: readonly BgpPeerConfiguration[],
  issues: ConfigIssue[],
): readonly BgpPeerConfiguration[] {
  const kept = new Set<BgpPeerConfiguration>();
  const serving = new Map<string, SelectedIndex<BgpPeerConfiguration>>();
  for (const peer of peers.toSorted((a, b) => byAge(a.object, b.object))) {
    const report = new IssueCollector(peer.object, issues);
    const atSameEnds = serving.get(endsOf(peer)) ?? new SelectedIndex();
    serving.set(endsOf(peer), atSameEnds);
    const rivals = [...atSameEnds.candidates(peer.nodeSelectors)]
      .filter((older) => selectorsOverlap(older.nodeSelectors, peer.nodeSelectors))
      .toSorted((a, b) => byAge(a.object, b.object));
    const same = rivals.find((older) => numbersOf(older) === numbersOf(peer));
    const [other] = rivals;
    if (same !== undefined) {
      const message = `peer "${same.name}", which is older, is the same session on nodes that both select; that one is used`;
      report.reject("spec", "Duplicate", message, { peer: same.name });
      continue;
    }
    if (other !== undefined) {
      const message = `peer "${other.name}", which is older, is the same router on nodes that both select; the router may accept one session only`;
      report.note("spec.peerAddress", "SameRouter", message, { peer: other.name });
    }
    atSameEnds.add(peer, peer.nodeSelectors);
    kept.add(peer);
  }
  return peers.filter((peer) => kept.has(peer));
}

function endsOf({ config }: BgpPeerConfiguration): string {
  const { address, prefix, port, sourceAddress, interface: link, vrf } = config;
  return JSON.stringify([address ?? prefix ?? null, port, sourceAddress ?? null, link ?? null, vrf ?? null]);
}

function numbersOf({ config: { peerAs, localAs } }: BgpPeerConfiguration): string {
  return JSON.stringify([peerAs, localAs]);
}
