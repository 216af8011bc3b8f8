/** Bundles each app into `apps/NAME/bundle`: one file a thread, koffi left outside, as in the images. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
/** Entry points of the two apps; the speaker's worker thread is a file of its own. */
const entries = ["apps/controller/src/main.ts", "apps/speaker/src/main.ts", "apps/speaker/src/worker/main.ts"].filter(
  (entry) => existsSync(resolve(root, entry)),
);

for (const entry of entries) {
  const [, app = ""] = entry.split("/");
  const outfile = `apps/${app}/bundle/${entry.includes("/worker/") ? "worker" : "main"}.js`;
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22.19",
    conditions: ["@herald-lb/source"],
    external: ["koffi"],
    legalComments: "none",
    sourcemap: true,
    // CommonJS parts inside the bundle call require, which an ES module does not have.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  process.stdout.write(`herald: bundled ${outfile}\n`);
}
