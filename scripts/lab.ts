/** `npm run lab`: installs what the lab runs, builds, and runs it. Arguments: `--keep`, `--api-server=real`. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { installDebianPackages, LAB_NEEDS } from "./debian-packages.ts";
import { kubeAssets } from "@herald-lb/lab";

const root = resolve(import.meta.dirname, "..");
const args = process.argv.slice(2);

if (process.platform !== "linux" || process.getuid?.() !== 0) {
  process.stderr.write("herald: the lab builds network namespaces: it needs Linux and root\n");
  process.exit(1);
}
const missing = installDebianPackages(LAB_NEEDS);
if (missing.length > 0) {
  process.stderr.write(
    `herald: missing: ${missing.map(({ program, debian }) => `${program} (Debian package ${debian})`).join(", ")}\n`,
  );
  process.exit(1);
}
if (args.includes("--api-server=real")) {
  const assets = await kubeAssets();
  if (typeof assets !== "string") {
    process.stderr.write(`herald: no real API server: ${assets.missing}\n`);
    process.exit(1);
  }
  args.push(`--assets=${assets}`);
}
run("node", [resolve(root, "scripts/bundle.ts")]);
// The lab cleans up after itself on Ctrl-C: this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
run("node", ["--conditions=@herald-lb/source", resolve(root, "lab/src/main.ts"), ...args]);

function run(command: string, commandArgs: readonly string[]): void {
  const { status } = spawnSync(command, commandArgs, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
