import { describe, expect, it } from "vitest";
import { running, Segment, watch } from "./takeover-network.test.fixture.ts";
import { NODES } from "./takeover.test.fixture.ts";

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);

describe("speakers on one segment", () => {
  it.each(SEEDS)("have one announcer after a common start, and never two (seed %i)", (seed) => {
    const segment = new Segment(seed);
    for (const name of NODES) segment.start(name, 400);
    expect(watch(segment, 10_000)).toEqual(["", "node-b"]);
  });

  it.each(SEEDS)("replace an announcer that dies by its successor, once (seed %i)", (seed) => {
    const segment = running(seed);
    segment.kill("node-b");
    expect(watch(segment, 10_000)).toEqual(["", "node-a"]);
  });

  it.each(SEEDS)("hand over without a moment in which nobody answers (seed %i)", (seed) => {
    const segment = running(seed);
    const claimsBefore = segment.claims.length;
    segment.stop("node-b");
    const seen = watch(segment, 10_000);
    expect(seen.filter((nodes) => nodes === "")).toEqual([]);
    expect(seen.at(-1)).toBe("node-a");
    // The leaving node never claims the address beside its successor.
    expect(segment.claims.slice(claimsBefore).map(({ node }) => node)).not.toContain("node-b");
  });

  it.each(SEEDS)("do not lose an address to a node that starts, before it knows the members (seed %i)", (seed) => {
    const segment = new Segment(seed);
    segment.start("node-a");
    segment.start("node-c");
    expect(watch(segment, 10_000)).toEqual(["", "node-a"]);
    segment.start("node-b", 400);
    // The node that ranks first takes over when it knows the members; until then the old announcer goes on.
    const seen = watch(segment, 10_000);
    expect(seen.filter((nodes) => nodes !== "node-a+node-b")).toEqual(["node-a", "node-b"]);
  });

  it.each(SEEDS)("let a client's entry change once when the node that ranks first returns (seed %i)", (seed) => {
    const segment = new Segment(seed);
    segment.start("node-a");
    segment.start("node-c");
    watch(segment, 10_000);
    const before = segment.claims.length;
    segment.start("node-b", 400);
    watch(segment, 10_000);
    const claims = segment.claims.slice(before).map(({ node }) => node);
    const entries = claims.filter((node, at) => node !== (claims[at - 1] ?? "node-a"));
    expect(entries).toEqual(["node-b"]);
  });

  it.each(SEEDS)("leave a sticky service where it is when the node that ranks first returns (seed %i)", (seed) => {
    const segment = new Segment(seed, { sticky: true });
    segment.start("node-a");
    segment.start("node-c");
    watch(segment, 10_000);
    segment.start("node-b", 400);
    expect(watch(segment, 10_000)).toEqual(["node-a"]);
    // All start by the same rule, and have one announcer again after each end.
    segment.kill("node-a");
    expect(watch(segment, 10_000)).toEqual(["node-a", "", "node-b"].slice(1));
    segment.start("node-a", 400);
    expect(watch(segment, 10_000)).toEqual(["node-b"]);
    segment.stop("node-b");
    expect(watch(segment, 10_000).at(-1)).toBe("node-a");
  });

  it("stop answering one address at the moment in which the successor announces it", () => {
    const segment = running(1);
    segment.stop("node-b");
    const seen = watch(segment, 10_000);
    expect(seen[0]).toBe("node-b");
    expect(seen.slice(1).every((nodes) => nodes === "node-a" || nodes === "node-a+node-b")).toBe(true);
  });
});
