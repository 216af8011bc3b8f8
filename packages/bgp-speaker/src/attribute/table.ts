import type { Aggregator, As4Aggregator } from "./aggregator.ts";
import type { As4Path, AsPath } from "./as-path.ts";
import type { AtomicAggregate } from "./atomic-aggregate.ts";
import type { ClusterList } from "./cluster-list.ts";
import type { Communities } from "./communities.ts";
import type { ExtendedCommunities } from "./extended-communities.ts";
import type { LargeCommunities } from "./large-communities.ts";
import type { LocalPref } from "./local-pref.ts";
import type { MpReachNlri, MpReachOpaque } from "./mp-reach-nlri.ts";
import type { MpUnreachNlri, MpUnreachOpaque } from "./mp-unreach-nlri.ts";
import type { MultiExitDisc } from "./multi-exit-disc.ts";
import type { NextHop } from "./next-hop.ts";
import type { OnlyToCustomer } from "./only-to-customer.ts";
import type { Origin } from "./origin.ts";
import type { OriginatorId } from "./originator-id.ts";
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
  | LargeCommunities
  | OnlyToCustomer;

/** A path attribute of RFC 4271 §4.3. */
export type PathAttribute = KnownAttribute | UnknownAttribute;

/** The attribute named `Type`. */
export type AttributeOf<Type extends PathAttribute["type"]> = Extract<PathAttribute, { readonly type: Type }>;
