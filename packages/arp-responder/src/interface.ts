import type { IpPrefix, Ipv6Address, MacAddress } from "@herald-lb/sansio";

/** The kernel's number for a network interface; it names an interface in events and effects. */
export type InterfaceIndex = number;

/** A network interface as the kernel shows it now. Which interfaces are fit for announcing is decided before they come here. */
export interface Interface {
  readonly index: InterfaceIndex;
  readonly name: string;
  /** The source of its frames; a change is followed by new announcements. */
  readonly hardwareAddress: MacAddress;
  /** Administratively up. */
  readonly up: boolean;
  /** The link has a carrier. */
  readonly carrier: boolean;
  /** The link-local IPv6 address; null while there is none, and then the interface speaks IPv4 alone. */
  readonly linkLocalAddress: Ipv6Address | null;
  /** The prefixes of its addresses that are not link-local; none where absent. */
  readonly prefixes?: readonly IpPrefix[];
  /** The number of times that neighbours were to be told where the interface is; a change is followed by new announcements. */
  readonly peerNotifications?: number;
  /** Of a macvlan: the interface that it is on, which hears the same segment. */
  readonly macvlanOf?: InterfaceIndex;
}
