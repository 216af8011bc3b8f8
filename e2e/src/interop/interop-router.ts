import type { LabHost } from "@herald-lb/lab";

/** One way to a prefix, as a router holds it. */
export interface InteropPath {
  readonly nextHop: string;
  /** The autonomous systems, separated by spaces. */
  readonly asPath: string;
  /** `64500:1` each, sorted. */
  readonly communities: readonly string[];
  /** `64500:1:2` each, sorted. */
  readonly largeCommunities: readonly string[];
}

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

/** Sorts paths by next hop, and drops those whose next hop is unknown. */
export function sortedPaths(paths: readonly InteropPath[]): readonly InteropPath[] {
  return paths.toSorted((left, right) => (left.nextHop < right.nextHop ? -1 : 1));
}
