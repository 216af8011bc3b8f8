import type { Pool } from "@herald-lb/allocator";
import type { PeerConfig } from "@herald-lb/bgp-speaker";
import type { LabelSelector, ObjectRef } from "@herald-lb/k8s-glue/objects";
import type { BgpPolicy, CommunityValue } from "./bgp-policy.ts";
import type { ConfigIssue } from "./issue.ts";

/** Selectors of which any may match; null matches everything. */
export type Selectors = readonly LabelSelector[] | null;

/** The Services that a pool is reserved for: `spec.serviceAllocation`. */
export interface ServiceAllocation {
  /** The lowest number is first; 0 is last. */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  readonly serviceSelectors: readonly LabelSelector[];
}

/** The namespaces whose Services may request a pool or its addresses by name: `spec.tenancy`. With both lists empty, every namespace. */
export interface Requesters {
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
}

/** A valid IPAddressPool. */
export interface PoolConfiguration {
  readonly object: ObjectRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly pool: Pool;
  /** The shortest prefix among the blocks of each range, in the order of `pool.ranges`: an aggregate may not be shorter. */
  readonly shortestPrefixes: readonly number[];
  readonly autoAssign: boolean;
  /** Null for a pool that every Service may use. */
  readonly allocation: ServiceAllocation | null;
  /** Null for a pool without a tenancy: every Service that may use it may request it. */
  readonly requesters: Requesters | null;
  /** True where an address that another station has is replaced by another for its Service. */
  readonly replacesConflicting: boolean;
}

/** The pools of an advertisement: the named and the selected ones; null is every pool. */
export type PoolSelection = { readonly names: readonly string[]; readonly selectors: readonly LabelSelector[] } | null;

/** The pools, nodes and Services of an advertisement of either kind. */
export interface AdvertisementScope {
  readonly object: ObjectRef;
  readonly pools: PoolSelection;
  readonly nodeSelectors: Selectors;
  readonly serviceSelectors: Selectors;
}

/** An interface by its exact name, or those whose name a regular expression matches somewhere. */
export type InterfaceSelector = string | { readonly pattern: string };

/** A valid L2Advertisement. */
export interface L2AdvertisementConfiguration extends AdvertisementScope {
  /** The interfaces to answer on, by name or by pattern; null is every interface. */
  readonly interfaces: readonly InterfaceSelector[] | null;
  /** True where an address is answered for only on those that are on its subnet. */
  readonly bySubnet: boolean;
  /** The milliseconds within which an announced address is announced again; null for never. */
  readonly refreshInterval: number | null;
  /** The ARP packets of an announcement. */
  readonly arpAnnouncementForm: "Request" | "Reply" | "Both";
  /** True where an announcer keeps its addresses when a node comes that ranks before it. */
  readonly sticky: boolean;
  /** `Probe` where the first announcement of an address waits for a probe. */
  readonly conflictPolicy: "Probe" | "Announce";
  /** `Yield` where an announced address is given up to another station that claims it. */
  readonly onConflict: "Defend" | "Yield";
  /** True where the two families of a Service are elected apart. */
  readonly perFamily: boolean;
  /** True where no node is to hold more than its share of the addresses plus one. */
  readonly spread: boolean;
  /** `PerClient` where every node serves its part of the clients. */
  readonly loadSharing: "None" | "PerClient";
  /** True where clients move at once to a node that joins. */
  readonly rebalance: boolean;
  /** Preferred nodes with weights from 1 to 100. */
  readonly preferredNodeSelectors: readonly { readonly weight: number; readonly preference: LabelSelector }[];
}

/** A valid BGPAdvertisement. */
export interface BgpAdvertisementConfiguration extends AdvertisementScope, BgpPolicy {
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
  /** Null without a value. */
  readonly localPref: number | null;
  readonly communities: readonly CommunityValue[];
  /** The names of BGPPeers; null is every peer. */
  readonly peers: readonly string[] | null;
}

/** A valid BGPPeer. */
export interface BgpPeerConfiguration {
  readonly object: ObjectRef;
  readonly name: string;
  /** The configuration of the session, without the password. */
  readonly config: PeerConfig;
  readonly nodeSelectors: Selectors;
  /** The number of prefixes that the peer takes from a node; null where it is not known. */
  readonly maxPrefixesSent: number | null;
  /** The name of the valid BFDProfile that it uses; null for none. */
  readonly bfdProfile: string | null;
  /** The password in plain text, or else the name of its Secret; never both. */
  readonly password: string | null;
  readonly passwordSecret: string | null;
}

/** The names that users give to communities, of all Community objects. */
export type CommunityAliases = ReadonlyMap<string, CommunityValue>;

/** A BFDProfile that is valid. Intervals are in milliseconds; absent fields have FRR's defaults. */
export interface BfdProfileConfiguration {
  readonly object: ObjectRef;
  readonly name: string;
  readonly receiveInterval: number;
  readonly transmitInterval: number;
  readonly detectMultiplier: number;
  readonly echoInterval: number;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number;
}

/** The configuration that the objects of `metallb.io` make up: what is valid, and all issues. Lists are sorted by name. */
export interface Configuration {
  readonly pools: readonly PoolConfiguration[];
  readonly l2Advertisements: readonly L2AdvertisementConfiguration[];
  readonly bgpPeers: readonly BgpPeerConfiguration[];
  readonly bgpAdvertisements: readonly BgpAdvertisementConfiguration[];
  readonly communities: CommunityAliases;
  readonly bfdProfiles: readonly BfdProfileConfiguration[];
  /** All issues, ordered by kind, name and field. */
  readonly issues: readonly ConfigIssue[];
  /** Every object that was read, valid or not: each of them gets conditions. */
  readonly objects: readonly ObjectRef[];
}
