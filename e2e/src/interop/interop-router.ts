import type { LabHost } from "@herald-lb/lab";
import type { HeldPath } from "../routing/routers.ts";

/** One way to a prefix, as a router holds it: what every implementation prints. */
export type InteropPath = Pick<HeldPath, "nextHop" | "asPath" | "communities" | "largeCommunities">;

/** A BGP implementation of others on the segment, which listens for every node: over IPv4 for routes of both families, and over IPv6 with a password. */
export interface InteropRouter extends LabHost {
  /** Program and major version, as the matrix names it. */
  readonly name: string;
  readonly as: number;
  /** The ways to a prefix, in the order of their next hops. */
  readonly paths: (prefix: string) => Promise<readonly InteropPath[]>;
  /** True while a session with the neighbour is Established. */
  readonly isEstablished: (neighbor: string) => Promise<boolean>;
  /** The program's words for what the neighbour said last when it ended a session; empty for nothing. */
  readonly lastNotification: (neighbor: string) => Promise<string>;
  /** Asks the neighbour for its routes again, RFC 2918; absent where the program has no command for that. */
  readonly refresh?: (neighbor: string) => Promise<unknown>;
  /** The number of UPDATE messages that came from the neighbour. */
  readonly updatesFrom?: (neighbor: string) => Promise<number>;
}

/** The TCP MD5 password of every session over IPv6. */
export const PASSWORD = "interop-1";
