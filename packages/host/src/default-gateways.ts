import { readFileSync } from "node:fs";
import { compareIpAddresses, type IpAddress, ipv4FromOctets, ipv6FromOctets, isLinkLocal } from "@herald-lb/sansio";

/** RTF_GATEWAY of linux/route.h: the route's next hop is a router. */
const GATEWAY = 0x2;

/**
 * The routers that the default routes of this process's network namespace lead to, sorted; link-local ones, which no pool can span, are
 * left out. Empty where the kernel's tables cannot be read.
 */
export function readDefaultGateways(): readonly IpAddress[] {
  return defaultGatewaysOf(read("/proc/self/net/route"), read("/proc/self/net/ipv6_route"));
}

/** The same from the text of `/proc/net/route` and of `/proc/net/ipv6_route` (proc(5)). */
export function defaultGatewaysOf(ipv4Routes: string, ipv6Routes: string): readonly IpAddress[] {
  const gateways = new Set<IpAddress>();
  for (const line of ipv4Routes.split("\n")) {
    const [, destination = "", gateway = "", flags = "", , , , mask = ""] = line.split(/\s+/);
    if (!isZero(destination) || !isZero(mask) || !viaGateway(flags)) continue;
    // The kernel prints the four octets as a number of this machine, which is little-endian on all that Herald runs on.
    gateways.add(ipv4FromOctets(octetsOf(gateway).toReversed()));
  }
  for (const line of ipv6Routes.split("\n")) {
    const [destination = "", length = "", , , nextHop = "", , , , flags = ""] = line.split(/\s+/);
    if (!isZero(destination) || !isZero(length) || !viaGateway(flags)) continue;
    gateways.add(ipv6FromOctets(octetsOf(nextHop)));
  }
  return [...gateways].filter((gateway) => !isLinkLocal(gateway)).toSorted(compareIpAddresses);
}

function isZero(hexadecimal: string): boolean {
  return /^0+$/.test(hexadecimal);
}

function viaGateway(flags: string): boolean {
  return (Number.parseInt(flags, 16) & GATEWAY) !== 0;
}

function octetsOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
