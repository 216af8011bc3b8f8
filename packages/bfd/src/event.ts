import type { IpAddress } from "@herald-lb/sansio";
import type { SessionConfig } from "./config.ts";

/** The input of a BFD machine. */
export type BfdEvent =
  /** All sessions that should exist, by a key of the host's, every time. A session that is missing says AdminDown to its peer, and goes. */
  | { readonly type: "SessionsDesired"; readonly sessions: ReadonlyMap<string, SessionConfig> }
  /** One datagram. `ttl` is null where the kernel has dropped what is too low already. */
  | {
      readonly type: "PacketReceived";
      readonly octets: Uint8Array;
      readonly from: IpAddress;
      readonly hops: SessionConfig["hops"];
      /** The index of the interface on which a single-hop packet came in; null for several hops. */
      readonly interface: number | null;
      readonly ttl: number | null;
    }
  /** The path of a session is known to be gone, as its interface is down: the session goes down at once, RFC 5880 §6.8.17 does so for the forwarding plane. */
  | { readonly type: "PathLost"; readonly session: string };
