import { isIpv6, parseIpAddress } from "@herald-lb/sansio";
import type { ExtendedCommunityValue } from "./bgp-policy.ts";

const types = { rt: "RouteTarget", ro: "RouteOrigin" } as const;

/** Reads `rt:65000:100`, `ro:65000:100` or either with an IPv4 address first; null for anything else. */
export function parseExtendedCommunity(text: string): ExtendedCommunityValue | null {
  const match = /^(rt|ro):([0-9.]+):([0-9]{1,10})$/.exec(text);
  if (match === null) return null;
  const [, word = "", administrator = "", local = ""] = match;
  const type = types[word as keyof typeof types];
  const globalAdministrator = administratorOf(administrator);
  if (globalAdministrator === null) return null;
  const localAdministrator = Number(local);
  const isWide = typeof globalAdministrator === "number" && globalAdministrator <= 0xffff;
  if (localAdministrator > (isWide ? 0xffff_ffff : 0xffff)) return null;
  return { type, globalAdministrator, localAdministrator };
}

function administratorOf(text: string): ExtendedCommunityValue["globalAdministrator"] | null {
  if (/^[0-9]{1,10}$/.test(text)) return Number(text) <= 0xffff_ffff ? Number(text) : null;
  const address = parseIpAddress(text);
  return address.ok && !isIpv6(address.value) ? address.value : null;
}
