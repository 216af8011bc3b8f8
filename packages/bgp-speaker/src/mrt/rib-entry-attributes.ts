import { err, type IpAddress, ipAddressFromOctets, type Ipv6Address, ok, type Result } from "@herald-lb/sansio";
import { AttributeFlag, Category } from "../attribute/attribute-codec.ts";
import { decodePathAttributes } from "../attribute/path-attributes.ts";
import { attributeCodecs, codecByTypeCode, type PathAttribute } from "../attribute/table.ts";
import type { UpdateIssue } from "../attribute/update-issue.ts";
import { u16At } from "../octet-fields.ts";
import type { SessionReset } from "../session-reset.ts";
import type { RibEntry } from "./table-dump-v2.ts";

/** The attributes of a route in a table. */
export interface RibEntryAttributes {
  /** Of NEXT_HOP, or of MP_REACH_NLRI; null where there is neither. */
  readonly nextHop: IpAddress | null;
  readonly linkLocalNextHop: Ipv6Address | null;
  /** In the order of the record, without MP_REACH_NLRI. */
  readonly pathAttributes: readonly PathAttribute[];
  /** Faults in them; a malformed attribute is left out. */
  readonly issues: readonly UpdateIssue[];
}

/** Reads the attributes of a route: AS numbers have four octets, and MP_REACH_NLRI has a next hop alone (RFC 6396 §4.3.4). */
export function ribEntryAttributes({ attributes }: RibEntry): Result<RibEntryAttributes, SessionReset> {
  const { reach, rest } = withoutReach(attributes);
  const issues: UpdateIssue[] = [];
  const context = { fourOctetAs: true, families: [], maxMessageLength: 65535 } as const;
  const pathAttributes = decodePathAttributes(rest, 0, rest.length, context, issues);
  if (!Array.isArray(pathAttributes)) return err(pathAttributes);
  const classic = pathAttributes.find((each) => each.type === "NEXT_HOP")?.address ?? null;
  const hops = reach === null ? [] : nextHops(reach);
  return ok({
    nextHop: hops[0] ?? classic,
    linkLocalNextHop: (hops[1] ?? null) as Ipv6Address | null,
    pathAttributes,
    issues,
  });
}

/**
 * The value of MP_REACH_NLRI, and all other attributes with the flags that they are specified with: writers of tables do not keep those of the wire
 * (BIRD writes 0). What is behind a length that exceeds the record stays in `rest`, where it is an issue.
 */
function withoutReach(entry: Uint8Array): { readonly reach: Uint8Array | null; readonly rest: Uint8Array } {
  let rest = entry.slice();
  let reach: Uint8Array | null = null;
  let at = 0;
  while (at + 4 <= rest.length) {
    const flags = rest[at] as number;
    const code = rest[at + 1] as number;
    const isLong = (flags & AttributeFlag.ExtendedLength) !== 0;
    const value = at + (isLong ? 4 : 3);
    const end = value + (isLong ? u16At(rest, at + 2) : (rest[at + 2] as number));
    if (code === attributeCodecs.MP_REACH_NLRI.code && reach === null && end <= rest.length) {
      reach = rest.slice(value, end);
      rest.copyWithin(at, end);
      rest = rest.subarray(0, rest.length - (end - at));
      continue;
    }
    const category = codecByTypeCode[code]?.category;
    if (category !== undefined) rest[at] = category | (flags & keptFlags(category));
    at = end;
  }
  return { reach, rest };
}

function keptFlags(category: number): number {
  const partial = category === Category.OptionalTransitive ? AttributeFlag.Partial : 0;
  return AttributeFlag.ExtendedLength | partial;
}

/** The next hops, of which there are two behind a length of 32. Some writers give the whole attribute, which begins with an AFI of two octets. */
function nextHops(reach: Uint8Array): readonly IpAddress[] {
  const at = reach[0] === 0 ? 3 : 0;
  const length = reach[at] ?? 0;
  if ((length !== 4 && length !== 16 && length !== 32) || at + 1 + length > reach.length) return [];
  const octets = reach.subarray(at + 1, at + 1 + length);
  if (length < 32) return [ipAddressFromOctets(octets)];
  return [ipAddressFromOctets(octets.subarray(0, 16)), ipAddressFromOctets(octets.subarray(16))];
}
