import { ETHERTYPE } from "./linux-constants.ts";
import { sys } from "./sys.ts";

/** One instruction of the classic BPF: operation, jump if true, jump if false, operand (`struct sock_filter`). */
export type BpfInstruction = readonly [code: number, jt: number, jf: number, k: number];

/** A filter: it returns how many octets of a frame to deliver, 0 for none. */
export type BpfProgram = readonly BpfInstruction[];

const LOAD_HALF = 0x28;
const LOAD_OCTET = 0x30;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const RETURN = 0x06;
const WHOLE = 0xffff;

/** The offset of the kernel's own data about a frame (`SKF_AD_OFF`), and in it the kind of packet (`SKF_AD_PKTTYPE`). */
const PACKET_TYPE = 0xffff_f000 + 4;
/** The offset of the IP header for a filter on a UDP socket (`SKF_NET_OFF`). */
const NETWORK_HEADER = 0xfff0_0000;
/** `PACKET_OTHERHOST`: addressed to another station, or tagged with a VLAN that has no interface here. */
const OTHER_HOST = 3;

/** A condition of `allOf`: the value loaded from `offset` must be among `values`; with `not`, must not be. */
interface Condition {
  readonly load: number;
  readonly offset: number;
  readonly values: readonly number[];
  readonly not?: true;
}

/** Accepts a frame when every condition holds. */
function allOf(conditions: readonly Condition[]): BpfProgram {
  const length = conditions.reduce((sum, { values }) => sum + 1 + values.length, 0);
  const reject = length + 1;
  const program: BpfInstruction[] = [];
  for (const { load, offset, values, not } of conditions) {
    program.push([load, 0, 0, offset]);
    const next = program.length + values.length;
    values.forEach((value, index) => {
      const here = program.length;
      const whenEqual = not === true ? reject : next;
      const whenOther = index < values.length - 1 ? here + 1 : not === true ? next : reject;
      program.push([JUMP_EQUAL, whenEqual - here - 1, whenOther - here - 1, value]);
    });
  }
  return [...program, [RETURN, 0, 0, WHOLE], [RETURN, 0, 0, 0]];
}

/**
 * ARP for IPv4 over Ethernet, requests and replies, that the host itself would look at. Replies are wanted too: an announcement may
 * come in either form (RFC 5944 §4.6), and a conflict may show in any ARP packet (RFC 5227 §2.4).
 */
export const arpFilter: BpfProgram = allOf([
  { load: LOAD_HALF, offset: 12, values: [ETHERTYPE.ARP] },
  { load: LOAD_OCTET, offset: PACKET_TYPE, values: [OTHER_HOST], not: true },
  { load: LOAD_HALF, offset: 14, values: [1] },
  { load: LOAD_HALF, offset: 16, values: [0x0800] },
  { load: LOAD_HALF, offset: 18, values: [0x0604] },
  { load: LOAD_HALF, offset: 20, values: [1, 2] },
]);

/** Neighbor Solicitations and Advertisements with the hop limit and code that RFC 4861 §7.1 demands, directly after the IPv6 header. */
export const ndpFilter: BpfProgram = allOf([
  { load: LOAD_HALF, offset: 12, values: [ETHERTYPE.IPV6] },
  { load: LOAD_OCTET, offset: PACKET_TYPE, values: [OTHER_HOST], not: true },
  { load: LOAD_OCTET, offset: 20, values: [58] },
  { load: LOAD_OCTET, offset: 21, values: [255] },
  { load: LOAD_OCTET, offset: 54, values: [135, 136] },
  { load: LOAD_OCTET, offset: 55, values: [0] },
]);

/** For a UDP socket: only datagrams whose TTL or hop limit is at least `minimum` (RFC 5082 §3, RFC 5881 §5). */
export function minTtlFilter(family: "IPv4" | "IPv6", minimum: number): BpfProgram {
  return [
    [LOAD_OCTET, 0, 0, NETWORK_HEADER + (family === "IPv4" ? 8 : 7)],
    [JUMP_AT_LEAST, 0, 1, minimum],
    [RETURN, 0, 0, WHOLE],
    [RETURN, 0, 0, 0],
  ];
}

/** A program as the kernel reads it: eight octets an instruction. */
export function encodeBpf(program: BpfProgram): Buffer {
  const octets = Buffer.alloc(program.length * 8);
  program.forEach(([code, jt, jf, k], index) => {
    octets.writeUInt16LE(code, index * 8);
    octets.writeUInt8(jt, index * 8 + 2);
    octets.writeUInt8(jf, index * 8 + 3);
    octets.writeUInt32LE(k, index * 8 + 4);
  });
  return octets;
}

/** A `struct sock_fprog` that points at `program`, which the caller holds until the kernel has copied it. */
export function sockFprog(program: Buffer): Buffer {
  const octets = Buffer.alloc(16);
  octets.writeUInt16LE(program.length / 8, 0);
  octets.writeBigUInt64LE(sys.addressOf(program), 8);
  return octets;
}
