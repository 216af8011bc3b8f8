import type { IpAddress, Ipv6Address } from "@herald-lb/sansio";
import type { PeerConfig } from "../peer-config.ts";
import type { LocalAddresses } from "../rib/local-addresses.ts";
import type { DesiredRoute } from "../rib/route.ts";
import type { BfdFacts } from "./bfd-snapshot.ts";

/**
 * Names one TCP connection for as long as the speaker lives; never used twice. Those that the speaker asks for count up from 1, those that the host
 * accepts count down from -1.
 */
export type ConnectionId = number;

/** Names a listener of the speaker. */
export type ListenerId = string;

/** The input of a speaker. It ignores events of a connection that it has given up. */
export type SpeakerEvent =
  /** The whole set of peers, every time; the speaker finds who is new, changed or gone. The first of two with one name counts. */
  | { readonly type: "PeersConfigured"; readonly peers: readonly PeerConfig[] }
  /**
   * For each key the whole of what it wants announced; an empty list ends the key. Keys that are not named keep what they
   * had. What changes together belongs in one event: prefixes with equal attributes then share an UPDATE. Give the first
   * routes before the first peers, so that End-of-RIB comes after them.
   */
  | { readonly type: "RoutesDesired"; readonly changes: ReadonlyMap<string, readonly DesiredRoute[]> }
  /** A connection asked for by `ConnectTcp` is open. */
  | ({ readonly type: "TcpConnected"; readonly peer: string; readonly connection: ConnectionId } & LocalAddresses)
  /** A peer's connection is open on a listener; answered by `AcceptTcp` or `RejectTcp`, until which none of its octets are to be reported. */
  | ({
      readonly type: "TcpAccepted";
      readonly listener: ListenerId;
      readonly connection: ConnectionId;
      readonly address: IpAddress;
      readonly port: number;
      /** The interface that it came in by, where the address is link-local. */
      readonly interface: string | null;
    } & LocalAddresses)
  | { readonly type: "Listening"; readonly listener: ListenerId }
  /** `reason` is for people, for example "EADDRINUSE". */
  | { readonly type: "ListenFailed"; readonly listener: ListenerId; readonly reason: string }
  /** A connection could not be opened, or either side closed it; `reason` is for people, for example "ECONNREFUSED". */
  | { readonly type: "TcpClosed"; readonly peer: string; readonly connection: ConnectionId; readonly reason: string }
  | {
      readonly type: "OctetsReceived";
      readonly peer: string;
      readonly connection: ConnectionId;
      readonly octets: Uint8Array;
    }
  /**
   * The kernel took so many octets of those sent. A host must report it (the callback of a socket's `write`): what is not
   * taken within the Send Hold Time closes the session (RFC 9687 §3).
   */
  | { readonly type: "OctetsWritten"; readonly peer: string; readonly connection: ConnectionId; readonly count: number }
  /**
   * The router on an interface that `FindRouters` named is another one, or null where none is heard; `problem` is what keeps the node from
   * searching for one, for people.
   */
  | {
      readonly type: "RouterChanged";
      readonly interface: string;
      readonly address: Ipv6Address | null;
      readonly problem: string | null;
    }
  /** The BFD session beside a peer's BGP session changed; ignored for a peer without `bfd`. */
  | ({ readonly type: "BfdStateChanged"; readonly peer: string } & BfdFacts)
  /**
   * Sends a Cease to every peer and ends; `communication` is the text of RFC 9003, at most 255 octets of UTF-8 of it are sent. With `restarting`,
   * which says that this node's speaker is about to start again, peers that negotiated graceful restart get no Cease, so that they keep the routes (RFC 4724 §4.2).
   */
  | { readonly type: "Stop"; readonly communication: string; readonly restarting?: boolean };
