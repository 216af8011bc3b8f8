import type { IpAddress } from "@herald-lb/sansio";

/** An address of a Node or a gateway on the segment: a Service that was assigned it would take it over. */
export interface HostAddress {
  readonly address: IpAddress;
  readonly kind: "Node" | "Gateway";
  /** The name of the Node, or the Node that names the gateway. */
  readonly name: string;
}

/** The addresses of hosts on the segment, and the policy for pools that contain them. */
export interface HostAddresses {
  readonly hosts: readonly HostAddress[];
  /** For a pool that contains such an address: no issue, an issue, or an issue and the address is never assigned. */
  readonly policy: "Ignore" | "Warn" | "Refuse";
}

/** No known host addresses. */
export const noHostAddresses: HostAddresses = { hosts: [], policy: "Ignore" };
