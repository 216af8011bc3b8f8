import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { OUTBOX_BATCH } from "./outbox.ts";
import { type Answer, Bench, NODES, request } from "./takeover.test.fixture.ts";

const COUNT = 1_000;
const keyOf = (n: number): string => `default/${n}`;
const addressOf = (n: number): IpAddress => `198.51.${100 + (n >> 8)}.${n & 255}` as IpAddress;
const keysOf = (effects: readonly Answer[], type: Answer["type"]): readonly string[] =>
  effects.flatMap((effect) => (effect.type === type && "key" in effect ? [effect.key] : []));

/** A node with a thousand services that it alone can announce, and others that may be members. */
function requested(): Bench {
  const bench = new Bench("node-b");
  for (let n = 0; n < COUNT; n++) {
    const candidates = [{ node: "node-b", score: 0, interfaces: "all" as const }];
    const [address, key] = [addressOf(n), keyOf(n)];
    bench.step({
      type: "AnnouncementRequested",
      request: request({ key, addresses: [address], electionAddress: address, candidates }),
    });
  }
  bench.step({ type: "PeersExpected", count: 2 });
  return bench;
}

describe("a decision about a thousand services", () => {
  it("comes in batches, each service once and in order", () => {
    const bench = requested();
    const batches = [bench.members(NODES)];
    while (bench.state.outbox !== null) batches.push(bench.wait(1));
    expect(batches.map(({ length }) => length)).toEqual([...Array(7).fill(OUTBOX_BATCH), 2 * COUNT - 7 * OUTBOX_BATCH]);
    const keys = Array.from({ length: COUNT }, (_, n) => keyOf(n));
    expect(keysOf(batches.flat(), "Announce")).toEqual(keys);
    expect(keysOf(batches.flat(), "Announcing")).toEqual(keys);
  });

  it("holds back what is decided later behind what was decided before", () => {
    const bench = requested();
    const effects = [...bench.members(NODES)];
    const last = keyOf(COUNT - 1);
    expect(bench.step({ type: "AnnouncementWithdrawn", key: last })).toEqual([]);
    effects.push(...bench.wait(100));
    expect(effects.flatMap((effect) => ("key" in effect && effect.key === last ? [effect.type] : []))).toEqual([
      "Announce",
      "Announcing",
      "Withdraw",
      "NotAnnouncing",
    ]);
    expect(bench.announced.size).toBe(COUNT - 1);
  });

  it("lets a silence pass, and the questions to the membership", () => {
    const bench = requested();
    bench.members(NODES);
    expect(bench.step({ type: "PauseNoticed" })).toEqual([{ type: "BeginSilence" }, { type: "ConfirmMembership" }]);
    expect(bench.wait(100)).not.toContainEqual({ type: "EndSilence" });
  });

  it("is carried out before the silence ends, and a silence that begins meanwhile ends by its own decision alone", () => {
    const bench = requested();
    bench.members(NODES);
    bench.step({ type: "PauseNoticed" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([]);
    bench.step({ type: "PauseNoticed" });
    const effects = bench.wait(100);
    expect(bench.announced.size).toBe(COUNT);
    expect(effects).not.toContainEqual({ type: "EndSilence" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([{ type: "EndSilence" }]);
  });

  it("is dropped at the end", () => {
    const bench = requested();
    bench.members(NODES);
    bench.step({ type: "StopRequested" });
    bench.step({ type: "LeaveCompleted" });
    bench.wait(10_000);
    expect(bench.phase).toBe("Stopped");
    expect(bench.state.outbox).toBeNull();
  });
});
