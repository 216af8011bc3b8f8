import type { IpAddress, Ipv6Address, MacAddress } from "@herald-lb/sansio";
import type { InterfaceIndex } from "../interface.ts";

/** The reason why the responder did not answer a frame, in the order of the checks; a metric label. */
export type IgnoreReason =
  /** The interface is unknown, down, without carrier, or (for Neighbor Discovery) without a link-local address. */
  | "Closed"
  /** This node is silent until it knows which node answers. */
  | "Silent"
  /** Neither ARP for IPv4 over Ethernet nor Neighbor Discovery: another EtherType, next header or ICMPv6 type. */
  | "MessageType"
  /** Truncated, a bad checksum or length, a hop limit below 255, or a sender that is no station. */
  | "Malformed"
  /** A frame of this node, received on this or another interface, or its own solicitation that came back (RFC 7527 §4.2). */
  | "OwnFrame"
  /** Another station claims an announced address; a `Conflict` says which. */
  | "Conflict"
  /** An ARP packet that is no Request, or a Neighbor Advertisement. */
  | "NotARequest"
  /** Addressed to another station. */
  | "EthernetDestination"
  /** The target is not announced here. */
  | "NotAnnounced"
  /** Another node serves the client that asks for a shared address. */
  | "ServedByAnother"
  /** No request but the word of another speaker that it serves a client. */
  | "ClientRelayed"
  /** The target is probed on this interface, and announced there once no rival is found. */
  | "Tentative"
  /** The target is announced, but not on this interface. */
  | "NotMatchInterface";

/** The reason for an announcement; a metric label. */
export type AnnouncementCause =
  /** This node began to announce the address, or was told to announce it again. */
  | "Requested"
  /** The interface came, its link came back, or its hardware address changed. */
  | "InterfaceChanged"
  /** The address was announced long ago: switches forget. */
  | "Refresh"
  /** Another station claimed the address. */
  | "Defense"
  /** A client of a shared address is told, alone, that this node serves it from now on. */
  | "ClientMoved";

/** An instruction for the host, or a report. */
export type ResponderEffect =
  /** A whole Ethernet frame to send; the octets belong to the receiver of the effect. */
  | {
      readonly type: "SendFrame";
      readonly on: InterfaceIndex;
      readonly octets: Uint8Array;
      /** The announced address that the frame speaks for, or the tentative one that it asks for. */
      readonly address: IpAddress;
      readonly purpose: "Reply" | "Announcement" | "Probe" | "Relay";
      /** Null for what is no announcement. */
      readonly cause: AnnouncementCause | null;
    }
  /** Membership in a solicited-node group, so that switches and the interface let solicitations in. */
  | { readonly type: "JoinGroup" | "LeaveGroup"; readonly on: InterfaceIndex; readonly group: Ipv6Address }
  /** Another station claims an announced address. */
  | { readonly type: "Conflict"; readonly on: InterfaceIndex; readonly address: IpAddress; readonly by: MacAddress }
  /** A rival has the address: it is not announced on the interface while the rival is there. Told once for each rival. */
  | { readonly type: "RivalFound"; readonly on: InterfaceIndex; readonly address: IpAddress; readonly by: MacAddress }
  /** The rival found last is no hindrance any more: it went, it was a speaker, or the address is not wanted on the interface now. */
  | { readonly type: "RivalGone"; readonly on: InterfaceIndex; readonly address: IpAddress }
  /** The address is announced on no interface, or not on all on which it is wanted; or it is announced on all of them now. */
  | { readonly type: "TentativeChanged"; readonly address: IpAddress; readonly tentative: boolean }
  /** Rivals have the address on every interface that is on its subnet, or, where none is, on every one on which it is wanted; or they do not any more. */
  | { readonly type: "ContestedChanged"; readonly address: IpAddress; readonly contested: boolean }
  /** The numbers of clients that this node serves, for the shared addresses where it has changed; told once in a while. */
  | { readonly type: "ClientsCounted"; readonly counts: ReadonlyMap<IpAddress, number> }
  | { readonly type: "Ignored"; readonly on: InterfaceIndex; readonly reason: IgnoreReason };
