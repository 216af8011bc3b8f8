import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests run on the sources: the workspace's packages resolve through this condition, so no build comes first. */
const conditions = ["@herald-lb/source", "node", "import", "default"];
const resolve = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** Files that measure how long something takes, or whose peers have timers of a second: each has the machine for itself. */
const TIMED: string[] = [
  "address-conflict",
  "allocation",
  "bgp-bfd",
  "bgp-ecmp",
  "failover",
  "guarantees",
  "guarantees-cluster",
  "handover",
  "high-availability",
  "load-sharing",
  "membership-serf",
  "routing",
].map((file) => `e2e/src/${file}.test.ts`);

/** Every end-to-end file works in network namespaces and folders of its own, so that several can run side by side. */
const endToEnd = { testTimeout: 300_000, hookTimeout: 900_000 };

/** How long each file took outlasts the clone, so that the files that take longest begin first. */
const cache = process.env["HERALD_CACHE"];

export default defineConfig({
  ...(cache === undefined ? {} : { cacheDir: join(cache, "vite") }),
  test: {
    projects: [
      {
        ...resolve,
        test: {
          name: "unit",
          include: [
            "{packages,apps}/*/src/**/*.test.ts",
            "packages/*/conformance/**/*.test.ts",
            "bench/src/**/*.test.ts",
            "lab/src/**/*.test.ts",
            "lab/api-server/src/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          testTimeout: 60_000,
        },
      },
      {
        ...resolve,
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          exclude: TIMED,
          fileParallelism: true,
          // More than there are processors: most files wait for timers and for other programs most of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...resolve,
        test: {
          ...endToEnd,
          name: "e2e-timed",
          include: TIMED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
