import type { Pool } from "@herald-lb/allocator";
import type { PeerConfig } from "@herald-lb/bgp-speaker";
import type { LabelSelector, ObjectRef } from "@herald-lb/k8s-glue/objects";
import type { ConfigIssue } from "./issue.ts";

/** Any of the selectors; null is everything. Within a selector all of it must match. */
export type Selectors = readonly LabelSelector[] | null;

/** Whom a pool is pinned to: `spec.serviceAllocation`. */
export interface ServiceAllocation {
  /** Lower wins; 0 comes last. */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  readonly serviceSelectors: readonly LabelSelector[];
}

/** Whose Services may request a pool, or addresses of it, by name: `spec.tenancy`. Both lists empty: everybody's. */
export interface Requesters {
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
}

/** An IPAddressPool that serves. */
export interface PoolConfiguration {
  readonly object: ObjectRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly pool: Pool;
  /** The shortest prefix that each entry of `spec.addresses` is made of, in the order of `pool.ranges`: what an aggregate may not be shorter than. */
  readonly shortestPrefixes: readonly number[];
  readonly autoAssign: boolean;
  /** Null for a pool that anybody may use. */
  readonly allocation: ServiceAllocation | null;
  /** Null for a pool that says nothing of tenancy: whoever may use it may request it. */
  readonly requesters: Requesters | null;
}

/** Which pools an advertisement is for: those named and those selected; every pool where null. */
export type PoolSelection = { readonly names: readonly string[]; readonly selectors: readonly LabelSelector[] } | null;

/** What both kinds of advertisement say about pools, nodes and services. */
export interface AdvertisementScope {
  readonly object: ObjectRef;
  readonly pools: PoolSelection;
  readonly nodeSelectors: Selectors;
  readonly serviceSelectors: Selectors;
}

/** An L2Advertisement that serves. */
export interface L2AdvertisementConfiguration extends AdvertisementScope {
  /** Names of interfaces to answer on; null is all of them. */
  readonly interfaces: readonly string[] | null;
  /** Weights of 1 to 100 for nodes that are liked better. */
  readonly preferredNodeSelectors: readonly { readonly weight: number; readonly preference: LabelSelector }[];
}

/** One community to attach: RFC 1997's 32 bits, or RFC 8092's three numbers. */
export type CommunityValue =
  | { readonly type: "Standard"; readonly value: number }
  | {
      readonly type: "Large";
      readonly globalAdministrator: number;
      readonly localDataPart1: number;
      readonly localDataPart2: number;
    };

/** A BGPAdvertisement that serves. */
export interface BgpAdvertisementConfiguration extends AdvertisementScope {
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
  /** Null where it is not set. */
  readonly localPref: number | null;
  readonly communities: readonly CommunityValue[];
  /** Names of BGPPeers; null is all of them. */
  readonly peers: readonly string[] | null;
}

/** A BGPPeer that serves. */
export interface BgpPeerConfiguration {
  readonly object: ObjectRef;
  readonly name: string;
  /** How to speak to it; the password is not in here. */
  readonly config: PeerConfig;
  readonly nodeSelectors: Selectors;
  /** In the clear or by the name of a Secret; never both. */
  readonly password: string | null;
  readonly passwordSecret: string | null;
}

/** The names that users gave to communities, of all Community objects. */
export type CommunityAliases = ReadonlyMap<string, CommunityValue>;

/** A BFDProfile that is valid. Intervals are in milliseconds; null is BFD's default. */
export interface BfdProfileConfiguration {
  readonly object: ObjectRef;
  readonly name: string;
  readonly receiveInterval: number | null;
  readonly transmitInterval: number | null;
  readonly detectMultiplier: number | null;
  readonly echoInterval: number | null;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number | null;
}

/** Everything the objects of `metallb.io` say, read once: what serves, and what is wrong. Lists are sorted by name. */
export interface Configuration {
  readonly pools: readonly PoolConfiguration[];
  readonly l2Advertisements: readonly L2AdvertisementConfiguration[];
  readonly bgpPeers: readonly BgpPeerConfiguration[];
  readonly bgpAdvertisements: readonly BgpAdvertisementConfiguration[];
  readonly communities: CommunityAliases;
  readonly bfdProfiles: readonly BfdProfileConfiguration[];
  /** All of them, in the order of kinds, names, fields. */
  readonly issues: readonly ConfigIssue[];
  /** Every object that was read, valid or not: whoever writes conditions goes through these. */
  readonly objects: readonly ObjectRef[];
}
