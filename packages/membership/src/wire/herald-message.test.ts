import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeNameFromOctets } from "../node-name.ts";
import { decodeHeraldMessage, encodeHeraldMessage, type HeraldMessage } from "./herald-message.ts";

const name = fc.uint8Array({ maxLength: 40 }).map(nodeNameFromOctets);
const message: fc.Arbitrary<HeraldMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant("WatcherReport" as const),
      watcher: name,
      node: name,
      incarnation: fc.nat(0xffff_ffff),
      view: fc.constantFrom("Up" as const, "Lost" as const, "Down" as const),
      asks: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant("MemberQuery" as const), node: name }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant("NodeData" as const),
      node: name,
      version: fc.nat(0xffff_ffff),
      part: fc.nat(255),
      parts: fc.nat(255),
      octets: fc.uint8Array({ maxLength: 40 }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant("NodeDataAck" as const), node: name, version: fc.nat(0xffff_ffff) },
    { noNullPrototype: true },
  ),
);

describe("the messages of Herald's speakers", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(message, (each) => {
        expect(decodeHeraldMessage(encodeHeraldMessage(each))).toEqual({ ok: true, value: each });
      }),
    );
  });

  it("are an error or another application's when cut at any length", () => {
    fc.assert(
      fc.property(message, (each) => {
        const octets = encodeHeraldMessage(each);
        for (let length = 0; length < octets.length; length++) {
          const result = decodeHeraldMessage(octets.subarray(0, length));
          expect(result.ok ? result.value : null).toBeNull();
        }
      }),
    );
  });

  it("give a value for any octets, and another application's message is none of them", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => void decodeHeraldMessage(octets)));
    const octets = encodeHeraldMessage({ type: "MemberQuery", node: nodeNameFromOctets(Uint8Array.of(97)) });
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = octets.slice();
        changed[at] = (changed[at] as number) ^ change;
        const result = decodeHeraldMessage(changed);
        if (at < 7) expect(result).toEqual({ ok: true, value: null });
      }),
    );
  });
});
