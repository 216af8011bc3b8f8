import type { MacAddress } from "@herald-lb/sansio";
import { expect, it } from "vitest";
import { noLostLinks } from "./node-report.ts";
import { Bench } from "./takeover.test.fixture.ts";

it("the nodes that died and never return are remembered up to a bound, the last ones, with their hardware addresses", () => {
  const bench = new Bench("node-b");
  bench.step({ type: "PeersExpected", count: 1 });
  const segment = { hardwareAddresses: ["02:00:5e:00:53:02" as MacAddress], tentative: new Set<string>() };
  const die = (...nodes: readonly string[]): void => {
    bench.members(["node-b", ...nodes], nodes);
    for (const node of nodes)
      bench.step({ type: "ReportReceived", node, report: { lostLinks: noLostLinks, owned: new Set(), segment } });
    bench.members(["node-b"], [], nodes);
  };
  const named = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, at) => `node-${from + at}`);
  die("again");
  for (let from = 0; from < 900; from += 100) die(...named(from, from + 100));
  die("again");
  for (let from = 900; from < 1_500; from += 100) die(...named(from, from + 100));
  expect(bench.state.dead.size).toBe(1_000);
  expect([...bench.state.dead].at(-1)).toBe("node-1499");
  expect(bench.state.dead.has("again")).toBe(true);
  expect(bench.state.dead.has("node-0")).toBe(false);
  expect(new Set(bench.state.speakers.keys())).toEqual(bench.state.dead);
});
