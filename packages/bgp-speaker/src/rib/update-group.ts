import type { CodecContext } from "../codec-context.ts";
import type { Family } from "../family.ts";
import type { OutboundSession } from "./outbound-route.ts";
import type { RouteAttributes } from "./route-attributes.ts";
import type { NotAnnouncedReason } from "./route.ts";
import type { AdvertisedRoute } from "./update-packing.ts";

/** The outcome of one destination for one group: a route, the reason why there is none, or null where nobody wants it. */
export type ViewEntry = AdvertisedRoute | NotAnnouncedReason | null;

/**
 * The peers that are told one and the same: equal sessions, and every wanted route is for all of them or for none. What they are to be told is worked
 * out once. Changed in place.
 */
export interface UpdateGroup {
  /** Equal for equal sessions. */
  readonly sessionKey: string;
  readonly session: OutboundSession;
  readonly context: CodecContext;
  /** By family, what becomes of a route's attributes in such a session. */
  readonly routes: {
    readonly IPv4: Map<RouteAttributes, Exclude<ViewEntry, null>>;
    readonly IPv6: Map<RouteAttributes, Exclude<ViewEntry, null>>;
  };
  /** By the id of a destination. */
  readonly view: ViewEntry[];
  /** Destinations from this id on are not in the view yet; Infinity once all are. */
  viewEnd: number;
  /** The number of reasons in the view. */
  refusals: number;
  readonly subgroups: Set<Subgroup>;
  /** A subgroup that others join once nothing is pending for either. */
  inStep: Subgroup | null;
}

/**
 * The members of a group that have been told one and the same so far: their octets are made once. A member that is fed more slowly than the
 * others, or asks for everything again, gets a subgroup of its own until it has caught up. Changed in place.
 */
export interface Subgroup {
  group: UpdateGroup;
  /** The names of peers, all of them Established. */
  readonly members: Set<string>;
  /** The pass through all destinations that is under way. */
  pass: Pass | null;
  /** Families to be told again after it. */
  readonly refreshes: Family[];
  /**
   * By the id of a destination, the route that was told last, where another or none is wanted by now; null where nothing was told. For all other
   * destinations the view is what was told.
   */
  readonly announce: Map<number, AdvertisedRoute | null>;
  readonly withdraw: Map<number, AdvertisedRoute>;
  /** The number of destinations of which the members hold a route. */
  told: number;
}

/** A pass through all destinations: the whole table for a new session, or a family of it again for a ROUTE-REFRESH. */
export interface Pass {
  readonly purpose: "initial" | "refresh";
  /** Null for all families. */
  readonly family: Family | null;
  /** The id of the next destination; Infinity behind the last one. */
  at: number;
}

/** A group without members for sessions such as `session`. */
export function createUpdateGroup(sessionKey: string, session: OutboundSession): UpdateGroup {
  const { fourOctetAs, families, maxMessageLength, addPath, internal } = session;
  return {
    sessionKey,
    session,
    context: { fourOctetAs, families, maxMessageLength, addPath, peer: internal ? "internal" : "external" },
    routes: { IPv4: new Map(), IPv6: new Map() },
    view: [],
    viewEnd: 0,
    refusals: 0,
    subgroups: new Set(),
    inStep: null,
  };
}

/** A subgroup of `group` that was told nothing. */
export function createSubgroup(group: UpdateGroup): Subgroup {
  const subgroup: Subgroup = {
    group,
    members: new Set(),
    pass: { purpose: "initial", family: null, at: 0 },
    refreshes: [],
    announce: new Map(),
    withdraw: new Map(),
    told: 0,
  };
  group.subgroups.add(subgroup);
  return subgroup;
}
