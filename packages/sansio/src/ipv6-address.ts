declare const ipv6: unique symbol;

/** An IPv6 address in the canonical text of RFC 5952 §4, IPv4-mapped ones as RFC 5952 §5 recommends; never with a zone. */
export type Ipv6Address = string & { readonly [ipv6]: never };

const COLON = 0x3a;
const DOT = 0x2e;

/** The address in sixteen octets from `offset`; the caller has checked that they are there. */
export function ipv6FromOctets(octets: Uint8Array, offset = 0): Ipv6Address {
  if (isMapped(octets, offset)) {
    const at = offset + 12;
    return `::ffff:${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}` as Ipv6Address;
  }
  const { start, length } = longestZeroRun(octets, offset);
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += "::";
      i += length - 1;
      continue;
    }
    if (i > 0 && i !== start + length) text += ":";
    text += groupAt(octets, offset, i).toString(16);
  }
  return text as Ipv6Address;
}

/** The sixteen octets of an address. Trusts the text: an `Ipv6Address` is canonical. */
export function ipv6ToOctets(address: Ipv6Address): Uint8Array {
  const octets = new Uint8Array(16);
  let at = 0;
  let group = 0;
  let digits = 0;
  let gap = -1;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === COLON) {
      if (digits > 0) {
        octets[at++] = group >>> 8;
        octets[at++] = group;
      } else if (i > 0) gap = at;
      group = 0;
      digits = 0;
    } else if (code === DOT) return mappedOctets(address);
    else {
      group = (group << 4) | (code < 0x40 ? code - 0x30 : code - 0x57);
      digits++;
    }
  }
  if (digits > 0) {
    octets[at++] = group >>> 8;
    octets[at++] = group;
  }
  if (gap >= 0) {
    octets.copyWithin(16 - (at - gap), gap, at);
    octets.fill(0, gap, 16 - (at - gap));
  }
  return octets;
}

function groupAt(octets: Uint8Array, offset: number, index: number): number {
  const at = offset + index * 2;
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

/** RFC 5952 §4.2: the longest run of at least two zero groups, the first of equals. */
function longestZeroRun(octets: Uint8Array, offset: number): { readonly start: number; readonly length: number } {
  let start = -1;
  let length = 1;
  let run = 0;
  for (let i = 0; i < 8; i++) {
    run = groupAt(octets, offset, i) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = i - run + 1;
    }
  }
  return start < 0 ? { start: -1, length: 0 } : { start, length };
}

function isMapped(octets: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 10; i++) if (octets[offset + i] !== 0) return false;
  return octets[offset + 10] === 0xff && octets[offset + 11] === 0xff;
}

function mappedOctets(address: Ipv6Address): Uint8Array {
  const octets = new Uint8Array(16);
  octets[10] = 0xff;
  octets[11] = 0xff;
  const parts = address.slice("::ffff:".length).split(".");
  for (let i = 0; i < 4; i++) octets[12 + i] = Number(parts[i]);
  return octets;
}
