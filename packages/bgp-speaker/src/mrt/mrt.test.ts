import { resolve } from "node:path";
import { hexOf, octetsFromHex, readRecords } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../message/index.ts";
import { frame, KEEPALIVE } from "../testing/model-peer.ts";
import { decodeMrtRecord, type MrtRecord, splitMrtRecords } from "./mrt-record.ts";
import { ribEntryAttributes } from "./rib-entry-attributes.ts";

const u16 = (value: number): string => value.toString(16).padStart(4, "0");
const u32 = (value: number): string => value.toString(16).padStart(8, "0");

/** A record of a type and subtype, at second 1800000000. */
function record(type: number, subtype: number, body: string): Uint8Array {
  return octetsFromHex(u32(1_800_000_000) + u16(type) + u16(subtype) + u32(body.length / 2) + body);
}

const decode = (octets: Uint8Array): MrtRecord => {
  const result = decodeMrtRecord(octets);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

const hex = (...parts: readonly string[]): string => parts.join("");
const ipv6 = (last: string): string => `20010db8${last.padStart(24, "0")}`;
const ends2 = hex("fde9fc00", "0007", "0001", "c0000201", "c000020a");
const ends4 = hex(u32(4_200_000_000), u32(64512), "0007", "0002", ipv6("1"), ipv6("a"));
const keepalive = hexOf(KEEPALIVE);
/** A withdrawal with Path Identifier 33, which without ADD-PATH would be no prefix. */
const withdrawal = hexOf(frame(2, 0, 9, 0, 0, 0, 33, 25, 192, 0, 2, 128, 0, 0));
const view = hex("c0000263", u16(4), "76696577");
const peers = hex(u16(2), "00c0000201c0000201fde9", "03c0000202", ipv6("2"), u32(4_200_000_000));
const attributes4 = hex("40010100", "4002060201fa56ea00", "400304c0000201");
const attributes6 = hex("40010100", "40020602010000fde9", "800e1110", ipv6("1"));
const records: Readonly<Record<string, Uint8Array>> = {
  message: record(16, 1, hex(ends2, keepalive)),
  messageAs4: record(16, 4, hex(ends4, keepalive)),
  local: record(16, 7, hex(ends4, keepalive)),
  addPath: record(16, 9, hex(ends4, withdrawal)),
  extended: record(17, 4, hex(u32(250_000), ends4, keepalive)),
  stateChange: record(16, 5, hex(ends4, "00050006")),
  peers: record(13, 1, hex(view, peers)),
  rib4: record(13, 2, hex(u32(5), "18cb0071", u16(1), u16(1), u32(1_799_999_000), u16(20), attributes4)),
  rib6: record(13, 4, hex(u32(6), "2020010db8", u16(1), u16(0), u32(0), u16(33), attributes6)),
  rib4AddPath: record(13, 8, hex(u32(7), "18cb0071", u16(1), u16(1), u32(0), u32(9), u16(4), "40010100")),
  other: record(48, 1, "010203"),
};

describe("MRT records, RFC 6396", () => {
  it("have the two ends of a session and a message that decodes in their context", () => {
    expect(decode(records["message"] as Uint8Array)).toMatchObject({
      type: "BGP4MP_MESSAGE",
      seconds: 1_800_000_000,
      microseconds: 0,
      peerAs: 65001,
      localAs: 64512,
      interfaceIndex: 7,
      peerAddress: "192.0.2.1",
      localAddress: "192.0.2.10",
      isLocal: false,
      context: { fourOctetAs: false },
    });
    expect(decode(records["messageAs4"] as Uint8Array)).toMatchObject({
      peerAs: 4_200_000_000,
      peerAddress: "2001:db8::1",
      localAddress: "2001:db8::a",
      context: { fourOctetAs: true },
    });
    expect(decode(records["local"] as Uint8Array)).toMatchObject({ isLocal: true });
    expect(decode(records["extended"] as Uint8Array)).toMatchObject({ microseconds: 250_000, peerAs: 4_200_000_000 });
    const addPath = decode(records["addPath"] as Uint8Array);
    expect(addPath.type === "BGP4MP_MESSAGE" ? decodeMessage(addPath.message, addPath.context) : null).toMatchObject({
      value: { withdrawnRoutes: [{ prefix: "192.0.2.128/25", pathId: 33 }] },
    });
  });

  it("have changes of state, and others as they are", () => {
    expect(decode(records["stateChange"] as Uint8Array)).toMatchObject({ oldState: 5, newState: 6 });
    expect(decode(records["other"] as Uint8Array)).toMatchObject({ type: "Unknown", mrtType: 48, subtype: 1 });
  });

  it("have a table: peers, and routes with their attributes", () => {
    expect(decode(records["peers"] as Uint8Array)).toMatchObject({
      collector: "192.0.2.99",
      viewName: "view",
      peers: [
        { bgpIdentifier: "192.0.2.1", address: "192.0.2.1", autonomousSystem: 65001 },
        { bgpIdentifier: "192.0.2.2", address: "2001:db8::2", autonomousSystem: 4_200_000_000 },
      ],
    });
    const attributesOf = (name: string): unknown => {
      const rib = decode(records[name] as Uint8Array);
      const entry = rib.type === "RIB" ? rib.entries[0] : undefined;
      if (rib.type !== "RIB" || entry === undefined) throw new Error("no route");
      return { prefix: rib.prefix, ...entry, attributes: ribEntryAttributes(entry) };
    };
    expect(attributesOf("rib4")).toMatchObject({
      prefix: "203.0.113.0/24",
      peerIndex: 1,
      originatedTime: 1_799_999_000,
      attributes: { ok: true, value: { nextHop: "192.0.2.1", linkLocalNextHop: null, issues: [] } },
    });
    expect(attributesOf("rib6")).toMatchObject({
      prefix: "2001:db8::/32",
      attributes: {
        ok: true,
        value: { nextHop: "2001:db8::1", pathAttributes: [{ type: "ORIGIN" }, { type: "AS_PATH" }] },
      },
    });
    expect(attributesOf("rib4AddPath")).toMatchObject({ pathId: 9, attributes: { value: { nextHop: null } } });
  });

  it("are values where they are cut at any length", () => {
    for (const [name, octets] of Object.entries(records))
      for (let length = 0; length < octets.length; length++) {
        expect(decodeMrtRecord(octets.slice(0, length)).ok, `${name} ${length}`).toBe(false);
        if (length < 12) continue;
        const cut = octets.slice(0, length);
        cut.set(octetsFromHex(u32(length - 12)), 8);
        const result = decodeMrtRecord(cut);
        if (!result.ok) expect(["Truncated", "Malformed"]).toContain(result.error.code);
      }
  });

  it("are values whatever the octets, attributes of routes as well", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(records)),
        fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
        (octets, changes) => {
          const changed = octets.slice();
          for (const [at, octet] of changes) if (at > 11 && at < changed.length) changed[at] = octet;
          const result = decodeMrtRecord(changed);
          if (result.ok && result.value.type === "RIB")
            for (const each of result.value.entries) ribEntryAttributes(each);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("are split from a stream however it arrives, and a length beyond the bound ends it", () => {
    const all = Object.values(records);
    const stream = Uint8Array.from(all.flatMap((octets) => [...octets]));
    for (const size of [1, 13, stream.length]) {
      const found: Uint8Array[] = [];
      let pending: Uint8Array = new Uint8Array(0);
      for (let at = 0; at < stream.length; at += size) {
        const split = splitMrtRecords(pending, stream.subarray(at, at + size), 1_000);
        if (!split.ok) throw new Error(split.error.code);
        found.push(...split.value.records);
        pending = split.value.pending;
      }
      expect(found.map(hexOf)).toEqual(all.map(hexOf));
    }
    expect(splitMrtRecords(new Uint8Array(0), stream, 40)).toMatchObject({ error: { field: "Length" } });
  });
});

interface Recorded {
  readonly hex: string;
  readonly type: MrtRecord["type"];
  readonly prefix?: string;
}

describe("records that BIRD wrote", () => {
  const recorded = readRecords<Recorded>(resolve(import.meta.dirname, "../../vectors/bird-mrt.jsonl"));

  it("decode, and the messages and attributes in them", () => {
    expect(recorded.length).toBeGreaterThan(5);
    for (const { hex, type, prefix } of recorded) {
      const value = decode(octetsFromHex(hex));
      expect(value.type).toBe(type);
      if (value.type === "BGP4MP_MESSAGE") expect(decodeMessage(value.message, value.context).ok).toBe(true);
      if (value.type !== "RIB") continue;
      expect(value.prefix).toBe(prefix);
      for (const entry of value.entries)
        expect(ribEntryAttributes(entry)).toMatchObject({
          ok: true,
          value: { issues: [], nextHop: expect.anything() },
        });
    }
  });
});
