import { networkInterfaces } from "node:os";
import { type IpAddress, parsePrefix, prefixContains } from "@herald-lb/sansio";

/** True for an address on a network that an interface of this node is on. */
export function isOnLink(address: IpAddress): boolean {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return own.some(({ cidr }) => {
    const prefix = parsePrefix(cidr ?? "");
    return prefix.ok && prefixContains(prefix.value, address);
  });
}
