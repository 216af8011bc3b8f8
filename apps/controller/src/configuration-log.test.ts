import type { ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import { expect, it } from "vitest";
import { pool, pools } from "./cluster-objects.test.fixture.ts";
import { ConfigurationLog } from "./configuration-log.ts";
import { recordingLog } from "./fake-api.test.fixture.ts";

it("logs an issue once for as long as it stays, and sets the metrics of each reading", () => {
  const { log, lines } = recordingLog();
  const set: string[] = [];
  const gauge = (name: string): never => ({ set: (value: number) => void set.push(`${name} ${value}`) }) as never;
  const report = new ConfigurationLog(log, { configLoaded: gauge("loaded"), configStale: gauge("stale") });
  // Two issues: the entry, and a pool without addresses.
  const rejected = pools(pool("bad", ["192.0.2.0/33"]));
  const noted = {
    ...pools(),
    issues: rejected.issues.map((issue): ConfigIssue => ({ ...issue, effect: "Noted" })),
  };
  for (const configuration of [rejected, rejected, pools(), rejected, noted]) report.report(configuration);
  const issues = lines.filter((line) => !line.endsWith("configuration read"));
  expect(issues.map((line) => line.split(" ")[0])).toEqual(["warn", "warn", "warn", "warn"]);
  expect(lines).toHaveLength(9);
  expect(set.filter((value) => value.startsWith("stale"))).toEqual([
    "stale 1",
    "stale 1",
    "stale 0",
    "stale 1",
    "stale 0",
  ]);
  expect(new Set(set.filter((value) => value.startsWith("loaded")))).toEqual(new Set(["loaded 1"]));
});
