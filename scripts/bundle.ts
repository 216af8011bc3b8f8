/** Bundles each app into `apps/NAME/bundle`: one file a thread, koffi left outside, as in the images. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
/** Entry points of the apps; the speaker's worker thread is a file of its own. */
const entries = [
  "apps/cli/src/main.ts",
  "apps/controller/src/main.ts",
  "apps/speaker/src/main.ts",
  "apps/speaker/src/worker/main.ts",
].filter((entry) => existsSync(resolve(root, entry)));

for (const entry of entries) {
  const [, app = ""] = entry.split("/");
  const outfile = `apps/${app}/bundle/${entry.includes("/worker/") ? "worker" : "main"}.js`;
  const { outputFiles } = await build({
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
    write: false,
  });
  for (const { path, contents } of outputFiles) put(path, contents);
  process.stdout.write(`herald: bundled ${outfile}\n`);
}

/** Daemons of a lab beside this one may be loading the file: it changes whole, and only where it differs. */
function put(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}
