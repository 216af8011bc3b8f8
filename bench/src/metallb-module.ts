import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "@herald-lb/lab";

/** The version that Herald is measured beside. */
const VERSION = "v0.16.1";
const MODULE = `go.universe.tf/metallb@${VERSION}`;

/**
 * Builds a command inside a copy of MetalLB's module, whose allocator nobody else may import: one of its own (`./controller`), or the
 * folder `bench/peers/NAME`, which is laid into the copy. Null, with the reason written, where there is no Go or no module proxy.
 */
export function buildMetallb(name: string, command: string | null = null): string | null {
  const folder = join(cacheFolder(), "bench", `metallb-${VERSION}`);
  const binary = join(cacheFolder(), "bench", `metallb-${name}-${VERSION}`);
  try {
    copyModule(folder);
    const own = `./cmd/${name}`;
    if (command === null)
      cpSync(resolve(import.meta.dirname, "../peers", name), join(folder, own), { recursive: true });
    go(["build", "-mod=mod", "-trimpath", "-o", binary, command ?? own], folder);
    return binary;
  } catch (error) {
    process.stdout.write(`not built: MetalLB's ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

/** Copies the module out of Go's own cache, which is read-only. */
function copyModule(folder: string): void {
  if (existsSync(join(folder, "go.mod"))) return;
  const { Dir, Error: trouble } = JSON.parse(go(["mod", "download", "-json", MODULE], import.meta.dirname)) as {
    readonly Dir?: string;
    readonly Error?: string;
  };
  if (Dir === undefined) throw new Error(trouble ?? `no folder of ${MODULE}`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    cpSync(Dir, fresh, { recursive: true });
    run("chmod", ["-R", "u+w", fresh], fresh);
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function go(args: readonly string[], cwd: string): string {
  return run("go", args, cwd);
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  // One line, not one for each package: the last says enough.
  const said = (stderr.trim() === "" ? stdout : stderr).trim().split("\n").at(-1);
  throw new Error(error?.message ?? said);
}
