import { parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { electAnnouncer } from "./election.ts";

function order(text: string): string {
  const address = parseIpAddress(text);
  if (!address.ok) throw new Error(text);
  const nodes = ["node-c", "node-a", "node-b"].map((node) => ({ node, score: 0 }));
  return electAnnouncer(nodes, address.value)
    .map(({ node }) => node.slice(-1))
    .join("");
}

describe("electAnnouncer", () => {
  it.each([
    ["10.0.0.1", "bac"],
    ["10.0.0.2", "bca"],
    ["192.168.10.0", "bac"],
    ["192.168.10.1", "cba"],
    ["192.168.1.240", "acb"],
    ["fc00::1", "bca"],
    ["2001:db8::10", "bac"],
  ])("orders node-a, node-b, node-c for %s as MetalLB does", (address, expected) => {
    expect(order(address)).toBe(expected);
  });

  it("puts the score before the hash and says why each lost", () => {
    const address = parseIpAddress("10.0.0.1");
    if (!address.ok) throw new Error("address");
    const candidates = [
      { node: "node-a", score: 5 },
      { node: "node-b", score: 0 },
      { node: "node-c", score: 5 },
    ];
    expect(electAnnouncer(candidates, address.value)).toEqual([
      { node: "node-a", score: 5, reason: "Elected" },
      { node: "node-c", score: 5, reason: "LaterHash" },
      { node: "node-b", score: 0, reason: "LowerScore" },
    ]);
    expect(electAnnouncer([], address.value)).toEqual([]);
  });
});
