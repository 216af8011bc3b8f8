import { describe, expect, it } from "vitest";
import { clientCountOf, CLIENTS_MAX } from "./client-table.ts";
import { clientOf, NODES, requestOf, SharedSegment, type TestClient, VIP } from "./sharing.test.fixture.ts";

const clients = (count: number): readonly TestClient[] => Array.from({ length: count }, (_, at) => clientOf(at));
/** A segment on which so many clients have asked. */
const asked = (count: number): SharedSegment => {
  const segment = new SharedSegment().serve(NODES).wait(5_000);
  for (const client of clients(count)) segment.ask(client);
  return segment;
};

describe("the table of clients", () => {
  it("stays bounded under 100,000 senders, who drive no client out that has confirmed; one that asks among them is served", () => {
    const segment = asked(100);
    for (const client of clients(100)) segment.confirm(client);
    segment.wait(1_000);
    const flooded = segment.nodes.get("node-a")?.state;
    for (let number = 1_000; number < 101_000; number++) {
      segment.event("node-a", { type: "FrameReceived", on: 1, octets: requestOf(clientOf(number), VIP) });
      if (number % 10_000 === 0) expect(segment.ask(clientOf(900_000 + number))).toHaveLength(1);
    }
    expect(flooded === undefined ? 0 : clientCountOf(flooded.clients.table)).toBe(CLIENTS_MAX);
    const lost = clients(100).filter(({ mac }) => segment.entries.get(mac) === "node-c");
    segment.serve(NODES.filter((node) => node !== "node-c")).wait(10_000);
    const heirs = lost.map(({ mac }) => segment.entries.get(mac));
    expect(heirs).not.toContain("node-c");
    expect(heirs.filter((heir) => heir === "node-a").length).toBeGreaterThan(4);
  });

  it("has one client for a station that speaks from 100,000 addresses", () => {
    const segment = asked(10);
    const { mac } = clientOf(77_777);
    for (let number = 0; number < 100_000; number++)
      segment.event("node-a", {
        type: "FrameReceived",
        on: 1,
        octets: requestOf({ mac, ip: clientOf(number).ip }, VIP),
      });
    expect(segment.tableOf("node-a").size).toBe(11);
  });
});
