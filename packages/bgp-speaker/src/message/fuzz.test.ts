import { resolve } from "node:path";
import { createRandom, hexOf, octetsFromHex, readRecords, readVectors } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { splitFrames } from "../framing.ts";
import { decodeMessage, encodeMessage } from "./index.ts";

/** The number of mutations; a long run sets `HERALD_FUZZ`. */
const COUNT = Number(process.env["HERALD_FUZZ"] ?? 50_000);
const HEADER_LENGTH = 19;

const families = [IPV4_UNICAST, IPV6_UNICAST];
const contexts: readonly CodecContext[] = [
  { fourOctetAs: true, families, maxMessageLength: 4096, peer: "external" },
  { fourOctetAs: true, families, maxMessageLength: 4096, peer: "internal" },
  { fourOctetAs: false, families, maxMessageLength: 4096 },
  { fourOctetAs: true, families, maxMessageLength: 65535, addPath: families },
  { fourOctetAs: true, families: [], maxMessageLength: 4096 },
];

/** The octets of a valid message with a body that random hands have been at; the header stays valid. */
function mutated(frame: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  let copy = frame.slice();
  if (below(4) === 0) {
    copy = new Uint8Array(Math.max(HEADER_LENGTH, frame.length - 8 + below(16)));
    copy.set(frame.subarray(0, copy.length));
    copy[16] = copy.length >>> 8;
    copy[17] = copy.length;
  }
  const body = copy.length - HEADER_LENGTH;
  if (body === 0) return copy;
  for (let i = below(4); i >= 0; i--) {
    const at = HEADER_LENGTH + below(body);
    copy[at] = below(2) === 0 ? below(256) : (copy[at] as number) ^ (1 << below(8));
  }
  return copy;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

interface Row {
  readonly hex: string;
}
const recorded = readRecords<Row>(resolve(import.meta.dirname, "../../vectors/frr-bird.jsonl"));
const rows: readonly Row[] = [...recorded, ...(readVectors<Row>("bgp-core.jsonl") ?? [])];

describe("mutations of valid messages", () => {
  const frames = rows.map(({ hex }) => octetsFromHex(hex)).filter(({ length }) => length <= 4096);

  it(`never throws, and gives back what it takes: ${COUNT} of them`, () => {
    const random = createRandom(1);
    for (let i = 0; i < COUNT; i++) {
      const frame = mutated(frames[Math.floor(random() * frames.length)] as Uint8Array, random);
      const context = contexts[i % contexts.length] as CodecContext;
      const result = decodeMessage(frame, context);
      const message = result.ok ? result.value : result.error.received;
      if (message === undefined) continue;
      // Copied, for an encoder's octets lie in a slab that the next message is written to.
      const once = encodeMessage(message, context).slice();
      const again = decodeMessage(once, context);
      const back = again.ok ? again.value : again.error.received;
      if (back === undefined || !same(encodeMessage(back, context), once))
        expect.fail(`${hexOf(frame)} in ${JSON.stringify(context)}`);
      if (result.ok && !again.ok) expect.fail(`${hexOf(frame)} is not accepted a second time`);
    }
  }, 600_000);

  it("answers a message cut at any length with a value", () => {
    for (let i = 0; i < frames.length; i += rows.length > 100 ? 17 : 1) {
      const frame = frames[i] as Uint8Array;
      for (let length = 0; length < frame.length; length++) {
        const cut = frame.slice(0, length);
        expect(decodeMessage(cut, contexts[0] as CodecContext).ok).toBe(false);
        if (length < HEADER_LENGTH) continue;
        cut[16] = length >>> 8;
        cut[17] = length;
        decodeMessage(cut, contexts[0] as CodecContext);
      }
    }
  });

  it("splits a stream into the same frames wherever it is cut", () => {
    const some = frames.slice(0, 40).filter((frame) => frame[18] !== 4);
    const stream = Uint8Array.from(some.flatMap((frame) => [...frame]));
    for (const size of [1, 2, 7, 19, 64, 1000, stream.length]) {
      const split: string[] = [];
      let pending: Uint8Array = new Uint8Array(0);
      for (let at = 0; at < stream.length; at += size) {
        const result = splitFrames(pending, stream.subarray(at, at + size), 4096);
        expect(result.error).toBeNull();
        split.push(...result.frames.map(hexOf));
        pending = result.pending;
      }
      expect(pending.length).toBe(0);
      expect(split).toEqual(some.map(hexOf));
    }
  });
});
