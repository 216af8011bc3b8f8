import type { IpFamily, IpPrefix } from "@herald-lb/sansio";
import type { CodecContext } from "../codec-context.ts";
import { encodeMessage } from "../message/index.ts";
import type { UpdateMessage } from "../message/update.ts";
import { familyOfPrefix, prefixOctets } from "../nlri.ts";
import type { Destination } from "./destination.ts";
import { type JournalRun, noteRoute } from "./journal.ts";
import type { LocRib } from "./loc-rib.ts";
import { releaseWithdrawal, routeIn } from "./subgroup.ts";
import type { Subgroup } from "./update-group.ts";
import { type AdvertisedRoute, announcement, withdrawal, withdrawalRoom } from "./update-packing.ts";

/** The number of destinations that are looked at together; what is left of a window for lack of company waits for the next one. */
export const WINDOW = 2_048;

/** The number of octets after which no further message is made at a time. */
export const RUN_OCTETS = 65_536;

/** UPDATE messages in a row. */
export interface UpdateRun {
  readonly octets: Uint8Array;
  /** The number of messages. */
  readonly count: number;
}

/** Messages being made. */
interface Messages {
  readonly made: Uint8Array[];
  /** Octets of all of them. */
  length: number;
}

/** Destinations that share messages of `room` octets of NLRI. */
interface Bucket {
  /** The route that is announced; null where routes are withdrawn. */
  readonly route: AdvertisedRoute | null;
  readonly room: number;
  readonly messageOf: (prefixes: readonly IpPrefix[]) => UpdateMessage;
  readonly destinations: Destination[];
}

/**
 * Makes the next UPDATE messages of a subgroup, withdrawals first; what is in them counts as told. Messages that are not full are made where
 * `isLast`, which is that nothing more is about to come, or where there are many.
 */
export function takeUpdates(rib: LocRib, subgroup: Subgroup, isLast: boolean, journal: JournalRun): UpdateRun {
  const { announce, withdraw } = subgroup;
  const run: Messages = { made: [], length: 0 };
  const send = (bucket: Bucket, from: number, to: number): void => {
    const prefixes: IpPrefix[] = [];
    for (let n = from; n < to; n++) prefixes.push((bucket.destinations[n] as Destination).prefix);
    const octets = encodeMessage(bucket.messageOf(prefixes), subgroup.group.context);
    run.made.push(octets);
    run.length += octets.length;
    for (let n = from; n < to; n++) {
      const destination = bucket.destinations[n] as Destination;
      noteRoute(journal, destination, bucket.route);
      noteTold(rib, subgroup, destination);
    }
  };
  const { context } = subgroup.group;
  sendBuckets(withdrawalBuckets(rib, subgroup), context, isLast && withdraw.size <= WINDOW, run, send);
  sendBuckets(announcementBuckets(rib, subgroup), context, isLast && announce.size <= WINDOW, run, send);
  return { octets: concatenated(run), count: run.made.length };
}

function concatenated({ made, length }: Messages): Uint8Array {
  if (made.length === 1) return made[0] as Uint8Array;
  const octets = new Uint8Array(length);
  let at = 0;
  for (const each of made) {
    octets.set(each, at);
    at += each.length;
  }
  return octets;
}

function noteTold(rib: LocRib, subgroup: Subgroup, { id }: Destination): void {
  const { announce, withdraw } = subgroup;
  const before = announce.get(id);
  if (before !== undefined) {
    if (before === null) subgroup.told++;
    announce.delete(id);
    return;
  }
  subgroup.told--;
  withdraw.delete(id);
  releaseWithdrawal(rib, id);
}

/** The first destinations to withdraw, by their families. */
function withdrawalBuckets(rib: LocRib, { withdraw, group }: Subgroup): Iterable<Bucket> {
  const buckets = new Map<IpFamily, Bucket>();
  for (const destination of windowOf(rib, withdraw)) {
    const { family } = destination;
    const bucket = buckets.get(family) ?? {
      route: null,
      room: withdrawalRoom(group.context),
      messageOf: (prefixes) => withdrawal(familyOfPrefix(destination.prefix), prefixes),
      destinations: [],
    };
    if (bucket.destinations.push(destination) === 1) buckets.set(family, bucket);
  }
  return buckets.values();
}

/** The first destinations to announce, by their attributes. */
function announcementBuckets(rib: LocRib, { announce, group }: Subgroup): Iterable<Bucket> {
  const buckets = new Map<string, Bucket>();
  let last: AdvertisedRoute | null = null;
  let bucket: Bucket | undefined;
  for (const destination of windowOf(rib, announce)) {
    const route = routeIn(group.view[destination.id]);
    if (route === null) throw new Error(`no route for ${destination.prefix}, which is to be announced`);
    if (route !== last || bucket === undefined) {
      bucket = buckets.get(route.key) ?? {
        route,
        room: route.room,
        messageOf: (prefixes) => announcement(route, prefixes),
        destinations: [],
      };
      last = route;
    }
    if (bucket.destinations.push(destination) === 1) buckets.set(route.key, bucket);
  }
  return buckets.values();
}

function windowOf(rib: LocRib, pending: ReadonlyMap<number, unknown>): readonly Destination[] {
  const destinations: Destination[] = [];
  for (const id of pending.keys()) {
    if (destinations.length === WINDOW) break;
    const destination = rib.byId[id];
    if (destination) destinations.push(destination);
  }
  return destinations;
}

/** Sends the full messages of each bucket, and the others as well where `all`, or where they are more than half of a window. */
function sendBuckets(
  buckets: Iterable<Bucket>,
  context: CodecContext,
  all: boolean,
  run: Messages,
  send: (bucket: Bucket, from: number, to: number) => void,
): void {
  const rests: (readonly [Bucket, number])[] = [];
  let left = 0;
  for (const bucket of buckets) {
    if (run.length >= RUN_OCTETS) return;
    const { destinations, room } = bucket;
    let from = 0;
    let used = 0;
    for (let at = 0; at < destinations.length && run.length < RUN_OCTETS; at++) {
      const octets = prefixOctets((destinations[at] as Destination).prefix, context);
      if (used + octets > room) {
        send(bucket, from, at);
        from = at;
        used = 0;
      }
      used += octets;
    }
    rests.push([bucket, from]);
    left += destinations.length - from;
  }
  if (!all && left <= WINDOW / 2) return;
  for (const [bucket, from] of rests) {
    if (run.length >= RUN_OCTETS) return;
    send(bucket, from, bucket.destinations.length);
  }
}
