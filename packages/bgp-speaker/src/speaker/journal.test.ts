import type { IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { JOURNAL_CAPACITY } from "../rib/journal.ts";
import { frame } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { journalOf } from "./journal-of.ts";

const PREFIX = "203.0.113.7/32";

/** The journal in words: time, event, peers, prefix, MED, cause and occasion. */
function wordsOf(bench: Bench, filter?: Parameters<typeof journalOf>[1]): readonly string[] {
  return journalOf(bench.state, filter).map((entry) => {
    const head = `${entry.at} ${entry.event} ${entry.peers.join()}`;
    if (!("prefix" in entry)) return head;
    const med = entry.route?.attributes.find((each) => each.type === "MULTI_EXIT_DISC")?.value ?? "-";
    return `${head} ${entry.prefix} ${med} ${entry.cause} ${entry.occasion}`;
  });
}

describe("the journal of routes", () => {
  it("tells what was told to whom, when, and by whose wish", () => {
    const bench = createBench();
    bench.dispatch(desired(["web", [route(PREFIX)]]));
    bench.establish();
    bench.wait(1_000);
    bench.dispatch(desired(["dns", [route(PREFIX, { med: 7 })]]));
    bench.wait(1_000);
    bench.receive(frame(5, 0, 1, 0, 1));
    bench.dispatch(desired(["web", []]));
    bench.dispatch(desired(["dns", []]));
    bench.receive(frame(3, 6, 2));
    expect(wordsOf(bench)).toEqual([
      "0 SessionEstablished router",
      `0 Announced router ${PREFIX} - web InitialUpdate`,
      `1000 Announced router ${PREFIX} 7 dns Change`,
      `2000 Announced router ${PREFIX} 7 dns RouteRefresh`,
      `2000 Withdrawn router ${PREFIX} - dns Change`,
      "2000 SessionEnded router",
    ]);
  });

  it("names the key whose wish ended, also where another one goes on", () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch(desired(["web", [route(PREFIX, { med: 9 })]]));
    bench.dispatch(desired(["dns", [route(PREFIX, { med: 7 })]]));
    bench.dispatch(desired(["dns", []]));
    bench.dispatch(desired(["web", []]));
    expect(wordsOf(bench).slice(1)).toEqual([
      `0 Announced router ${PREFIX} 9 web Change`,
      `0 Announced router ${PREFIX} 7 dns Change`,
      `0 Announced router ${PREFIX} 9 dns Change`,
      `0 Withdrawn router ${PREFIX} - web Change`,
    ]);
  });

  it("has the entries of one peer, or of one prefix", () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch(desired(["web", [route(PREFIX), route("203.0.113.8/32")]]));
    expect(wordsOf(bench, { prefix: PREFIX as IpPrefix })).toEqual([`0 Announced router ${PREFIX} - web Change`]);
    expect(wordsOf(bench, { peer: "router" })).toHaveLength(3);
    expect(wordsOf(bench, { peer: "another" })).toEqual([]);
  });

  it("keeps the last entries, however many there were", () => {
    const bench = createBench();
    bench.establish();
    const routes = Array.from({ length: JOURNAL_CAPACITY + 900 }, (_, n) => route(`198.51.${n >> 8}.${n & 255}/32`));
    bench.dispatch(desired(["many", routes]));
    bench.wait(1_000);
    bench.dispatch(desired(["many", []]));
    bench.wait(1_000);
    bench.dispatch(desired(["web", [route(PREFIX)]]));
    const entries = journalOf(bench.state);
    expect(entries).toHaveLength(JOURNAL_CAPACITY);
    expect(bench.state.journal.runs).toHaveLength(JOURNAL_CAPACITY);
    const last = wordsOf(bench).slice(-2);
    expect(last[1]).toBe(`2000 Announced router ${PREFIX} - web Change`);
    expect(last[0]).toContain("Withdrawn");
  });
});
