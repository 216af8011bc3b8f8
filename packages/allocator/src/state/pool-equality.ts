import type { AddressRange, IpAddress } from "@herald-lb/sansio";
import { type Equality, equalFields, equalLists, withDefault } from "../equality.ts";
import type { AddressOrder, Pool, Reservation } from "../pool.ts";

const equalRanges: Equality<readonly AddressRange[]> = equalLists(
  equalFields<AddressRange>({ first: Object.is, last: Object.is }),
);

const equalReservations: Equality<readonly Reservation[]> = equalLists(
  equalFields<Reservation>({ service: Object.is, addresses: equalLists() }),
);

/** True if two pools are the same in every respect: an option that is absent equals its default. */
export const equalPools: Equality<Pool> = equalFields<Pool>({
  name: Object.is,
  ranges: equalRanges,
  avoidBuggyIPs: Object.is,
  excluded: withDefault<readonly AddressRange[]>([], equalRanges),
  reservations: withDefault<readonly Reservation[]>([], equalReservations),
  occupied: withDefault<readonly IpAddress[]>([], equalLists()),
  order: withDefault<AddressOrder>("LowestFirst"),
  coolDown: withDefault(0),
  sticky: withDefault(false),
  maxPerAccount: Object.is,
  sharedAcrossAccounts: withDefault(true),
});
