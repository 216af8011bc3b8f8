import { octetsFromHex } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { INITIAL_CONTEXT } from "../codec-context.ts";
import { aigp, aigpMetric } from "./aigp.ts";

const decode = (hex: string): ReturnType<typeof aigp.decode> => {
  const octets = octetsFromHex(hex);
  return aigp.decode(octets, 0, octets.length, INITIAL_CONTEXT);
};

describe("AIGP, RFC 7311 §3", () => {
  it.each([
    { name: "a metric", hex: "01000b000000000000000a", metric: 10n },
    { name: "the greatest metric", hex: "01000bffffffffffffffff", metric: 0xffff_ffff_ffff_ffffn },
    { name: "the first of two", hex: "01000b000000000000000a01000b0000000000000014", metric: 10n },
    { name: "behind a TLV of another type", hex: "020005010201000b000000000000000a", metric: 10n },
    { name: "another type alone", hex: "090003", metric: null },
  ])("$name", ({ hex, metric }) => {
    const attribute = decode(hex);
    expect(attribute === null ? "malformed" : aigpMetric(attribute)).toBe(metric);
  });

  it("is malformed where it is cut at any length, and where a length is wrong", () => {
    const whole = "01000b000000000000000a";
    for (let octets = 0; octets < whole.length / 2; octets++) expect(decode(whole.slice(0, 2 * octets))).toBeNull();
    for (const hex of ["01000a0000000000000000", "01000c000000000000000a00", "090002", "090000", "0900040000"])
      expect(decode(hex), hex).toBeNull();
  });
});
