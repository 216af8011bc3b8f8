import {
  createDeadlineHeap,
  type DeadlineHeap,
  familyOf,
  type Instant,
  instant,
  type IpAddress,
  type IpFamily,
  type Ipv6Address,
  ipv4ToNumber,
  ipv6ToOctets,
  isIpv6,
  type MacAddress,
  macToOctets,
} from "@herald-lb/sansio";
import { requestReplyTemplate } from "../arp/frame-layout.ts";
import type { OnConflict } from "../conflict-options.ts";
import { solicitedAdvertisementTemplate } from "../ndp/frame-layout.ts";
import { hardwareAddressNumber, ipv6AddressKey } from "../octet-numbers.ts";
import type { Interface, InterfaceIndex } from "../interface.ts";
import { answersOn, type InterfaceSelection } from "../interface-selection.ts";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import { type ActiveSharing, type Clients, createClients } from "./clients.ts";
import { type Cadence, defaultCadence } from "./cadence.ts";
import type { AnnouncementCause, ResponderEffect } from "./responder-effect.ts";

/** An interface, and what is kept ready so that a reply is a copy with a few fields filled in. */
export interface InterfaceState {
  readonly interface: Interface;
  readonly hardwareAddress: Uint8Array;
  /** An ARP reply as an Ethernet frame, its asker and addresses left open. */
  readonly replyTemplate: Uint8Array;
  /** A solicited Neighbor Advertisement as an Ethernet frame, its asker and addresses left open. */
  readonly advertisementTemplate: Uint8Array;
  /** The answer to nearly every frame of a busy segment. */
  readonly notAnnounced: readonly ResponderEffect[];
  /** The answer to a request that another node answers. */
  readonly servedByAnother: readonly ResponderEffect[];
  /** Solicited-node groups joined here, each with the number of addresses that need it. */
  readonly groups: Map<Ipv6Address, number>;
  /** The interfaces of this node that are on the same segment. */
  readonly sharesSegmentWith: Set<InterfaceIndex>;
}

/** An address on an interface on which it is announced, with the only timers it has. */
export interface ActiveAnnouncement {
  readonly address: IpAddress;
  readonly on: InterfaceIndex;
  announcementsLeft: number;
  /** The time of the next announcement; null after the last. */
  announceTimer: Instant | null;
  /** When a conflict was last answered. */
  defendedAt: Instant | null;
  /** When a conflict that came too soon after the last one is answered. */
  defendTimer: Instant | null;
  /** When this node stops answering for an address that another one is to announce; null for an address of its own. */
  yieldTimer: Instant | null;
  /** The station to which the address is given up at `defendTimer`, unless it is found to be a speaker; null for none. */
  challenger: MacAddress | null;
  /** The reason for the announcements that are sent at present. */
  cause: AnnouncementCause;
  /** When the address is announced again without a cause of its own; null for never. */
  refreshTimer: Instant | null;
}

/** A round of probes, or the rest between two rounds, with the only deadline that each has. */
export type TentativePhase =
  /** `at` is the time of the next probe, or of the announcement where none is left. RFC 5227 §2.1.1. */
  | { readonly name: "Probing"; readonly probesLeft: number; readonly at: Instant }
  /** A station claims the address; it is a rival at `at`, unless it is found to be a speaker until then. */
  | { readonly name: "Doubting"; readonly by: MacAddress; readonly at: Instant }
  /** A rival has the address, which is probed again at `at`. */
  | { readonly name: "Contested"; at: Instant };

/** An address on an interface on which it is probed before it is announced. RFC 4862 §2 "tentative address". */
export interface Tentative {
  readonly address: IpAddress;
  readonly on: InterfaceIndex;
  phase: TentativePhase;
  /** The rival that was reported; null for none. */
  rival: MacAddress | null;
  /** When that rival was heard last. */
  rivalHeardAt: Instant;
  /** The nonces of this round's solicitations, as hexadecimal digits. */
  readonly nonces: Set<string>;
}

/** All that one key requests of an address. */
export interface Requested {
  readonly interfaces: InterfaceSelection;
  readonly onSubnet: InterfaceSelection;
  readonly cadence: Cadence;
  readonly onConflict: OnConflict;
  /** True where a rival is asked for on and on, also after the key wants the address no more. */
  readonly watchesRivals: boolean;
  /** The division of the clients among several nodes; null where this node alone answers. */
  readonly sharing: LoadSharing | null;
  /** True until the address has been probed everywhere, or where it need not be. */
  mustProbe: boolean;
}

/** A requested address, with the keys that request it and the interfaces on which it is announced. */
export interface Announcement {
  readonly address: IpAddress;
  readonly family: IpFamily;
  readonly requestedBy: Map<string, Requested>;
  /** The division of its clients that any of these keys requests; null for none. */
  sharing: ActiveSharing | null;
  /** The cadence that serves all of these keys. */
  cadence: Cadence;
  readonly on: Map<InterfaceIndex, ActiveAnnouncement>;
  /** The interfaces on which it is tentative; none of them is in `on`, which is all that the reply path looks at. */
  readonly tentative: Map<InterfaceIndex, Tentative>;
  /** True while rivals have the address on every interface that is on its subnet, or on every one where none is. */
  isContested: boolean;
  /** True where its rivals are asked for although no key wants it any more. */
  isWatched: boolean;
}

/** The pace of first announcements: a lost node's addresses may be thousands, and the queue of an interface is short. */
export interface Pacing {
  /** Those that wait for a batch. */
  readonly waiting: Set<ActiveAnnouncement>;
  /** When the present batch ends, and how many announcements it still has room for. */
  batchEndsAt: Instant;
  left: number;
  /** When each address that others announce was last asked for; the longest ago first. */
  readonly requests: Map<number | string, Instant>;
}

