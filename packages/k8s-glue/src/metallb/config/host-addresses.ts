import type { IpAddress } from "@herald-lb/sansio";

/** An address of the segment that already belongs to somebody: a Service that is given it takes it away from there. */
export interface HostAddress {
  readonly address: IpAddress;
  readonly kind: "Node" | "Gateway";
  /** Whose it is. */
  readonly name: string;
}

/** What lies around the pools and is no configuration. */
export interface HostAddresses {
  readonly hosts: readonly HostAddress[];
  /** For a pool that spans such an address: say nothing, say so, or say so and never give the address. */
  readonly policy: "Ignore" | "Warn" | "Refuse";
}

/** Nothing is known of the hostAddresses. */
export const noHostAddresses: HostAddresses = { hosts: [], policy: "Ignore" };
