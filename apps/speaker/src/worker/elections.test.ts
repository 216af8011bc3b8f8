import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { Elections, type Wish } from "./elections.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

/** spec: sha-256 ranks node-b, node-a, node-c for this address. */
const address = ip("10.0.0.1");
const wish: Wish = {
  key: "default/web",
  addresses: [address],
  electionAddress: address,
  candidates: ["node-a", "node-b", "node-c"].map((node) => ({ node, score: 0, interfaces: "all" })),
};
const all = new Set(["node-a", "node-b", "node-c"]);

describe("Elections", () => {
  it("decides nothing before it is known who lives", () => {
    const elections = new Elections("node-b");
    expect(elections.desire(wish)).toEqual([]);
    expect(elections.setLive(all)).toEqual([
      { type: "Won", key: "default/web", addresses: [address], interfaces: "all" },
    ]);
  });

  it("takes over when the winner dies, hands back when it returns, and tells each change once", () => {
    const elections = new Elections("node-a");
    elections.setLive(all);
    expect(elections.desire(wish)).toEqual([{ type: "Lost", key: "default/web", to: "node-b" }]);
    expect(elections.setLive(all)).toEqual([]);
    expect(elections.setLive(new Set(["node-a", "node-c"]))).toMatchObject([{ type: "Won" }]);
    expect(elections.setLive(all)).toEqual([{ type: "Lost", key: "default/web", to: "node-b" }]);
  });

  it("prefers the higher score, and answers on the interfaces of its own candidacy", () => {
    const elections = new Elections("node-c");
    elections.setLive(all);
    const candidates = [...wish.candidates.slice(0, 2), { node: "node-c", score: 5, interfaces: ["eth1"] }];
    expect(elections.desire({ ...wish, candidates })).toEqual([
      { type: "Won", key: "default/web", addresses: [address], interfaces: ["eth1"] },
    ]);
  });

  it("says a repeated wish again, so that changed addresses reach the responder", () => {
    const elections = new Elections("node-b");
    elections.setLive(all);
    elections.desire(wish);
    const more = { ...wish, addresses: [address, ip("2001:db8::1")] };
    expect(elections.desire(more)).toMatchObject([{ type: "Won", addresses: more.addresses }]);
  });

  it("gives up what is forgotten, and only what it had", () => {
    const elections = new Elections("node-b");
    elections.setLive(all);
    elections.desire(wish);
    expect(elections.forget("default/web")).toEqual([{ type: "Lost", key: "default/web", to: null }]);
    expect(elections.forget("default/web")).toEqual([]);
  });

  it("names what a returning node may have claimed meanwhile", () => {
    const elections = new Elections("node-b");
    elections.setLive(all);
    elections.desire(wish);
    expect(elections.contestedBy(new Set(["node-c"]))).toMatchObject([{ type: "Won", key: "default/web" }]);
    expect(elections.contestedBy(new Set(["node-z"]))).toEqual([]);
  });

  it("tells that nobody lives who may", () => {
    const elections = new Elections("node-b");
    elections.desire({ ...wish, candidates: wish.candidates.slice(0, 1) });
    expect(elections.setLive(new Set(["node-b"]))).toEqual([{ type: "Lost", key: "default/web", to: null }]);
  });
});
