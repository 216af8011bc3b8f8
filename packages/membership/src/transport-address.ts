import type { IpAddress } from "@herald-lb/sansio";

/** The address and port of a node, for packets (UDP) and streams (TCP) alike. */
export interface TransportAddress {
  readonly address: IpAddress;
  /** 1 to 65535; memberlist's own default is 7946. */
  readonly port: number;
}

/** A text by which an endpoint can be compared and kept in a Map. */
export function transportAddressKey(endpoint: TransportAddress): string {
  return `${endpoint.address} ${endpoint.port}`;
}
