import { type ExtendedCommunityValue, formatExtendedCommunity } from "@herald-lb/k8s-glue/metallb";
import { ipAddressFromBigInt, ipAddressToBigInt, type Ipv4Address } from "@herald-lb/sansio";

/** The Sub-Types of RFC 4360 §4 and §5. */
const subTypes = { RouteTarget: 0x02n, RouteOrigin: 0x03n } as const;

/** An extended community as 64 bits, RFC 4360 §3.1 and §3.2, RFC 5668 §2: all of them transitive. */
export function extendedCommunityBits(community: ExtendedCommunityValue): bigint {
  const { type, globalAdministrator, localAdministrator } = community;
  const local = BigInt(localAdministrator);
  const of = (high: bigint, administrator: bigint, width: bigint): bigint =>
    (high << 56n) | (subTypes[type] << 48n) | (administrator << width) | local;
  if (typeof globalAdministrator === "string") return of(0x01n, ipAddressToBigInt(globalAdministrator), 16n);
  return globalAdministrator > 0xffff
    ? of(0x02n, BigInt(globalAdministrator), 16n)
    : of(0x00n, BigInt(globalAdministrator), 32n);
}

/** An extended community of 64 bits as users write it; others than route targets and route origins in hexadecimal. */
export function formatExtendedBits(bits: bigint): string {
  const high = bits >> 56n;
  const subType = (bits >> 48n) & 0xffn;
  const type =
    subType === subTypes.RouteTarget ? "RouteTarget" : subType === subTypes.RouteOrigin ? "RouteOrigin" : null;
  if (type === null || high > 0x02n) return `0x${bits.toString(16).padStart(16, "0")}`;
  const width = high === 0x00n ? 32n : 16n;
  const administrator = (bits & 0xffff_ffff_ffffn) >> width;
  return formatExtendedCommunity({
    type,
    globalAdministrator:
      high === 0x01n ? (ipAddressFromBigInt("IPv4", administrator) as Ipv4Address) : Number(administrator),
    localAdministrator: Number(bits & ((1n << width) - 1n)),
  });
}
