import type { z } from "zod";
import { bfdProfileSpec } from "../crd/bfd-profile.ts";
import { bgpAdvertisementSpec } from "../crd/bgp-advertisement.ts";
import { bgpPeerSpec, bgpPeerV1Beta1Spec } from "../crd/bgp-peer.ts";
import { communitySpec } from "../crd/community.ts";
import { ipAddressPoolSpec } from "../crd/ip-address-pool.ts";
import { l2AdvertisementSpec } from "../crd/l2-advertisement.ts";
import type { KubernetesObject } from "../object-meta.ts";
import { refOf } from "../object-key.ts";
import type { BfdProfileConfiguration, Configuration } from "./configuration.ts";
import type { ConfigIssue } from "./issue.ts";
import { parseObjects, type ReadObject } from "./parse-object.ts";
import { readBgpAdvertisements, readL2Advertisements } from "./read-advertisements.ts";
import { readCommunities } from "./read-communities.ts";
import { readPeers } from "./read-peers.ts";
import { readPools } from "./read-pools.ts";
import { noSurroundings, type Surroundings } from "./surroundings.ts";

const kinds: ReadonlySet<string> = new Set([
  "IPAddressPool",
  "L2Advertisement",
  "BGPPeer",
  "BGPAdvertisement",
  "BFDProfile",
  "Community",
]);

/**
 * Reads every object of `metallb.io` that configures something; others are passed over. Each is judged by itself: whatever is wrong
 * with one, those that are sound serve. Pools are held against the addresses of `surroundings`.
 */
export function readConfiguration(
  objects: Iterable<KubernetesObject>,
  surroundings: Surroundings = noSurroundings,
): Configuration {
  const ours = [...objects].filter(
    ({ apiVersion = "", kind = "" }) => apiVersion.startsWith("metallb.io/") && kinds.has(kind),
  );
  const sorted = ours.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const issues: ConfigIssue[] = [];
  const read = <Spec>(kind: string, schema: z.ZodType<Spec>, version?: string): readonly ReadObject<Spec>[] => {
    const chosen = sorted.filter(
      (object) => object.kind === kind && (version === undefined || object.apiVersion === version),
    );
    return parseObjects(chosen, schema, issues);
  };
  const communities = readCommunities(read("Community", communitySpec));
  const pools = readPools(read("IPAddressPool", ipAddressPoolSpec), surroundings);
  const peers = [
    ...read("BGPPeer", bgpPeerSpec, "metallb.io/v1beta2"),
    ...read("BGPPeer", bgpPeerV1Beta1Spec, "metallb.io/v1beta1"),
  ];
  return {
    pools,
    l2Advertisements: readL2Advertisements(read("L2Advertisement", l2AdvertisementSpec)),
    bgpPeers: readPeers(peers),
    bgpAdvertisements: readBgpAdvertisements(read("BGPAdvertisement", bgpAdvertisementSpec), pools, communities),
    communities,
    bfdProfiles: read("BFDProfile", bfdProfileSpec).map(profileOf),
    issues,
    objects: sorted.map(refOf),
  };
}

function profileOf({ spec, faults }: ReadObject<z.infer<typeof bfdProfileSpec>>): BfdProfileConfiguration {
  faults.note("spec", "NotActedOn", "BFD is not supported yet");
  return {
    object: faults.object,
    name: faults.object.name,
    receiveInterval: spec.receiveInterval ?? null,
    transmitInterval: spec.transmitInterval ?? null,
    detectMultiplier: spec.detectMultiplier ?? null,
    echoInterval: spec.echoInterval ?? null,
    echoMode: spec.echoMode ?? false,
    passiveMode: spec.passiveMode ?? false,
    minimumTtl: spec.minimumTtl ?? null,
  };
}

function nameOf(object: KubernetesObject): string {
  return object.metadata?.name ?? "";
}