/** The responder's state, mutated in place: the reply path must not pay for copies. */
export interface ResponderState {
  readonly interfaces: Map<InterfaceIndex, InterfaceState>;
  /** Hardware addresses of all our interfaces, as numbers of 48 bits. */
  readonly ownHardwareAddresses: Set<number>;
  readonly addressesOf: Map<string, readonly IpAddress[]>;
  readonly announcements: Map<IpAddress, Announcement>;
  /** The announcements of IPv4 again, by the address's 32 bits. */
  readonly ipv4: Map<number, Announcement>;
  /** The announcements of IPv6 again, by `ipv6AddressKey`. */
  readonly ipv6: Map<string, Announcement>;
  /** In the order of `announceTimer`: all wait equally long, so insertion keeps the order. */
  readonly announcing: Set<ActiveAnnouncement>;
  /** The announcements with a `defendTimer`. An entry whose announcement has none any more is out of date. */
  readonly defending: DeadlineHeap<ActiveAnnouncement>;
  /** The announcements with a `yieldTimer`; an entry may be out of date as well. */
  readonly yielding: DeadlineHeap<ActiveAnnouncement>;
  /** The announcements with a `refreshTimer`. */
  readonly refreshing: DeadlineHeap<ActiveAnnouncement>;
  /** Every tentative address on its interface; one may be due before its phase is. */
  readonly probing: DeadlineHeap<Tentative>;
  /** Hardware addresses of the other speakers. */
  speakers: ReadonlySet<MacAddress>;
  readonly nonces: { readonly seed: Uint8Array; count: number };
  readonly pacing: Pacing;
  readonly clients: Clients;
  /** True from `HandoverStarted` on. */
  handingOver: boolean;
  /** True from `SilenceBegun` to `SilenceEnded`: nothing is sent, and no deadline counts. */
  silent: boolean;
}

/** A responder that knows no interface and announces nothing. `seed` is randomness for the nonces of its solicitations (RFC 7527 §4.1). */
export function createResponderState(seed: Uint8Array = new Uint8Array(32)): ResponderState {
  return {
    interfaces: new Map(),
    ownHardwareAddresses: new Set(),
    addressesOf: new Map(),
    announcements: new Map(),
    ipv4: new Map(),
    ipv6: new Map(),
    announcing: new Set(),
    defending: createDeadlineHeap(),
    yielding: createDeadlineHeap(),
    refreshing: createDeadlineHeap(),
    probing: createDeadlineHeap(),
    speakers: new Set(),
    nonces: { seed, count: 0 },
    pacing: { waiting: new Set(), batchEndsAt: instant(0), left: 0, requests: new Map() },
    clients: createClients(instant(0)),
    handingOver: false,
    silent: false,
  };
}

/** Makes the state of an interface, with what was known of it. */
export function createInterfaceState(of: Interface, before: InterfaceState | undefined): InterfaceState {
  const hardwareAddress = macToOctets(of.hardwareAddress);
  return {
    interface: of,
    hardwareAddress,
    replyTemplate: requestReplyTemplate(hardwareAddress),
    advertisementTemplate: solicitedAdvertisementTemplate(hardwareAddress),
    notAnnounced: [{ type: "Ignored", on: of.index, reason: "NotAnnounced" }],
    servedByAnother: [{ type: "Ignored", on: of.index, reason: "ServedByAnother" }],
    groups: before?.groups ?? new Map(),
    sharesSegmentWith: before?.sharesSegmentWith ?? new Set(),
  };
}

/** True where frames of a family can go over the interface now. */
export function isUsable({ interface: { up, carrier, linkLocalAddress } }: InterfaceState, family: IpFamily): boolean {
  return up && carrier && (family === "IPv4" || linkLocalAddress !== null);
}

/** True where a key wants the address on this interface. */
export function isRequestedOn(
  { address, requestedBy }: Announcement,
  { interface: { name, prefixes = [] } }: InterfaceState,
): boolean {
  for (const selections of requestedBy.values())
    if (answersOn(selections, address, { interface: name, prefixes })) return true;
  return false;
}

/** The announcement of an address, made and filed when there is none. */
export function announcementOf(state: ResponderState, address: IpAddress): Announcement {
  const known = state.announcements.get(address);
  if (known !== undefined) return known;
  const made: Announcement = {
    address,
    family: familyOf(address),
    requestedBy: new Map(),
    cadence: defaultCadence,
    sharing: null,
    on: new Map(),
    tentative: new Map(),
    isContested: false,
    isWatched: false,
  };
  state.announcements.set(address, made);
  if (isIpv6(address)) state.ipv6.set(ipv6AddressKey(ipv6ToOctets(address), 0), made);
  else state.ipv4.set(ipv4ToNumber(address), made);
  return made;
}

/** True where a probe comes before the announcement: one key that wants it so is enough. */
export function mustProbe({ requestedBy }: Announcement): boolean {
  for (const each of requestedBy.values()) if (each.mustProbe) return true;
  return false;
}

/** Forgets an announcement that no key wants and that is active and tentative nowhere. */
export function removeIfUnused(state: ResponderState, { address, requestedBy, on, tentative }: Announcement): void {
  if (requestedBy.size > 0 || on.size > 0 || tentative.size > 0) return;
  state.announcements.delete(address);
  if (isIpv6(address)) state.ipv6.delete(ipv6AddressKey(ipv6ToOctets(address), 0));
  else state.ipv4.delete(ipv4ToNumber(address));
}

/** True for a hardware address of one of our interfaces. */
export function isOwnHardwareAddress(state: ResponderState, octets: Uint8Array, offset = 0): boolean {
  return state.ownHardwareAddresses.has(hardwareAddressNumber(octets, offset));
}
