import type { Family } from "./family.ts";

/** One capability of RFC 5492 §4. One that is not known here is carried as octets. */
export type Capability =
  /** RFC 4760 §8. */
  | { readonly type: "Multiprotocol"; readonly family: Family }
  /** RFC 2918 §2. */
  | { readonly type: "RouteRefresh" }
  /** RFC 8950 §4: families whose next hop may be of another address family. */
  | { readonly type: "ExtendedNextHop"; readonly encodings: readonly NextHopEncoding[] }
  /** RFC 8654 §3. */
  | { readonly type: "ExtendedMessage" }
  /** RFC 9234 §4.1: 0 Provider, 1 RS, 2 RS-Client, 3 Customer, 4 Peer; others are carried. */
  | { readonly type: "Role"; readonly role: number }
  | GracefulRestart
  /** RFC 6793 §3. */
  | { readonly type: "FourOctetAs"; readonly autonomousSystem: number }
  /** RFC 7911 §4. */
  | { readonly type: "AddPath"; readonly families: readonly AddPathFamily[] }
  /** RFC 7313 §3.1. */
  | { readonly type: "EnhancedRouteRefresh" }
  /** RFC 9494 §3.1. */
  | { readonly type: "LongLivedGracefulRestart"; readonly families: readonly LongLivedFamily[] }
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** RFC 8950 §4: NLRI of `family` may have a next hop of the address family `nextHopAfi`. */
export interface NextHopEncoding {
  readonly family: Family;
  readonly nextHopAfi: number;
}

/** RFC 4724 §3, with the Notification bit of RFC 8538 §2. */
export interface GracefulRestart {
  readonly type: "GracefulRestart";
  /** The Restart State bit: the sender has restarted. */
  readonly restartState: boolean;
  /** RFC 8538 §2: graceful restart also after a NOTIFICATION. */
  readonly notification: boolean;
  /** Seconds, 0 to 4095. */
  readonly restartTime: number;
  readonly families: readonly { readonly family: Family; readonly forwardingState: boolean }[];
}

/** RFC 7911 §4: what the sender can do with several paths in `family`; 1 receive, 2 send, 3 both, others mean nothing. */
export interface AddPathFamily {
  readonly family: Family;
  readonly sendReceive: number;
}

/** RFC 9494 §3.1: how long stale routes of `family` are kept, in seconds, 0 to 16777215. */
export interface LongLivedFamily {
  readonly family: Family;
  readonly forwardingState: boolean;
  readonly staleTime: number;
}
