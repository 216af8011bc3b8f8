import { type KubernetesObject, type ObjectRef, refOf } from "@herald-lb/k8s-glue/objects";
import type { z } from "zod";
import { bfdProfileSpec } from "../crd/bfd-profile.ts";
import { bgpAdvertisementSpec } from "../crd/bgp-advertisement.ts";
import { bgpPeerSpec, bgpPeerV1Beta1Spec } from "../crd/bgp-peer.ts";
import { communitySpec } from "../crd/community.ts";
import { ipAddressPoolSpec } from "../crd/ip-address-pool.ts";
import { l2AdvertisementSpec } from "../crd/l2-advertisement.ts";
import { noteConflicts, noteRepeated, noteUnknownNames } from "./advertisement-notes.ts";
import type { Configuration } from "./configuration.ts";
import { type HostAddresses, noHostAddresses } from "./host-addresses.ts";
import type { ConfigIssue } from "./issue.ts";
import { parseObjects, type ReadObject } from "./parse-object.ts";
import { withoutConflictingPeers } from "./peer-conflicts.ts";
import { readBgpAdvertisements, readL2Advertisements } from "./read-advertisements.ts";
import { readBfdProfiles } from "./read-bfd-profiles.ts";
import { readCommunities } from "./read-communities.ts";
import { readPeers } from "./read-peers.ts";
import { readPools } from "./read-pools.ts";

const order: readonly string[] = [
  "IPAddressPool",
  "L2Advertisement",
  "BGPPeer",
  "BGPAdvertisement",
  "BFDProfile",
  "Community",
];

/**
 * Reads the objects of `metallb.io` that configure something; other objects are skipped. Each object is judged alone: an invalid
 * one does not stop the valid ones. Pools are compared with `hostAddresses`.
 */
export function readConfiguration(
  objects: Iterable<KubernetesObject>,
  hostAddresses: HostAddresses = noHostAddresses,
): Configuration {
  const ours = [...objects].filter(
    ({ apiVersion = "", kind = "" }) => apiVersion.startsWith("metallb.io/") && order.includes(kind),
  );
  const sorted = ours.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const issues: ConfigIssue[] = [];
  const read = <Spec>(kind: string, schema: z.ZodType<Spec>, version?: string): readonly ReadObject<Spec>[] => {
    const chosen = sorted.filter(
      (object) => object.kind === kind && (version === undefined || object.apiVersion === version),
    );
    return parseObjects(chosen, schema, issues);
  };
  const namesOf = (kind: string): ReadonlySet<string> =>
    new Set(sorted.filter((object) => object.kind === kind).map(nameOf));
  const communities = readCommunities(read("Community", communitySpec));
  const pools = readPools(read("IPAddressPool", ipAddressPoolSpec), hostAddresses);
  const peers = [
    ...read("BGPPeer", bgpPeerSpec, "metallb.io/v1beta2"),
    ...read("BGPPeer", bgpPeerV1Beta1Spec, "metallb.io/v1beta1"),
  ];
  const bfdProfiles = readBfdProfiles(read("BFDProfile", bfdProfileSpec));
  const bgpPeers = withoutConflictingPeers(readPeers(peers, bfdProfiles, namesOf("BFDProfile")), issues);
  const l2Advertisements = readL2Advertisements(read("L2Advertisement", l2AdvertisementSpec));
  const bgpAdvertisements = readBgpAdvertisements(read("BGPAdvertisement", bgpAdvertisementSpec), pools, communities);
  const known = { pools: namesOf("IPAddressPool"), peers: namesOf("BGPPeer") };
  for (const advertisement of l2Advertisements) noteUnknownNames(advertisement, known, [], issues);
  for (const advertisement of bgpAdvertisements) {
    noteUnknownNames(advertisement, known, advertisement.peers ?? [], issues);
  }
  noteRepeated(l2Advertisements, issues);
  noteRepeated(bgpAdvertisements, issues);
  noteConflicts(bgpAdvertisements, pools, issues);
  return {
    pools,
    l2Advertisements,
    bgpPeers,
    bgpAdvertisements,
    communities,
    bfdProfiles,
    issues: issues.toSorted((a, b) => compareRefs(a.object, b.object)),
    objects: sorted.map(refOf),
  };
}

function compareRefs(a: ObjectRef, b: ObjectRef): number {
  if (a.kind !== b.kind) return order.indexOf(a.kind) - order.indexOf(b.kind);
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}

function nameOf(object: KubernetesObject): string {
  return object.metadata?.name ?? "";
}
