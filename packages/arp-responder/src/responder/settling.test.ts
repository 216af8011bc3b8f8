import { describe, expect, it } from "vitest";
import { clients, NODES, SharedSegment } from "./sharing.test.fixture.ts";
import { SETTLING } from "./take-over-clients.ts";

/** Sixty-four clients of four nodes, one of which was away and is back; it has heard of them from the others. */
function returned(): SharedSegment {
  const segment = new SharedSegment().serve(NODES).wait(5_000);
  for (const client of clients(64)) segment.ask(client);
  segment.serve(["node-a", "node-b", "node-d"]).wait(5_000);
  for (const client of clients(64)) segment.confirm(client);
  segment.wait(10_000).serve(NODES).wait(500);
  segment.take();
  return segment;
}

describe("a node that has just begun to serve", () => {
  it("leaves the clients of a node alone of which it does not know yet that it serves", () => {
    const segment = returned();
    const before = new Map(segment.entries);
    segment.share("node-c", ["node-a", "node-b", "node-c"]);
    segment.wait(SETTLING / 2).share("node-c");
    segment.wait(10_000);
    expect(segment.entries).toEqual(before);
  });

  it("takes over the clients of a node that is still gone a moment later", () => {
    const segment = returned();
    const lost = [...segment.entries.values()].filter((node) => node === "node-d").length;
    segment.serve(["node-a", "node-b", "node-c"]).wait(SETTLING);
    expect(lost).toBeGreaterThan(0);
    for (const server of segment.entries.values()) expect(server).not.toBe("node-d");
  });
});
