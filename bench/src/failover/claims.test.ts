import { describe, expect, it } from "vitest";
import { allTakenOver, unexplained } from "./claims.ts";
import type { Claim } from "./client/claim.ts";

const claim = (at: number, address: string, before: string | null, mac: string): Claim => ({
  at,
  address,
  before,
  mac,
});

describe("all addresses of a lost node", () => {
  const lost = { mac: "a", at: 100 };
  const table = [
    { name: "are taken over with the last", claims: [claim(110, "1", "a", "b"), claim(130, "2", "a", "c")], is: 130 },
    { name: "are not while one is left", claims: [claim(110, "1", "a", "b")], is: null },
    {
      name: "are not by the lost node, or before the fault",
      claims: [claim(90, "1", "a", "b"), claim(120, "1", "b", "a"), claim(130, "2", "a", "c")],
      is: null,
    },
    {
      name: "count with their first claim",
      claims: [claim(110, "1", "a", "b"), claim(120, "2", "a", "b"), claim(900, "1", "b", "c")],
      is: 120,
    },
  ];
  it.each(table)("$name", ({ claims, is }) => {
    expect(allTakenOver(claims, ["1", "2"], lost)).toBe(is);
  });
});

describe("a change of announcer", () => {
  const table = [
    { name: "is explained by the loss of its node", change: claim(110, "1", "a", "b"), isFalse: false },
    { name: "is explained when the node returns", change: claim(900, "1", "b", "a"), isFalse: false },
    { name: "is false before the fault", change: claim(90, "1", "a", "b"), isFalse: true },
    { name: "is false of another node's address", change: claim(110, "3", "b", "c"), isFalse: true },
    { name: "is none where the first claim is heard", change: claim(110, "3", null, "c"), isFalse: false },
  ];
  it.each(table)("$name", ({ change, isFalse }) => {
    expect(unexplained([change], ["1", "2"], { at: 100 })).toHaveLength(isFalse ? 1 : 0);
  });
});
