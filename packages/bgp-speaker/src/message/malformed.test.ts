import { octetsFromHex, readVectors } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { decodeSegments } from "../attribute/as-path.ts";
import { attributeCodecs } from "../attribute/table.ts";
import { decodeCapabilities } from "../capability.ts";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { decodeMessage } from "./index.ts";
import { decodeOpen } from "./open.ts";

type Outcome = "withdraw" | "discard" | "session-reset" | "accept";

interface Malformed {
  readonly id: string;
  readonly name: string;
  readonly sort: "ebgp" | "ibgp";
  readonly expect: Outcome | null;
  readonly hex: string;
  readonly observed?: Readonly<Record<string, { readonly result: string }>>;
}

function outcomeOf({ hex, sort }: Malformed): Outcome {
  const context: CodecContext = {
    fourOctetAs: true,
    families: [IPV4_UNICAST, IPV6_UNICAST],
    maxMessageLength: 4096,
    peer: sort === "ibgp" ? "internal" : "external",
  };
  const result = decodeMessage(octetsFromHex(hex), context);
  if (result.ok) return "accept";
  return (
    { "attribute-discard": "discard", "treat-as-withdraw": "withdraw", "session-reset": "session-reset" } as const
  )[result.error.outcome];
}

/** The outcomes that the daemons' "keep" cannot tell apart: in both the route stays. */
const kept = (outcome: Outcome | null): string | null =>
  outcome === "discard" || outcome === "accept" ? "kept" : outcome;

/** True where both daemons behaved as `expected`; where neither was run, the specification alone counts. */
function agreed({ expect: expected, observed }: Malformed): boolean {
  const results = [observed?.["frr-10.3"]?.result, observed?.["bird-2.0.12"]?.result];
  const wanted = { withdraw: "withdraw", discard: "keep", accept: "keep", "session-reset": "reset" };
  return expected !== null && results.every((result) => result === undefined || result.startsWith(wanted[expected]));
}

/** Attributes that Herald does not interpret and carries with any content. */
const CARRIED = /^(?:pmsi|encap|prefix-sid|c-prefix-sid|link-state|nhc|unknown)-/;

/** Cases in which Herald differs from `expect`, with the reasons. */
const exceptions: Readonly<Record<string, string>> = {
  "as4path-seg-type-0": "RFC 6793 §6 has a malformed AS4_PATH discarded, not the routes withdrawn",
  "otc-value-0": "RFC 9234 §5 calls only the length malformed",
};

const malformed = readVectors<Malformed>("bgp-malformed.jsonl");

describe.skipIf(malformed === null)("malformed UPDATEs", () => {
  it("has the outcome of RFC 7606 wherever FRR and BIRD have it too", () => {
    const compared = (malformed ?? []).filter((vector) => agreed(vector) && !CARRIED.test(vector.name));
    expect(compared.length).toBeGreaterThan(100);
    const wrong = compared.filter(
      (vector) => kept(outcomeOf(vector)) !== kept(vector.expect) && exceptions[vector.name] === undefined,
    );
    expect(wrong.map((vector) => `${vector.id} ${vector.name} ${vector.sort}: ${outcomeOf(vector)}`)).toEqual([]);
  });

  it("keeps the session and the routes when an attribute it does not interpret is malformed", () => {
    const carried = (malformed ?? []).filter(({ name }) => CARRIED.test(name));
    expect(carried.length).toBeGreaterThan(20);
    const wrong = carried.filter((vector) => kept(outcomeOf(vector)) !== "kept");
    expect(wrong.map((vector) => `${vector.name} ${vector.sort}: ${outcomeOf(vector)}`)).toEqual([]);
  });
});

interface FrrUnit {
  readonly kind: "capability" | "mp-attribute-value" | "as-path-value-as2";
  readonly group?: string;
  readonly name: string;
  readonly hex: string;
  readonly expect?: "parse" | "error" | "withdraw";
  readonly pathLength?: number;
}

/** Cases in which FRR differs, with the reasons. */
const frrExceptions: Readonly<Record<string, string>> = {
  minsize: "Outbound Route Filtering is carried, not read",
  DynCapPadded: "the obsolete Dynamic Capability is carried, not read",
  DynCapMPCoverflow: "the obsolete Dynamic Capability is carried, not read",
  "IPv4-VPNv4-bogus-plen": "NLRI of VPN families are carried, not read",
  "IPv6-bug": "MP_REACH_NLRI without NLRI announces nothing; RFC 4760 §3 does not forbid it",
};

function parses({ kind, group, name, hex }: FrrUnit): boolean {
  const octets = octetsFromHex(hex);
  const context: CodecContext = { fourOctetAs: false, families: [IPV4_UNICAST, IPV6_UNICAST], maxMessageLength: 4096 };
  if (kind === "mp-attribute-value") {
    const codec = group === "mp_unreach_segments" ? attributeCodecs.MP_UNREACH_NLRI : attributeCodecs.MP_REACH_NLRI;
    return codec.decode(octets, 0, octets.length, context) !== null;
  }
  if (!/^(?:Cap-|AS4)/.test(name)) return decodeCapabilities(octets, 0, octets.length) !== null;
  const open = new Uint8Array(29 + octets.length);
  open.set([4, 0, 1, 0, 180, 192, 0, 2, 1, octets.length], 19);
  open.set(octets, 29);
  return decodeOpen(open).ok;
}

const frr = readVectors<FrrUnit>("frr-unit.jsonl");

describe.skipIf(frr === null)("the cases of FRR's own tests", () => {
  it("parses what FRR parses, and refuses what it refuses", () => {
    const compared = (frr ?? []).filter(
      ({ kind, group, name }) =>
        kind !== "as-path-value-as2" && group !== "mp_prefix_sid" && frrExceptions[name] === undefined,
    );
    expect(compared.length).toBeGreaterThan(30);
    const wrong = compared.filter((unit) => parses(unit) !== (unit.expect === "parse"));
    expect(wrong.map(({ name, expect: expected }) => `${name}: not ${expected}`)).toEqual([]);
  });

  it("reads paths as long as FRR does", () => {
    for (const { kind, name, hex, pathLength } of frr ?? []) {
      if (kind !== "as-path-value-as2" || pathLength === undefined) continue;
      const octets = octetsFromHex(hex);
      const segments = decodeSegments(octets, 0, octets.length, false) ?? [];
      const hops = segments.map(({ type, autonomousSystems }) =>
        type === "AS_SEQUENCE" ? autonomousSystems.length : type === "AS_SET" ? 1 : 0,
      );
      expect(
        hops.reduce((sum, each) => sum + each, 0),
        name,
      ).toBe(pathLength);
    }
  });
});
