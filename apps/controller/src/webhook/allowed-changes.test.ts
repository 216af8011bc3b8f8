import { describe, expect, it } from "vitest";
import { answer, bgp, community, create, made, peer, pool, remove, update } from "./review.test.fixture.ts";
import { kindsReviewedWith } from "./review.ts";

describe("what is allowed", () => {
  it.each([
    {
      name: "a sound pool beside another",
      request: create(pool("b", ["198.51.100.0/24", "2001:db8::/64"], null)),
      live: [pool("a", ["192.0.2.0/24"])],
    },
    {
      name: "a sound peer beside a broken one",
      request: create(peer("p", {}, null)),
      live: [peer("broken", { myASN: 0 })],
    },
    {
      name: "a sound pool beside two that overlap each other",
      request: create(pool("c", ["198.51.100.0/24"], null)),
      live: [pool("a", ["192.0.2.0/24"], 1), pool("b", ["192.0.2.0/24"], 2)],
    },
    {
      name: "a change that lessens an overlap of others",
      request: update(pool("a", ["192.0.2.0/24"], 1), pool("a", ["192.0.2.0/25"], 1)),
      live: [pool("a", ["192.0.2.0/24"], 1), pool("b", ["192.0.2.64/26", "192.0.2.128/25"], 2)],
    },
    {
      name: "deletion of a profile that nobody names",
      request: remove(made("BFDProfile", "fast", {})),
      live: [peer("p", { bfdProfile: "slow" })],
    },
    { name: "a peer in a VRF", request: create(peer("p", { vrf: "red" }, null)), live: [] },
    { name: "deletion of a pool", request: remove(pool("a", ["x"])), live: [] },
    {
      name: "a change in another namespace, of what was there before",
      request: { ...update(pool("a", ["x"]), pool("a", ["y"])), namespace: "default" },
      live: [],
    },
  ])("$name", ({ request, live }) => {
    expect(answer(request, live).denied).toBeNull();
  });

  it("an advertisement of what is there, without a word", () => {
    const live = [pool("a", ["192.0.2.0/24"]), peer("p"), community("c", { mine: "64500:1" })];
    const spec = { ipAddressPools: ["a"], peers: ["p"], communities: ["mine"] };
    expect(answer(create(bgp("ad", spec, null)), live)).toEqual({ denied: null, warnings: [] });
    const l2 = made("L2Advertisement", "l2", { ipAddressPools: ["a"] }, null);
    expect(answer(create(l2), live)).toEqual({ denied: null, warnings: [] });
    expect(answer(create(bgp("ad", { peers: ["later"] }, null))).warnings).toHaveLength(1);
  });

  it("a broken object loses its finalizer, and gets annotations", () => {
    const before = made("IPAddressPool", "a", { addresses: ["x"] }, 1, { finalizers: ["f"] });
    const without = made("IPAddressPool", "a", { addresses: ["x"] }, 1, { annotations: { seen: "yes" } });
    const leaving = made("IPAddressPool", "a", { addresses: ["y"] }, 1, { deletionTimestamp: "2026-01-02T00:00:00Z" });
    for (const after of [without, leaving]) {
      expect(kindsReviewedWith(update(before, after))).toEqual([]);
      expect(answer(update(before, after), [before])).toEqual({ denied: null, warnings: [] });
    }
    expect(answer(update(before, pool("a", ["y"])), [before]).denied).toMatch(/^spec\.addresses\[0\]: /);
  });

  it.each([
    {
      name: "a BFDProfile that may come later",
      object: peer("p", { bfdProfile: "fast" }, null),
      warning: /^spec\.bfdProfile: /,
    },
    {
      name: "disableMP, which means nothing",
      object: peer("p", { disableMP: true }, null),
      warning: /^spec\.disableMP: /,
    },
    {
      name: "Echo packets of BFD, which Herald does not send",
      object: made("BFDProfile", "fast", { echoMode: true }, null),
      warning: /^spec\.echoMode: /,
    },
    {
      name: "a community's name that may come later",
      object: bgp("ad", { communities: ["later"] }, null),
      warning: /^spec\.communities\[0\]: "later"/,
    },
  ])("with a warning: $name", ({ object, warning }) => {
    const { denied, warnings } = answer(create(object));
    expect(denied).toBeNull();
    expect(warnings.join("\n")).toMatch(warning);
  });

  it("warns in lines that the API server does not cut", () => {
    const many = Array.from({ length: 40 }, (_, at) => `${"n".repeat(250)}${at}`);
    const { warnings } = answer(create(bgp("ad", { communities: many }, null)));
    expect(warnings.length).toBeGreaterThan(0);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThanOrEqual(256);
    expect(warnings.join("").length).toBeLessThanOrEqual(4096);
  });
});
