import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "./cache-folder.ts";

const run = promisify(execFile);
const version = "v1.37.1";
const binaries = ["kube-apiserver", "kube-proxy", "etcd"] as const;
const tools = join(import.meta.dirname, "../../tools");

/** Why the control plane's binaries are not there. */
export interface MissingAssets {
  readonly missing: string;
}

async function complete(directory: string): Promise<boolean> {
  const found = await Promise.all(
    binaries.map((name) =>
      access(join(directory, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

function versionFlags(): string {
  const facts = {
    gitVersion: version,
    gitMajor: "1",
    gitMinor: "37",
    gitTreeState: "clean",
    gitCommit: "0",
    buildDate: "1970-01-01T00:00:00Z",
  };
  const sets = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries(facts).map(([name, value]) => `-X ${path}.${name}=${value}`),
  );
  return ["-s -w", ...sets].join(" ");
}

async function build(into: string, say: (line: string) => void): Promise<void> {
  const go = async (module: string, ...args: readonly string[]): Promise<void> => {
    await run("go", ["build", "-trimpath", ...args], {
      cwd: join(tools, module),
      env: { ...process.env, CGO_ENABLED: "0" },
      maxBuffer: 2 ** 26,
    });
  };
  say("building etcd (about half a minute)");
  await go("etcd", "-ldflags", "-s -w", "-o", join(into, "etcd"), "go.etcd.io/etcd/server/v3");
  say(`building kube-apiserver and kube-proxy ${version} (about four minutes)`);
  await go(
    "kube",
    "-ldflags",
    versionFlags(),
    "-o",
    `${into}/`,
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-proxy",
  );
}

/**
 * The directory that holds kube-apiserver, kube-proxy and etcd: `KUBE_ASSETS`, or the cache, built into it once with Go
 * (`HERALD_CACHE`, or `~/.cache/herald`). Other processes see the finished directory or none.
 */
export async function kubeAssets(
  say: (line: string) => void = (line) => {
    process.stderr.write(`kube-assets: ${line}\n`);
  },
): Promise<string | MissingAssets> {
  const given = process.env["KUBE_ASSETS"];
  if (given !== undefined)
    return (await complete(given))
      ? given
      : { missing: `KUBE_ASSETS=${given} does not hold all of ${binaries.join(", ")}` };
  const directory = join(cacheFolder(), `kube-${version}`);
  if (await complete(directory)) return directory;
  const hasGo = await run("go", ["version"]).then(
    () => true,
    () => false,
  );
  if (!hasGo)
    return {
      missing: `no Go to build kube-apiserver, kube-proxy and etcd with, none of them in ${directory}, and KUBE_ASSETS is not set`,
    };
  await mkdir(cacheFolder(), { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder(), "building-"));
  try {
    await build(temporary, say);
    await rm(directory, { recursive: true, force: true });
    await rename(temporary, directory);
    return directory;
  } catch (error) {
    // Another process may have finished first: its directory is as good.
    if (await complete(directory)) return directory;
    return { missing: `building failed: ${String(error)}` };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const assets = await kubeAssets();
  process.stdout.write(`${typeof assets === "string" ? assets : assets.missing}\n`);
  if (typeof assets !== "string") process.exitCode = 1;
}
