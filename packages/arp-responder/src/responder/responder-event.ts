import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import type { OnConflict } from "../conflict-options.ts";
import type { Interface, InterfaceIndex } from "../interface.ts";
import type { InterfaceSelection } from "../interface-selection.ts";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import type { Cadence } from "./cadence.ts";

/** The input of the responder. Requests are whole per key, and repeating one is harmless: only differences have effects. */
export type ResponderEvent =
  /** All interfaces there are; one that is missing is gone. */
  | { readonly type: "InterfacesChanged"; readonly interfaces: readonly Interface[] }
  /** All that `key` wants announced; it replaces what the key wanted before. An address lives while any key wants it. */
  | {
      readonly type: "AnnouncementDesired";
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      readonly interfaces: InterfaceSelection;
      /** Further interfaces, each for the addresses on its own subnets. None where absent. */
      readonly onSubnet?: InterfaceSelection;
      /** MetalLB's where it is left out. */
      readonly cadence?: Cadence;
      /** Those of the addresses that are announced only once a probe has found no rival; none where absent. */
      readonly tentative?: readonly IpAddress[];
      /** `Defend` where absent; an address that one key wants given up is given up. */
      readonly onConflict?: OnConflict;
      /** True where a rival is watched until it is gone, also when no key wants the address any more. False where absent. */
      readonly watchesRivals?: boolean;
      /** Absent where this node alone answers. Otherwise it answers for its part of the clients, and no announcement goes to all. */
      readonly sharing?: LoadSharing;
    }
  /** `key` wants nothing any more; an address that no other key wants is silent from now on. */
  | { readonly type: "AnnouncementGone"; readonly key: string }
  /**
   * Another node takes over what `key` wanted. Nothing is announced for it any more, and each address is answered for on an interface until
   * another station announces it there, or until YIELD_TIME has passed.
   */
  | { readonly type: "AnnouncementYielded"; readonly key: string }
  /**
   * Another node takes over everything. From now on no announcement is sent, and each address is answered for on an interface only until
   * another station announces it there.
   */
  | { readonly type: "HandoverStarted" }
  /** This node has no right to answer: nothing is sent and every frame ignored until `SilenceEnded`, though announcements and interfaces may change. */
  | { readonly type: "SilenceBegun" }
  /** This node may answer again: it announces everything anew. */
  | { readonly type: "SilenceEnded" }
  /** The hardware addresses of all other speakers that are known, by node: a claim of one of them is no rival's. */
  | { readonly type: "SpeakersChanged"; readonly speakers: ReadonlyMap<string, readonly MacAddress[]> }
  /** A whole Ethernet frame, ARP or ICMPv6. `octets` is read during the call alone and never kept. */
  | { readonly type: "FrameReceived"; readonly on: InterfaceIndex; readonly octets: Uint8Array };
