import { encode } from "@msgpack/msgpack";
import { ByteReader } from "@herald-lb/sansio";
import { octets, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nobleCipher } from "../cipher.ts";
import { nodeName, nodeNameFromOctets, nodeNameToOctets } from "../node-name.ts";
import { encodeCompound } from "./compound.ts";
import { encodeCompress } from "./compress.ts";
import { encodeCrc } from "./crc.ts";
import { encodeLabel } from "./label.ts";
import { decodeMessage, encodeMessage, type Message } from "./message.ts";
import { skipValue } from "./msgpack.ts";
import { decodePacket, encodePacket, packetOverhead, type WireConfig } from "./packet.ts";
import { decodeStream, decodeStreamMessage, encodeStream, type StreamMessage } from "./stream.ts";

const label = new TextEncoder().encode("blue");
const plain: WireConfig = {
  cipher: nobleCipher,
  keyring: [],
  label: new Uint8Array(),
  compression: true,
  verifyIncoming: true,
  verifyOutgoing: true,
  encryptionVersion: 1,
};
const secret: WireConfig = { ...plain, keyring: [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)], label };
const wires: readonly { readonly name: string; readonly wire: WireConfig }[] = [
  { name: "plain", wire: plain },
  { name: "labelled", wire: { ...plain, label } },
  { name: "encrypted and labelled", wire: secret },
  { name: "encrypted in framing 0", wire: { ...secret, encryptionVersion: 0, compression: false } },
];
const nonce = new Uint8Array(12).fill(9);

const name = octets({ maxLength: 40 }).map(nodeNameFromOctets);
const u32 = fc.nat({ max: 0xffff_ffff });
const u16 = fc.nat({ max: 0xffff });
const source = {
  sourceAddr: fc.oneof(fc.constant(null), octets({ minLength: 4, maxLength: 16 })),
  sourcePort: u16,
  sourceNode: name,
};
const some = fc.option(octets({ maxLength: 600 }), { nil: null });
const bare = { noNullPrototype: true } as const;
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant("ping" as const), seqNo: u32, node: name, ...source }, bare),
  fc.record(
    {
      type: fc.constant("indirectPing" as const),
      seqNo: u32,
      target: some,
      port: u16,
      node: name,
      nack: fc.boolean(),
      ...source,
    },
    bare,
  ),
  fc.record({ type: fc.constant("ackResp" as const), seqNo: u32, payload: some }, bare),
  fc.record({ type: fc.constant("nackResp" as const), seqNo: u32 }, bare),
  fc.record(
    { type: fc.constantFrom("suspect" as const, "dead" as const), incarnation: u32, node: name, from: name },
    bare,
  ),
  fc.record(
    {
      type: fc.constant("alive" as const),
      incarnation: u32,
      node: name,
      addr: some,
      port: u16,
      meta: some,
      vsn: some,
    },
    bare,
  ),
  fc.record({ type: fc.constant("user" as const), payload: octets({ maxLength: 300 }) }, bare),
);
const pushPull: fc.Arbitrary<StreamMessage> = fc.record(
  {
    type: fc.constant("pushPull" as const),
    join: fc.boolean(),
    nodes: fc.array(
      fc.record(
        { name, addr: some, port: u16, meta: some, incarnation: u32, state: fc.nat({ max: 3 }), vsn: some },
        bare,
      ),
      { maxLength: 6 },
    ),
    userState: octets({ maxLength: 400 }),
  },
  bare,
);

