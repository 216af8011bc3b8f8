import { describe, expect, it } from "vitest";
import type { BgpSession } from "../crd/bgp-session.ts";
import { prefixLimitOf } from "./prefix-limit.ts";

const session = (peer: string, prefixes?: "NearLimit" | "OverLimit"): BgpSession => ({
  peer,
  state: "Established",
  ...(prefixes === undefined ? {} : { prefixes }),
});
const speakers = (levels: Readonly<Record<string, "NearLimit" | "OverLimit" | undefined>>) =>
  new Map(Object.entries(levels).map(([node, level]) => [node, [session("other", "OverLimit"), session("p", level)]]));

describe("the prefixes of a BGPPeer", () => {
  it.each([
    {
      name: "below the limit",
      levels: { a: undefined, b: undefined },
      status: "True",
      reason: "WithinLimit",
      nodes: "",
    },
    {
      name: "near it on one node",
      levels: { b: "NearLimit", a: undefined },
      status: "False",
      reason: "NearLimit",
      nodes: "b announces",
    },
    {
      name: "over it on one and near it on others",
      levels: { a: "NearLimit", b: "OverLimit" },
      status: "False",
      reason: "OverLimit",
      nodes: "b announces",
    },
    {
      name: "near it on many",
      levels: { e: "NearLimit", d: "NearLimit", c: "NearLimit", b: "NearLimit", a: "NearLimit" },
      status: "False",
      reason: "NearLimit",
      nodes: "a, b, c and 2 more nodes announce",
    },
  ] as const)("$name", ({ levels, status, reason, nodes }) => {
    const state = prefixLimitOf("p", 100, null, speakers(levels));
    expect(state).toMatchObject({ status, reason });
    expect(state.message.startsWith(nodes)).toBe(true);
    expect(state.message === "").toBe(status === "True");
  });

  it("count on nodes that exist alone", () => {
    expect(prefixLimitOf("p", 100, new Set(["a"]), speakers({ a: undefined, gone: "OverLimit" })).status).toBe("True");
  });
});
