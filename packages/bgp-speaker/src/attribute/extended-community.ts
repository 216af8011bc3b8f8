import { type Ipv4Address, ipv4FromNumber, ipv4ToNumber } from "@herald-lb/sansio";

/** One extended community, RFC 4360 §2, as far as its type is known here. */
export type ExtendedCommunity =
  | AdministeredCommunity
  /** draft-ietf-idr-link-bandwidth §2: the bandwidth in octets a second, as IEEE 754 single precision. */
  | {
      readonly type: "LinkBandwidth";
      readonly isTransitive: boolean;
      /** 0 to 65535. */
      readonly autonomousSystem: number;
      readonly bandwidth: number;
    }
  /** RFC 9012 §4.3. */
  | { readonly type: "Color"; readonly isTransitive: boolean; readonly flags: number; readonly color: number }
  /** One of another type, as it is. */
  | { readonly type: "Unknown"; readonly value: bigint };

/** A Route Target or Route Origin, RFC 4360 §4 and §5, in one of the three forms of an administrator. */
export type AdministeredCommunity = {
  readonly type: "RouteTarget" | "RouteOrigin";
  readonly isTransitive: boolean;
} & (
  | { readonly form: "TwoOctetAs"; readonly administrator: number; readonly value: number }
  | { readonly form: "FourOctetAs"; readonly administrator: number; readonly value: number }
  | { readonly form: "Ipv4Address"; readonly administrator: Ipv4Address; readonly value: number }
);

/** The bit of the Type that is set where a community is non-transitive, RFC 4360 §2. */
const NON_TRANSITIVE = 0x40;

/** Types without that bit: RFC 4360 §3, RFC 5668 §2. */
const TYPE = { TwoOctetAs: 0x00, Ipv4Address: 0x01, FourOctetAs: 0x02, Opaque: 0x03 } as const;

/** Sub-types: RFC 4360 §4 and §5, draft-ietf-idr-link-bandwidth §2, RFC 9012 §4.3. */
const SUBTYPE = { RouteTarget: 0x02, RouteOrigin: 0x03, LinkBandwidth: 0x04, Color: 0x0b } as const;

/** Reads the 64 bits of an extended community. Every one is given back by `extendedCommunityValue`. */
export function extendedCommunityOf(value: bigint): ExtendedCommunity {
  const octets = new DataView(new ArrayBuffer(8));
  octets.setBigUint64(0, value);
  const isTransitive = (octets.getUint8(0) & NON_TRANSITIVE) === 0;
  const type = octets.getUint8(0) & ~NON_TRANSITIVE;
  const subtype = octets.getUint8(1);
  if (type === TYPE.TwoOctetAs && subtype === SUBTYPE.LinkBandwidth) {
    const bandwidth = octets.getFloat32(4);
    // Not a number has many forms, of which a number keeps one.
    if (Number.isNaN(bandwidth)) return { type: "Unknown", value };
    return { type: "LinkBandwidth", isTransitive, autonomousSystem: octets.getUint16(2), bandwidth };
  }
  if (type === TYPE.Opaque && subtype === SUBTYPE.Color)
    return { type: "Color", isTransitive, flags: octets.getUint16(2), color: octets.getUint32(4) };
  if (subtype !== SUBTYPE.RouteTarget && subtype !== SUBTYPE.RouteOrigin) return { type: "Unknown", value };
  const base = { type: subtype === SUBTYPE.RouteTarget ? "RouteTarget" : "RouteOrigin", isTransitive } as const;
  switch (type) {
    case TYPE.TwoOctetAs:
      return { ...base, form: "TwoOctetAs", administrator: octets.getUint16(2), value: octets.getUint32(4) };
    case TYPE.Ipv4Address:
      return {
        ...base,
        form: "Ipv4Address",
        administrator: ipv4FromNumber(octets.getUint32(2)),
        value: octets.getUint16(6),
      };
    case TYPE.FourOctetAs:
      return { ...base, form: "FourOctetAs", administrator: octets.getUint32(2), value: octets.getUint16(6) };
    default:
      return { type: "Unknown", value };
  }
}

/** The 64 bits of an extended community, as EXTENDED_COMMUNITIES and `DesiredRoute` hold them. Numbers beyond their fields lose their high bits. */
export function extendedCommunityValue(community: ExtendedCommunity): bigint {
  if (community.type === "Unknown") return community.value;
  const octets = new DataView(new ArrayBuffer(8));
  const begin = (type: number): void => {
    octets.setUint8(0, community.isTransitive ? type : type | NON_TRANSITIVE);
    octets.setUint8(1, SUBTYPE[community.type]);
  };
  if (community.type === "LinkBandwidth") {
    begin(TYPE.TwoOctetAs);
    octets.setUint16(2, community.autonomousSystem);
    octets.setFloat32(4, community.bandwidth);
  } else if (community.type === "Color") {
    begin(TYPE.Opaque);
    octets.setUint16(2, community.flags);
    octets.setUint32(4, community.color);
  } else {
    begin(TYPE[community.form]);
    if (community.form === "TwoOctetAs") {
      octets.setUint16(2, community.administrator);
      octets.setUint32(4, community.value);
    } else {
      octets.setUint32(
        2,
        community.form === "Ipv4Address" ? ipv4ToNumber(community.administrator) : community.administrator,
      );
      octets.setUint16(6, community.value);
    }
  }
  return octets.getBigUint64(0);
}

/** An extended community for people: `rt:65001:1`, `link-bandwidth:65001:1250000`, or `0x` and 16 digits where the type is not known. */
export function extendedCommunityText(value: bigint): string {
  const community = extendedCommunityOf(value);
  switch (community.type) {
    case "RouteTarget":
      return `rt:${community.administrator}:${community.value}`;
    case "RouteOrigin":
      return `ro:${community.administrator}:${community.value}`;
    case "LinkBandwidth":
      return `link-bandwidth:${community.autonomousSystem}:${community.bandwidth}`;
    case "Color":
      return `color:${community.flags}:${community.color}`;
    case "Unknown":
      return `0x${value.toString(16).padStart(16, "0")}`;
  }
}
