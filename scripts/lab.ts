/** `npm run lab`: installs what the lab runs, builds, and runs it. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { installDebianPackages, LAB_NEEDS } from "./debian-packages.ts";
import { kubeAssets } from "@herald-lb/lab";

const USAGE = `npm run lab -- [--keep] [--api-server=embedded|real]
  --keep             leave the lab up until Ctrl-C, with a kubeconfig to play with
  --api-server=real  on a real kube-apiserver and etcd, from KUBE_ASSETS or built once with Go
`;
const root = resolve(import.meta.dirname, "..");
const options = readArguments();

if (process.platform !== "linux" || process.getuid?.() !== 0)
  exit(1, "the lab builds network namespaces: it needs Linux and root");
const missing = installDebianPackages(LAB_NEEDS);
if (missing.length > 0)
  exit(1, `missing: ${missing.map(({ program, debian }) => `${program} (Debian package ${debian})`).join(", ")}`);
const args = [`--api-server=${options["api-server"]}`, ...(options.keep ? ["--keep"] : [])];
if (options["api-server"] === "real") {
  const assets = await kubeAssets();
  if (typeof assets !== "string") exit(1, `no real API server: ${assets.missing}`);
  args.push(`--assets=${assets}`);
}
const { status } = spawnSync(process.execPath, [resolve(root, "scripts/bundle.ts")], { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
// In this very process, so that a signal reaches what has to take the lab down.
const main = resolve(root, "lab/src/main.ts");
process.argv = [process.execPath, main, ...args];
await import(pathToFileURL(main).href);

function readArguments(): { readonly keep: boolean; readonly "api-server": string } {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: "boolean", default: false },
        "api-server": { type: "string", default: "embedded" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    if (!["embedded", "real"].includes(values["api-server"]))
      exit(2, `--api-server is embedded or real, not ${values["api-server"]}\n${USAGE}`);
    return values;
  } catch (error) {
    return exit(2, `${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function exit(code: number, why: string): never {
  process.stderr.write(`herald: ${why.trimEnd()}\n`);
  process.exit(code);
}
