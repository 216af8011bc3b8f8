/**
 * Bundles each app into `apps/NAME/bundle`: one file a thread, beside it what only some runs load (a kubeconfig's reader, what signs
 * certificates), which would cost every daemon 40 MB if it were in the same file. koffi is left outside, as in the images.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { lazyBuiltins, leanLibraries } from "./lean-modules.ts";

const root = resolve(import.meta.dirname, "..");
/** Entry points of the apps; the speaker's worker thread is a file of its own. */
const entries = [
  "apps/cli/src/main.ts",
  "apps/controller/src/main.ts",
  "apps/speaker/src/main.ts",
  "apps/speaker/src/worker/main.ts",
].filter((entry) => existsSync(resolve(root, entry)));

/** A part that no bundle names any more is kept so long, in milliseconds: a daemon that has just begun may be about to load it. */
const KEPT = 3_600_000;
const written = new Set<string>();

for (const entry of entries) {
  const [, app = ""] = entry.split("/");
  const out = entry.includes("/worker/") ? "worker" : "main";
  const outdir = `apps/${app}/bundle`;
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out }],
    outdir,
    chunkNames: "part-[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node22.19",
    conditions: ["@herald-lb/source"],
    external: ["koffi"],
    plugins: [lazyBuiltins, leanLibraries],
    // V8 keeps the text of a file as long as it runs. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    sourcemap: true,
    // CommonJS parts inside the bundle call require, which an ES module does not have.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "warning",
    write: false,
  });
  // The entry names its parts, so they are there before it.
  for (const { path, contents } of outputFiles.toSorted((a, b) => Number(isPart(b.path)) - Number(isPart(a.path)))) {
    put(path, contents);
    written.add(path);
  }
  process.stdout.write(`herald: bundled ${outdir}/${out}.js\n`);
}
for (const folder of new Set([...written].map((path) => dirname(path)))) {
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    if (isPart(path) && !written.has(path) && Date.now() - statSync(path).mtimeMs > KEPT) rmSync(path);
  }
}

function isPart(path: string): boolean {
  return basename(path).startsWith("part-");
}

/** Daemons of a lab beside this one may be loading the file: it changes whole, and only where it differs. */
function put(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}
