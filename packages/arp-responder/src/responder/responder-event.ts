import type { IpAddress } from "@herald-lb/sansio";
import type { Interface, InterfaceIndex } from "../interface.ts";

/** On which interfaces an address is announced: every one, or those of these names. */
export type InterfaceSelection = "all" | readonly string[];

/** What the responder is told. Wishes are whole per key and may be repeated freely: only differences have effects. */
export type ResponderEvent =
  /** All interfaces there are; one that is missing is gone. */
  | { readonly type: "InterfacesChanged"; readonly interfaces: readonly Interface[] }
  /** All that `key` wants announced; it replaces what the key wanted before. An address lives while any key wants it. */
  | {
      readonly type: "AnnouncementDesired";
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      readonly interfaces: InterfaceSelection;
    }
  /** `key` wants nothing any more; an address that no other key wants is silent from now on. */
  | { readonly type: "AnnouncementGone"; readonly key: string }
  /** A whole Ethernet frame, ARP or ICMPv6. `octets` is read during the call alone and never kept. */
  | { readonly type: "FrameReceived"; readonly on: InterfaceIndex; readonly octets: Uint8Array };
