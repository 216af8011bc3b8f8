import type { Interface } from "@herald-lb/arp-responder";
import type { NetworkInterface } from "@herald-lb/host";
import { type IpAddress, type Ipv6Address, isIpv6, isLinkLocal } from "@herald-lb/sansio";
import { prefixesOf } from "./lost-links.ts";

/** MetalLB's default of the interfaces that are never answered on: those of containers, of tunnels and of the machine itself. */
export const DEFAULT_EXCLUDED: readonly string[] = [
  "^docker.*",
  "^cbr.*",
  "^dummy.*",
  "^virbr.*",
  "^lxcbr.*",
  "^veth.*",
  "^lo$",
  "^cali.*",
  "^tunl.*",
  "^flannel.*",
  "^kube-ipvs.*",
  "^cni.*",
  "^nodelocaldns.*",
  "^lxc.*",
];

/**
 * Returns the interface in the responder's form, and null for one on which no address may be announced: loopback, without a hardware
 * address, excluded by name, a member of a bridge, bond or VRF, or without broadcast or ARP.
 */
export function announceableInterface(facts: NetworkInterface, excluded: RegExp | null): Interface | null {
  const { index, name, mac, up, carrier, loopback, master, noArp, broadcast, peerNotifications } = facts;
  if (mac === null || loopback || master !== null || noArp || !broadcast || excluded?.test(name) === true) return null;
  const isOfLink = (address: IpAddress): address is Ipv6Address => isIpv6(address) && isLinkLocal(address);
  const linkLocal = facts.addresses.map(({ address }) => address).find(isOfLink);
  const others = facts.addresses.filter(({ address }) => !isOfLink(address));
  const prefixes = [...new Set(prefixesOf({ addresses: others }))].toSorted();
  return {
    index,
    name,
    hardwareAddress: mac,
    up,
    carrier,
    linkLocalAddress: linkLocal ?? null,
    peerNotifications,
    ...(prefixes.length > 0 && { prefixes }),
    ...(facts.kind === "macvlan" && facts.lower !== null && { macvlanOf: facts.lower }),
  };
}