describe("messages", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(decodeMessage(encodeMessage(given))).toEqual({ ok: true, value: given });
      }),
      { numRuns: 500 },
    );
  });

  it("are refused at every length that cuts them", () => {
    fc.assert(
      fc.property(message, (given) => {
        fc.pre(given.type !== "user");
        const whole = encodeMessage(given);
        for (let length = 0; length < whole.length; length++) {
          const decoded = decodeMessage(whole.subarray(0, length));
          expect(decoded).toMatchObject({ ok: false, error: { code: "Truncated" } });
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are read whatever the writer's order, width and unknown keys", () => {
    const body = encode({ Extra: [1, { deep: [null, 1.5, "x"] }], From: "a", Node: "b", Incarnation: 70_000 });
    const octetsOfMessage = Uint8Array.of(3, ...body);
    expect(decodeMessage(octetsOfMessage)).toEqual({
      ok: true,
      value: { type: "suspect", incarnation: 70_000, node: nodeName("b"), from: nodeName("a") },
    });
    const array = Uint8Array.of(3, ...encode([5, "node", "from"]));
    expect(decodeMessage(array)).toEqual({
      ok: true,
      value: { type: "suspect", incarnation: 5, node: nodeName("node"), from: nodeName("from") },
    });
  });

  it("refuses what is no number, no string and no map", () => {
    const refused = ["0381ab496e6361726e6174696f6ea161", "0381a44e6f646505", "0305", "0381ab496e6361726e6174696f6eff"];
    for (const hex of refused) {
      expect(decodeMessage(octetsFromHex(hex)), hex).toMatchObject({ ok: false, error: { code: "Malformed" } });
    }
    expect(decodeMessage(Uint8Array.of(99))).toMatchObject({ ok: false, error: { code: "UnknownMessageType" } });
  });

  it("passes over any value of a general msgpack library", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const reader = new ByteReader(encode(value));
        skipValue(reader);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it("passes over nesting of any depth", () => {
    const reader = new ByteReader(new Uint8Array(200_001).fill(0x91).fill(0xc0, 200_000));
    skipValue(reader);
    expect(reader.remaining).toBe(0);
  });
});

describe("node names", () => {
  it("go back to their octets and stay apart", () => {
    fc.assert(
      fc.property(octets(), octets(), (a, b) => {
        expect(nodeNameToOctets(nodeNameFromOctets(a))).toEqual(a);
        expect(nodeNameFromOctets(a) === nodeNameFromOctets(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  it("are the text where they are UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(nodeNameFromOctets(new TextEncoder().encode(text))).toBe(text);
      }),
    );
    expect(nodeNameFromOctets(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    expect(nodeNameFromOctets(Uint8Array.of(0xc3, 0xa9, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x80))).toBe(
      "é\udcff😀\udced\udca0\udc80",
    );
  });
});

describe.each(wires)("packets of a cluster that is $name", ({ wire }) => {
  it("come back as they were, with and without a checksum", () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), fc.boolean(), (given, withCrc) => {
        const parts = given.map(encodeMessage);
        const whole = encodeCompound(parts);
        const packet = encodePacket(wire, whole, withCrc, nonce);
        expect(packet.length).toBeLessThanOrEqual(whole.length + packetOverhead(wire));
        expect(decodePacket(wire, packet)).toEqual({ ok: true, value: { messages: given, errors: [] } });
      }),
      { numRuns: 60 },
    );
  });

  it("give a value for any octets, and for any that are one bit away", () => {
    fc.assert(
      fc.property(octets({ maxLength: 200 }), (given) => void decodePacket(wire, given)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(message, u16, fc.nat({ max: 7 }), (given, at, bit) => {
        const packet = encodePacket(wire, encodeMessage(given), true, nonce).slice();
        packet[at % packet.length] = (packet[at % packet.length] as number) ^ (1 << bit);
        const decoded = decodePacket(wire, packet);
        if (wire.keyring.length > 0) expect(decoded.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("exchange views over streams that come in any portions", () => {
    fc.assert(
      fc.property(pushPull, fc.boolean(), (given, opener) => {
        const stream = encodeStream(wire, given, opener, nonce);
        for (let length = 0; length < stream.length; length += Math.max(1, stream.length >> 5)) {
          const progress = decodeStream(wire, stream.subarray(0, length), opener);
          if (!progress.ok || progress.value.type !== "incomplete") throw new Error(`${length} of ${stream.length}`);
          expect(progress.value.wanted).toBeGreaterThan(length);
          expect(progress.value.wanted).toBeLessThanOrEqual(stream.length);
        }
        expect(decodeStream(wire, stream, opener)).toEqual({ ok: true, value: given });
      }),
      { numRuns: 40 },
    );
  });

  it("give a value for any octets of a stream", () => {
    const starts = fc.constantFrom([], [6], [8], [9], [10], [13], [244]);
    fc.assert(
      fc.property(starts, octets({ maxLength: 200 }), (start, rest) => {
        const given = Uint8Array.of(...start, ...rest);
        decodeStream(wire, given, true);
        decodeStreamMessage(given);
      }),
      { numRuns: 300 },
    );
  });
});

describe("wrappings", () => {
  it("nest no deeper than is sane", () => {
    let wrapped: Uint8Array = encodeMessage({ type: "nackResp", seqNo: 1 });
    for (let depth = 0; depth < 30; depth++) wrapped = encodeCompound([wrapped]);
    expect(decodePacket(plain, wrapped)).toMatchObject({
      ok: true,
      value: { messages: [], errors: [{ code: "TooLarge" }] },
    });
  });

  it("expand together to no more than a packet's share", () => {
    const bomb = encodeCompress(new Uint8Array(400_000).fill(8, 0, 1));
    const decoded = decodePacket(plain, encodeCompound([bomb, bomb, bomb, bomb]));
    if (!decoded.ok) throw new Error(decoded.error.code);
    expect(decoded.value.messages).toHaveLength(2);
    expect(decoded.value.errors.map((error) => error.code)).toEqual(["TooLarge", "TooLarge"]);
  });

  it("are refused when the label, the checksum or the key is another", () => {
    const ping = encodeMessage({ type: "nackResp", seqNo: 1 });
    const broken = encodeCrc(ping).slice();
    broken[2] = (broken[2] as number) ^ 1;
    expect(decodePacket(plain, broken)).toEqual({ ok: false, error: { code: "BadCrc" } });
    expect(decodePacket(plain, encodeLabel(label, ping))).toMatchObject({
      ok: false,
      error: { code: "UnacceptableLabel" },
    });
    const other: WireConfig = { ...secret, keyring: [new Uint8Array(32).fill(3)] };
    expect(decodePacket(secret, encodePacket(other, ping, true, nonce))).toMatchObject({
      ok: false,
      error: { code: "Undecryptable" },
    });
    const rotated: WireConfig = { ...secret, keyring: secret.keyring.toReversed() };
    expect(decodePacket(secret, encodePacket(rotated, ping, true, nonce)).ok).toBe(true);
  });
});
