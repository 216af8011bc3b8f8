import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWatchEvent, splitLines } from "./watch-stream.ts";

function linesOf(octets: Uint8Array, cuts: readonly number[]): { lines: string[]; pending: Uint8Array } {
  const lines: string[] = [];
  let pending: Uint8Array = new Uint8Array(0);
  let start = 0;
  for (const end of [...cuts, octets.length]) {
    const split = splitLines(pending, octets.subarray(start, end));
    lines.push(...split.lines);
    pending = split.pending;
    start = end;
  }
  return { lines, pending };
}

describe("splitLines", () => {
  it("gives the same lines wherever the stream is cut, also inside a character", () => {
    const octets = new TextEncoder().encode('{"a":"ä€😀"}\n\n{"b":"ß"}\r\nrest 😀');
    for (let first = 0; first <= octets.length; first++) {
      for (let second = first; second <= octets.length; second++) {
        const { lines, pending } = linesOf(octets, [first, second]);
        expect(lines).toEqual(['{"a":"ä€😀"}', '{"b":"ß"}']);
        expect(new TextDecoder().decode(pending)).toBe("rest 😀");
      }
    }
  });

  it("keeps a copy of the rest, not the chunk", () => {
    const chunk = new TextEncoder().encode("abc");
    const { pending } = splitLines(new Uint8Array(0), chunk);
    chunk.fill(0);
    expect(new TextDecoder().decode(pending)).toBe("abc");
  });
});

describe("readWatchEvent", () => {
  const object = { metadata: { name: "a", resourceVersion: "7" } };
  const cases = [
    { name: "an addition", line: { type: "ADDED", object }, expected: { ok: true, value: { type: "ADDED", object } } },
    {
      name: "a deletion",
      line: { type: "DELETED", object },
      expected: { ok: true, value: { type: "DELETED", object } },
    },
    {
      name: "a bookmark",
      line: { type: "BOOKMARK", object },
      expected: { ok: true, value: { type: "BOOKMARK", resourceVersion: "7" } },
    },
    {
      name: "an error",
      line: { type: "ERROR", object: { code: 410 } },
      expected: { ok: true, value: { type: "ERROR", status: { code: 410 } } },
    },
    {
      name: "an unknown type",
      line: { type: "OTHER", object },
      expected: { ok: false, error: { code: "NotAnEvent" } },
    },
    {
      name: "an object without a version",
      line: { type: "ADDED", object: { metadata: {} } },
      expected: { ok: false, error: { code: "NotAnEvent" } },
    },
    { name: "null", line: null, expected: { ok: false, error: { code: "NotAnEvent" } } },
  ];
  for (const { name, line, expected } of cases) {
    it(`reads ${name}`, () => expect(readWatchEvent<KubernetesObject>(JSON.stringify(line))).toMatchObject(expected));
  }

  it("reports a line that was cut at any place", () => {
    const line = JSON.stringify({ type: "ADDED", object });
    for (let length = 0; length < line.length; length++) {
      expect(readWatchEvent(line.slice(0, length))).toMatchObject({ ok: false, error: { code: "NotJson" } });
    }
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record({ type: fc.constantFrom("ADDED", "ERROR", "BOOKMARK"), object: fc.jsonValue() })
            .map((value) => JSON.stringify(value)),
        ),
        (line) => {
          expect(typeof readWatchEvent(line).ok).toBe("boolean");
        },
      ),
    );
  });
});
