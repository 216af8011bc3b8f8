import { defineConfig } from "vitest/config";

/** Tests run on the sources: the workspace's packages resolve through this condition, so no build comes first. */
const conditions = ["@herald-lb/source", "node", "import", "default"];
const resolve = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...resolve,
        test: {
          name: "unit",
          include: [
            "{packages,apps}/*/src/**/*.test.ts",
            "packages/*/conformance/**/*.test.ts",
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
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
