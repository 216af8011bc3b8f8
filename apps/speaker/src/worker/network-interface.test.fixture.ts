import type { NetworkInterface } from "@herald-lb/host";
import type { MacAddress } from "@herald-lb/sansio";

/** The interface eth0 with a link and without addresses, on which a node can announce; `changes` replace fields. */
export function networkInterface(changes: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    index: 2,
    name: "eth0",
    mac: "02:00:5e:00:53:01" as MacAddress,
    up: true,
    carrier: true,
    broadcast: true,
    noArp: false,
    loopback: false,
    master: null,
    lower: null,
    peerNotifications: 0,
    kind: null,
    addresses: [],
    ...changes,
  };
}
