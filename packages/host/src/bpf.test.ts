import { octetsFromHex, readVectors } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { arpFilter, type BpfProgram, encodeBpf, minTtlFilter, ndpFilter } from "./bpf.ts";

/** Runs the few instructions in use as the kernel does; `network` is the offset of the IP header. */
function accepts(program: BpfProgram, frame: Uint8Array, packetType = 0, network = 14): boolean {
  let a = 0;
  for (let pc = 0; ; pc++) {
    const instruction = program[pc];
    if (instruction === undefined) throw new Error("ran off the end");
    const [code, jt, jf, k] = instruction;
    if (code === 0x28 || code === 0x30) {
      if (k === 0xffff_f004) {
        a = packetType;
        continue;
      }
      const at = k >= 0xfff0_0000 && k < 0xffff_f000 ? network + k - 0xfff0_0000 : k;
      const [high, low] = [frame[at], frame[at + 1]];
      if (high === undefined || (code === 0x28 && low === undefined)) return false;
      a = code === 0x30 ? high : high * 256 + (low ?? 0);
    } else if (code === 0x15) pc += a === k ? jt : jf;
    else if (code === 0x35) pc += a >= k ? jt : jf;
    else if (code === 0x06) return k > 0;
    else throw new Error(`instruction ${code}`);
  }
}

const request = octetsFromHex(
  "ffffffffffff 02005e005301 0806 0001 0800 06 04 0001 02005e005301 c0000201 000000000000 c0000202",
);
const solicitation = octetsFromHex(
  "3333ff000002 02005e005301 86dd 60000000 0020 3a ff 20010db8000000000000000000000001 ff0200000000000000000001ff000002 87 00 0000 00000000 20010db8000000000000000000000002 0101 02005e005301",
);
const changed = (frame: Uint8Array, at: number, octet: number): Uint8Array => frame.with(at, octet);

describe("arpFilter", () => {
  const cases = [
    { name: "a request", frame: request, accepted: true },
    { name: "a reply", frame: changed(request, 21, 2), accepted: true },
    { name: "RARP's operation", frame: changed(request, 21, 3), accepted: false },
    { name: "another EtherType", frame: changed(request, 13, 0), accepted: false },
    { name: "another hardware type", frame: changed(request, 15, 6), accepted: false },
    { name: "another protocol type", frame: changed(request, 16, 0x86), accepted: false },
    { name: "another address length", frame: changed(request, 19, 16), accepted: false },
    { name: "a solicitation", frame: solicitation, accepted: false },
  ];
  it.each(cases)("$name: $accepted", ({ frame, accepted }) => {
    expect(accepts(arpFilter, frame)).toBe(accepted);
    expect(accepts(arpFilter, frame, 1)).toBe(accepted);
    expect(accepts(arpFilter, frame, 3)).toBe(false);
  });

  it("agrees with tshark about foreign frames", () => {
    const rows = readVectors<{ hex: string; expected: Readonly<Record<string, string | undefined>> }>("arp-ndp.jsonl");
    let accepted = 0;
    for (const { hex, expected } of rows ?? []) {
      const frame = octetsFromHex(hex);
      const protocols = expected["frame.protocols"] ?? "";
      const arp = protocols === "eth:ethertype:arp" || protocols.startsWith("eth:ethertype:arp:");
      if (frame.length < 42) continue;
      if (!arp) {
        expect(accepts(arpFilter, frame)).toBe(false);
        continue;
      }
      const wanted =
        expected["arp.hw.type"] === "1" &&
        expected["arp.proto.type"] === "0x0800" &&
        expected["arp.hw.size"] === "6" &&
        expected["arp.proto.size"] === "4" &&
        ["1", "2"].includes(expected["arp.opcode"] ?? "");
      expect([hex, accepts(arpFilter, frame)]).toEqual([hex, wanted]);
      if (wanted) accepted++;
    }
    if (rows !== null) expect(accepted).toBeGreaterThan(10);
  });
});

describe("ndpFilter", () => {
  const cases = [
    { name: "a solicitation", frame: solicitation, accepted: true },
    { name: "an advertisement", frame: changed(solicitation, 54, 136), accepted: true },
    { name: "a router advertisement", frame: changed(solicitation, 54, 134), accepted: false },
    { name: "a hop limit of 254", frame: changed(solicitation, 21, 254), accepted: false },
    { name: "a code that is not 0", frame: changed(solicitation, 55, 1), accepted: false },
    { name: "UDP", frame: changed(solicitation, 20, 17), accepted: false },
    { name: "a request", frame: request, accepted: false },
  ];
  it.each(cases)("$name: $accepted", ({ frame, accepted }) => {
    expect(accepts(ndpFilter, frame)).toBe(accepted);
    expect(accepts(ndpFilter, frame, 2)).toBe(accepted);
    expect(accepts(ndpFilter, frame, 3)).toBe(false);
  });
  it("passes nothing shorter than the octets it looks at", () => {
    for (let length = 0; length < 56; length++)
      expect(accepts(ndpFilter, solicitation.subarray(0, length))).toBe(false);
  });
});

describe("minTtlFilter", () => {
  it("compares the TTL and the hop limit", () => {
    const ipv4 = new Uint8Array(28).with(8, 254);
    expect(accepts(minTtlFilter("IPv4", 254), ipv4, 0, 0)).toBe(true);
    expect(accepts(minTtlFilter("IPv4", 255), ipv4, 0, 0)).toBe(false);
    const ipv6 = new Uint8Array(48).with(7, 64);
    expect(accepts(minTtlFilter("IPv6", 64), ipv6, 0, 0)).toBe(true);
    expect(accepts(minTtlFilter("IPv6", 65), ipv6, 0, 0)).toBe(false);
  });
});

describe("encodeBpf", () => {
  it("lays an instruction out as struct sock_filter", () => {
    expect(encodeBpf([[0x15, 1, 2, 0xffff_f004]]).toString("hex")).toBe("1500010204f0ffff");
  });
});
