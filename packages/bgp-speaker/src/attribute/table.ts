import { type Aigp, aigp } from "./aigp.ts";
import { type Aggregator, aggregator } from "./aggregator.ts";
import { type As4Aggregator, as4Aggregator } from "./as4-aggregator.ts";
import { type As4Path, as4Path } from "./as4-path.ts";
import { type AsPath, asPath } from "./as-path.ts";
import { type AtomicAggregate, atomicAggregate } from "./atomic-aggregate.ts";
import type { AttributeCodec } from "./attribute-codec.ts";
import { type ClusterList, clusterList } from "./cluster-list.ts";
import { type Communities, communities } from "./communities.ts";
import { type ExtendedCommunities, extendedCommunities } from "./extended-communities.ts";
import { type Ipv6ExtendedCommunities, ipv6ExtendedCommunities } from "./ipv6-extended-communities.ts";
import { type LargeCommunities, largeCommunities } from "./large-communities.ts";
import { type LocalPref, localPref } from "./local-pref.ts";
import { type MpReachNlri, mpReachNlri, type MpReachOpaque } from "./mp-reach-nlri.ts";
import { type MpUnreachNlri, mpUnreachNlri, type MpUnreachOpaque } from "./mp-unreach-nlri.ts";
import { type MultiExitDisc, multiExitDisc } from "./multi-exit-disc.ts";
import { type NextHop, nextHop } from "./next-hop.ts";
import { type OnlyToCustomer, onlyToCustomer } from "./only-to-customer.ts";
import { type Origin, origin } from "./origin.ts";
import { type OriginatorId, originatorId } from "./originator-id.ts";
import type { UnknownAttribute } from "./unknown-attribute.ts";

/** An attribute that is read, named by `type` as IANA names it. */
export type KnownAttribute =
  | Origin
  | AsPath
  | NextHop
  | MultiExitDisc
  | LocalPref
  | AtomicAggregate
  | Aggregator
  | Communities
  | OriginatorId
  | ClusterList
  | MpReachNlri
  | MpReachOpaque
  | MpUnreachNlri
  | MpUnreachOpaque
  | ExtendedCommunities
  | As4Path
  | As4Aggregator
  | Ipv6ExtendedCommunities
  | Aigp
  | LargeCommunities
  | OnlyToCustomer;

/** A path attribute of RFC 4271 §4.3. */
export type PathAttribute = KnownAttribute | UnknownAttribute;

/** The attribute named `Type`. */
export type AttributeOf<Type extends PathAttribute["type"]> = Extract<PathAttribute, { readonly type: Type }>;

/** Every attribute that is read; a member of `KnownAttribute` without a row does not compile. */
export const attributeCodecs: { readonly [Type in KnownAttribute["type"]]: AttributeCodec<AttributeOf<Type>> } = {
  ORIGIN: origin,
  AS_PATH: asPath,
  NEXT_HOP: nextHop,
  MULTI_EXIT_DISC: multiExitDisc,
  LOCAL_PREF: localPref,
  ATOMIC_AGGREGATE: atomicAggregate,
  AGGREGATOR: aggregator,
  COMMUNITIES: communities,
  ORIGINATOR_ID: originatorId,
  CLUSTER_LIST: clusterList,
  MP_REACH_NLRI: mpReachNlri,
  MP_UNREACH_NLRI: mpUnreachNlri,
  EXTENDED_COMMUNITIES: extendedCommunities,
  AS4_PATH: as4Path,
  AS4_AGGREGATOR: as4Aggregator,
  IPV6_EXTENDED_COMMUNITIES: ipv6ExtendedCommunities,
  AIGP: aigp,
  LARGE_COMMUNITY: largeCommunities,
  ONLY_TO_CUSTOMER: onlyToCustomer,
};

/** The rows by `type`; a Map is quicker than a property whose name varies. */
export const codecByType: ReadonlyMap<PathAttribute["type"], AttributeCodec<KnownAttribute>> = new Map(
  Object.entries(attributeCodecs) as [KnownAttribute["type"], AttributeCodec<KnownAttribute>][],
);

/** The rows by Attribute Type Code; undefined where an attribute is not read. */
export const codecByTypeCode: readonly (AttributeCodec<KnownAttribute> | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => Object.values(attributeCodecs).find((codec) => codec.code === code),
);
